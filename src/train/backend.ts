/**
 * Picks the tfjs backend: @tensorflow/tfjs-node where it is installed and loads (it needs a native library that npm
 * downloads at install), else the wasm backend with our gradient kernels. The plain `cpu` backend takes hours an epoch,
 * so it is only used if it is asked for by name.
 */
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { TritrackError } from "../../env/errors.ts";
import { registerWasmKernels, type WasmBackend } from "./kernels/register.ts";

/** Names of backends as tfjs has them; "tensorflow" is that of tfjs-node. */
export type BackendName = "tensorflow" | "wasm" | "cpu";

/** No tfjs backend that can train was found. */
export class NoBackend extends TritrackError {}

const require = createRequire(import.meta.url);
let wasmReady: Promise<void> | undefined;

/**
 * Makes a backend tfjs's current one.
 * @param name a backend by name, or "auto": the fastest that loads. Default: "auto".
 * @returns the name of the backend in use
 * @throws {@link NoBackend} if it does not load or, for "auto", if none does
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
    // Otherwise the library greets on stderr, where progress and errors stand. Warnings are still written.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "1";
    // Most installations lack the package, so type checkers and bundlers must not resolve its name.
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
 * Loads without the loader's listeners for uncaught errors of the whole process: they throw errors again from minified
 * source, so that one line of error becomes a page (tfjs-backend-wasm 4.22.0).
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
