/**
 * Picks what tfjs computes on: @tensorflow/tfjs-node where it is installed and loads (it needs a native library that
 * npm downloads at install), else the wasm backend with our gradient kernels. The plain `cpu` backend takes hours an
 * epoch and serves only who asks for it by name.
 */
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { TritrackError } from "../../env/errors.ts";
import { registerWasmKernels, type WasmBackend } from "./kernels/register.ts";

/** "tensorflow" is tfjs-node's own name for its backend. */
export type BackendName = "tensorflow" | "wasm" | "cpu";

/** No tfjs backend that could train was found. */
export class NoBackend extends TritrackError {}

const require = createRequire(import.meta.url);
let wasmReady: Promise<void> | undefined;

/**
 * Makes a backend tfjs's current one.
 *
 * @param name a backend by name, or "auto": the fastest that loads
 * @returns the name of the backend in use
 * @throws NoBackend if the one asked for (or, for "auto", every one) does not load
 */
export async function useBackend(name: BackendName | "auto" = "auto"): Promise<BackendName> {
  if (name !== "auto" && !(name in start)) {
    throw new NoBackend(`backend: expected auto, ${Object.keys(start).join(", ")}; got ${name}`);
  }
  const candidates: readonly BackendName[] = name === "auto" ? ["tensorflow", "wasm"] : [name];
  const reasons: string[] = [];
  for (const candidate of candidates) {
    try {
      await start[candidate]();
      return candidate;
    } catch (error) {
      reasons.push(`${candidate}: ${(error as Error).message.split("\n", 1)[0]}`);
    }
  }
  throw new NoBackend(`no tfjs backend to train on (${reasons.join("; ")})`);
}

const start: Record<BackendName, () => Promise<void>> = {
  async tensorflow() {
    restoreUtil();
    // The library greets on stderr otherwise, where progress and errors stand; its warnings stay.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "1";
    // Absent from most installations, so its name must not be resolved by the type checker or a bundler.
    const packageName = "@tensorflow/tfjs-node";
    await import(packageName);
    await select("tensorflow");
  },
  async wasm() {
    await (wasmReady ??= startWasm());
    await select("wasm");
  },
  async cpu() {
    await import("@tensorflow/tfjs-backend-cpu");
    await select("cpu");
  },
};

async function startWasm(): Promise<void> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  const binary = require.resolve("@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm");
  setWasmPaths(dirname(binary) + sep);
  await withoutNewListeners(() => select("wasm"));
  if (!(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"))) throw new Error("WebAssembly SIMD is missing");
  await registerWasmKernels(tf.backend() as WasmBackend);
}

/**
 * The backend's loader listens for uncaught errors of the whole process and throws them again from its own minified
 * source, so that one line of error becomes a page. Its listeners are taken off.
 */
async function withoutNewListeners(load: () => Promise<void>): Promise<void> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as never)));
  await load();
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as never) as never[]) {
      if (!before[i].has(listener)) process.removeListener(event, listener);
    }
  });
}

async function select(name: BackendName): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error("did not start");
}

/** tfjs-node 4.22 calls two functions of node:util that Node 23 removed. */
function restoreUtil(): void {
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  old.isArray ??= Array.isArray;
}
