/** Tests of the command line's output through real child processes, as people and scripts see it. */
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
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { architectures } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { writeNetwork } from "../../policies/ternary/safetensors.ts";
import { formatEpisode } from "../../recordings/episode.ts";
import { readEpisode } from "../../recordings/files/episode-file.ts";
import { readRecordings } from "../../recordings/files/recording-folder.ts";

/** The children run in another folder, from which "tsx" alone would not be found. */
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const main = join(import.meta.dirname, "../../src/cli/main.ts");
let folder: string;
let car: string;
let mnist: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tritrack-cli-"));
  car = join(folder, "car.safetensors");
  mnist = join(folder, "mnist.safetensors");
  writeFileSync(car, writeNetwork(randomNetwork(architectures.car, 90, 1)));
  writeFileSync(mnist, writeNetwork(randomNetwork(architectures.mnist, 90, 1)));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(...args: string[]): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, ["--import", tsx, main, ...args], { cwd: folder });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (text) => (output[stream] += text));
  return { child, finished: once(child, "close").then(([code]) => ({ code, ...output })) };
}

function run(...args: string[]): Promise<Finished> {
  return start(...args).finished;
}

/** The object that `--json` prints, of a command that succeeds. */
async function json(...args: string[]) {
  const { code, stdout, stderr } = await run(...args, "--json");
  expect(stderr).not.toMatch(/error/i);
  expect(code).toBe(0);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
}

async function until(condition: () => boolean, child: ChildProcess): Promise<void> {
  while (!condition()) {
    expect(child.exitCode).toBeNull();
    await sleep(20);
  }
}

describe("help", () => {
  const names = [
    "quickstart",
    "drive",
    "demos",
    "train",
    "search",
    "census",
    "eval",
    "render",
    "paper",
    "export",
    "import",
    "serve",
    "worker",
    "inspect",
  ];

  test("lists every command", async () => {
    const { code, stdout } = await run("--help");
    expect(code).toBe(0);
    expect([...stdout.matchAll(/^ {2}(\w+) \[options\]/gm)].map(([, name]) => name)).toEqual(names);
  });

  test.each(names)("of %s says how it is called, with examples of itself", async (name) => {
    const { code, stdout } = await run(name, "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: tritrack ${name} `));
    expect(stdout).toMatch(new RegExp(`\nExamples:\n  # .+\n  \\$ tritrack ${name}\\b`));
    expect(stdout).toContain("--json");
  });

  test("lists options of one task under a heading of their own", async () => {
    const { stdout } = await run("census", "--help");
    expect(stdout).toMatch(/\nOptions for MNIST:\n {2}--set [\s\S]*\nOptions for the car:\n {2}--demos /);
  });
});

describe("bad input: one line, exit code 1, nothing on stdout", () => {
  const cases: [what: string, args: string[], line: RegExp][] = [
    ["an unknown command", ["steer"], /^tritrack: unknown command "steer": expected .*eval/],
    ["an unknown option", ["eval", "expert", "--sedes", "3"], /^tritrack eval: unknown option '--sedes'/],
    [
      "an unknown driver",
      ["eval", "stig"],
      /^tritrack eval: driver: expected expert, teacher, random, FILE\.safetensors or zoo:NAME, got "stig"$/m,
    ],
    [
      "backward seeds",
      ["eval", "random", "--seeds", "9-3"],
      /^tritrack eval: seeds: expected a range that runs upwards/,
    ],
    [
      "a number that is none",
      ["demos", "--out", "d", "--episodes", "many"],
      /^tritrack demos: --episodes: expected a whole number from 1 up, got "many"$/m,
    ],
    [
      "a missing file",
      ["eval", "none.safetensors"],
      /^tritrack eval: none.safetensors: there is no such file/,
    ],
    ["a file that is no network", ["inspect", "broken.safetensors"], /^tritrack inspect: broken.safetensors/],
    [
      "a broken recording",
      ["render", "x.episode.json", "--out", "x.mp4"],
      /^tritrack render: x.episode.json is not a recording/,
    ],
    [
      "an MNIST network at the wheel",
      ["render", "mnist.safetensors", "--out", "x.mp4"],
      /^tritrack render: network: expected a car network, got an MNIST network$/m,
    ],
    [
      "a video of another kind",
      ["render", "random", "--out", "x.avi"],
      /expected NAME.mp4, NAME.gif or a folder/,
    ],
    [
      "an output in a missing folder",
      ["search", "car.safetensors", "--out", "no/x.safetensors"],
      /there is no folder no/,
    ],
    [
      "an export into a missing folder",
      ["export", "car.safetensors", "--onnx", "no/x.onnx"],
      /^tritrack export: no\/x.onnx: there is no folder no$/m,
    ],
    [
      "an export of another kind",
      ["export", "car.safetensors", "--onnx", "x.txt"],
      /^tritrack export: --onnx: expected FILE\.onnx, got "x\.txt"$/m,
    ],
    [
      // The error came only when the work was done, which was lost.
      "a folder in the place of an output",
      ["train", "mnist", "--out", "folder.safetensors"],
      /^tritrack train: --out folder\.safetensors: expected a file, got a folder$/m,
    ],
    [
      "a log in a missing folder",
      ["search", "mnist.safetensors", "--images", "8", "--log", "no/x.jsonl", "--out", "x.safetensors"],
      /no\/x.jsonl: there is no folder no$/m,
    ],
    [
      "a choice that is none",
      ["eval", "expert", "--physics", "moon"],
      /^tritrack eval: --physics: expected exact, box2d-wasm, got "moon"$/m,
    ],
    [
      "an argument that is none",
      ["train", "boat", "--out", "x.safetensors"],
      /^tritrack train: task: expected car, mnist, got "boat"$/m,
    ],
    [
      "no thread at all",
      ["eval", "expert", "--workers", "0"],
      /^tritrack eval: --workers: expected a whole number from 1 up, got "0"$/m,
    ],
    [
      "a network of the zoo that is not there",
      ["inspect", "zoo:../x"],
      /^tritrack inspect: network: expected zoo:.*, got "zoo:\.\.\/x"$/m,
    ],
    [
      "tracks for an MNIST network",
      ["eval", "mnist.safetensors", "--seeds", "1"],
      /^tritrack eval: --seeds: expected a car network, got an MNIST network$/m,
    ],
    [
      "a module that does not load",
      ["serve", "--register", "./none.js"],
      /^tritrack serve: cannot load the module .*none.js: /,
    ],
    [
      "a report where a file is",
      ["eval", "random", "--seeds", "1", "--report", "car.safetensors"],
      /^tritrack eval: .*car.safetensors: expected a folder, got a file$/m,
    ],
    [
      "an MNIST network to race",
      ["drive", "--no-open", "--port", "0", "zoo:mnist-90"],
      /mnist-90.safetensors: expected a network that drives, got one for mnist$/m,
    ],
    [
      "a search from nowhere",
      ["search", "--out", "x.safetensors"],
      /give either a network file or --init random/,
    ],
  ];
  test.concurrent.each(cases)("%s", async (_, args, line) => {
    writeFileSync(join(folder, "broken.safetensors"), "not a network");
    mkdirSync(join(folder, "folder.safetensors"), { recursive: true });
    writeFileSync(join(folder, "x.episode.json"), '{"format"');
    const { code, stdout, stderr } = await run(...args);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split("\n").length).toBe(1);
    expect(stdout).toBe("");
    expect(code).toBe(1);
  });
});

test.concurrent.each(["serve", "drive"])("%s ends where the port is taken", async (command) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await run(command, "--port", String(port));
  expect(stderr).toBe(`tritrack ${command}: cannot listen on 127.0.0.1 port ${port}: the port is taken\n`);
  expect(code).toBe(1);
  other.close();
});

test("a folder without recordings to learn from is refused, and nothing is left behind", async () => {
  mkdirSync(join(folder, "no-demos"));
  const { code, stderr } = await run("train", "car", "--demos", "no-demos", "--out", "none.safetensors");
  expect(stderr).toBe("tritrack train: no-demos: expected recordings to learn from, got none\n");
  expect(code).toBe(1);
  expect(readdirSync(folder).filter((file) => file.startsWith("none"))).toEqual([]);
});

test("a recording that does not replay is named, and nothing is left behind", async () => {
  // The messages named neither file nor folder.
  await json("demos", "--driver", "random", "--episodes", "1", "--seed", "43", "--out", "changed");
  const path = join("changed", "random-43.episode.json");
  const file = join(folder, path);
  writeFileSync(file, readFileSync(file, "utf8").replace('"seed": 43', '"seed": 44'));
  const commands = [
    "train car --demos changed --out changed.safetensors",
    "search zoo:car-90 --demos changed --out changed.safetensors",
    "export changed --npz changed.npz",
    "export changed --minari changed-v0",
    `render expert ${path} --scale 0.1 --out changed.mp4`,
  ];
  for (const command of commands) {
    const { code, stderr } = await run(...command.split(" "));
    expect(stderr.split("\n").at(-2)).toMatch(
      new RegExp(
        `^tritrack \\w+: ${path}: replay differs at step 0: reward is [-.\\d]+, recorded [-.\\d]+ \\(.*\\)$`,
      ),
    );
    expect(code).toBe(1);
  }
  expect(readdirSync(folder).filter((name) => name.startsWith("changed"))).toEqual(["changed"]);
});

test("demonstrations are recorded, replay, become a video, and are not driven twice", async () => {
  const demos = ["demos", "--driver", "random", "--seed", "40", "--out", "demos"];
  const first = await json(...demos, "--episodes", "1");
  expect(first).toMatchObject({ driver: "random", episodes: 1, recorded: 1 });
  const second = await json(...demos, "--episodes", "2");
  expect(second).toMatchObject({ episodes: 2, recorded: 1 });
  expect(second.frames).toBeGreaterThan(first.frames);

  const [path] = readdirSync(join(folder, "demos")).filter((name) => name.includes("-40."));
  const recording = join("demos", path);
  const inspected = await json("inspect", recording, "--verify");
  expect(inspected).toMatchObject({
    seed: 40,
    steps: first.frames,
    verified: true,
    driver: { kind: "random" },
  });

  const video = await json("render", recording, "--out", "lap.mp4", "--fps", "5", "--scale", "0.25");
  expect(video).toMatchObject({
    frames: Math.ceil(first.frames / 10),
    width: 150,
    height: 100,
    rewards: [inspected.reward],
  });
  expect(readFileSync(join(folder, "lap.mp4")).toString("latin1", 4, 8)).toBe("ftyp");
});

test("Ctrl-C ends demonstrations after the episode, and the same command resumes", async () => {
  const demos = ["demos", "--driver", "random", "--out", "long", "--episodes"];
  const { child, finished } = start(...demos, "1000");
  const recordings = () =>
    existsSync(join(folder, "long")) ? readRecordings(join(folder, "long")).recordings : [];
  await until(() => recordings().length > 0, child);
  child.kill("SIGINT");
  const { code, stderr } = await finished;
  expect(code).toBe(130);
  expect(stderr).toMatch(/^stopping after this episode; the same command resumes after it$/m);
  const kept = recordings();
  expect(kept.every(({ episode }) => episode.end !== "interrupted")).toBe(true);
  const again = await json(...demos, String(kept.length));
  expect(again).toMatchObject({ episodes: kept.length, recorded: 0 });
});

test("eval reports the keys that scripts read", async () => {
  const result = await json("eval", "car.safetensors", "--seeds", "3,5-6");
  expect(result.seeds).toEqual([3, 5, 6]);
  expect(result.rewards.length).toBe(3);
  expect(result.episodes).toBe(3);
  for (const key of ["mean", "sd", "min", "max", "laps", "steps", "stepsPerSecond"])
    expect(result[key]).toBeTypeOf("number");
  expect(result.policy).toBe("car");
});

test("inspect shows the steps that a person corrected", async () => {
  await json("demos", "--driver", "random", "--seed", "41", "--out", "corrected");
  const [name] = readdirSync(join(folder, "corrected"));
  const path = join(folder, "corrected", name);
  const corrections = [
    [3, 5],
    [9, 12],
  ] as const;
  writeFileSync(path, formatEpisode({ ...readEpisode(path), corrections }));
  expect(await json("inspect", path)).toMatchObject({ corrections, correctedSteps: 5 });
  const [one, all] = await Promise.all([run("inspect", path), run("inspect", "corrected")]);
  expect(one.stdout).toMatch(/^corrected {2}5 of \d+ steps by a person: 3–4, 9–11$/m);
  expect(all.stdout).toMatch(/reward +corrected +end\n.* 5 +\w+\n/);
});

test("inspect lists the layers of a network", async () => {
  const { task, sparsity, layers } = await json("inspect", car);
  expect(task).toBe("car");
  expect(sparsity).toBeCloseTo(90, 1);
  expect(layers.map((layer: { name: string }) => layer.name)).toEqual(["1.0", "2.0", "fc1", "fc2"]);
});

test("an interrupted search resumes from its checkpoint to the result of an uninterrupted one", async () => {
  const options = "--rule paper --layers fc --images 512 --rounds 10 --neighbours 64 --seed 3".split(" ");
  const search = (out: string) => ["search", "mnist.safetensors", ...options, "--out", out];
  const whole = await json(...search("whole.safetensors"));

  const { child, finished } = start(...search("parts.safetensors"));
  await until(
    () => existsSync(join(folder, "parts.checkpoint.safetensors")) || child.exitCode !== null,
    child,
  );
  child.kill("SIGINT");
  expect((await finished).code).toBe(130);
  const resumed = await json(...search("parts.safetensors"), "--resume");
  for (const key of ["task", "fitness", "layers", "before", "after", "neighbours", "accepted"])
    expect(resumed[key]).toEqual(whole[key]);
  expect(readFileSync(join(folder, "parts.safetensors"))).toEqual(
    readFileSync(join(folder, "whole.safetensors")),
  );
  expect(existsSync(join(folder, "parts.checkpoint.safetensors"))).toBe(false);
});
