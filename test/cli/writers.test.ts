/** Commands that write: one at a time in a folder or file, and after a kill the same command ends at the same files. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatEpisode } from "../../recordings/episode.ts";
import { temporaryName } from "../../recordings/files/atomic.ts";
import { readEpisode } from "../../recordings/files/episode-file.ts";
import { lockFile, lockFolder } from "../../recordings/files/lock.ts";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const main = join(import.meta.dirname, "../../src/cli/main.ts");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tritrack-writers-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Finished {
  code: number | null;
  stderr: string;
}

function start(...args: string[]): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, ["--import", tsx, main, ...args], { cwd: folder });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  return { child, finished: once(child, "close").then(([code]) => ({ code, stderr })) };
}

function run(...args: string[]): Promise<Finished> {
  return start(...args).finished;
}

async function until(condition: () => boolean, child: ChildProcess): Promise<void> {
  while (!condition()) {
    expect(child.exitCode).toBeNull();
    await sleep(5);
  }
}

/** Names and bytes of the files in a folder. */
function contents(name: string): Record<string, string> {
  const path = join(folder, name);
  return Object.fromEntries(
    readdirSync(path)
      .sort()
      .map((file) => [file, readFileSync(join(path, file), "utf8")]),
  );
}

const DEMOS = ["demos", "--driver", "teacher", "--noise", "0.2", "--seed", "40", "--episodes", "2", "--out"];

// Regression: the second run took the first one's journal, and both lost the episode.
test("a second demos on a folder in use is refused, and the first one loses nothing", async () => {
  const first = start(...DEMOS, "used");
  await until(() => existsSync(join(folder, "used", "teacher-40.episode.part")), first.child);
  const second = await run(...DEMOS, "used");
  expect(second).toEqual({
    code: 1,
    stderr: `tritrack demos: used: expected no other writer, got process ${first.child.pid}; wait until it has ended or choose another place\n`,
  });
  expect((await first.finished).code).toBe(0);
  expect(Object.keys(contents("used"))).toEqual(["teacher-40.episode.json", "teacher-41.episode.json"]);
});

// Regression: the rerun kept the interrupted episode beside the new one, and training counted its steps twice.
test("demos killed in an episode ends at the files of an uninterrupted run", async () => {
  expect((await run(...DEMOS, "whole")).code).toBe(0);
  const killed = start(...DEMOS, "killed");
  const journal = join(folder, "killed", "teacher-41.episode.part");
  await until(
    () => existsSync(journal) && readFileSync(journal, "utf8").split("\n").length > 3,
    killed.child,
  );
  killed.child.kill("SIGKILL");
  await killed.finished;
  expect(Object.keys(contents("killed"))).toContain("teacher-41.episode.part");
  expect((await run(...DEMOS, "killed")).code).toBe(0);
  expect(contents("killed")).toEqual(contents("whole"));
});

test("demos keeps interrupted episodes that it cannot drive again: of another driver, and those a person corrected", async () => {
  expect((await run(...DEMOS, "kept")).code).toBe(0);
  const path = join(folder, "kept", "teacher-40.episode.json");
  const episode = readEpisode(path);
  const interrupted = { ...episode, end: "interrupted" } as const;
  const others = {
    "human-40": { ...interrupted, driver: { kind: "human", name: "human" } as const },
    "teacher-40-2": { ...interrupted, corrections: [[3, 5]] as const },
    "teacher-40-3": interrupted,
  };
  for (const [name, other] of Object.entries(others))
    writeFileSync(join(folder, "kept", `${name}.episode.json`), formatEpisode(other));
  expect((await run(...DEMOS, "kept")).code).toBe(0);
  expect(Object.keys(contents("kept"))).toEqual(
    ["human-40", "teacher-40-2", "teacher-40", "teacher-41"].map((name) => `${name}.episode.json`),
  );
});

test("a billion episodes begin at once, and SIGTERM ends them after the episode at hand", async () => {
  const { child, finished } = start(
    "demos",
    "--driver",
    "random",
    "--episodes",
    "1000000000",
    "--out",
    "many",
  );
  await until(() => existsSync(join(folder, "many", "random-1.episode.json")), child);
  child.kill("SIGTERM");
  const { code, stderr } = await finished;
  expect(code).toBe(130);
  expect(stderr).toMatch(/^stopping after this episode; the same command resumes after it$/m);
  expect(readdirSync(join(folder, "many")).filter((name) => !name.endsWith(".episode.json"))).toEqual([]);
});

// Regression: the message was "an observation to hash must be a typed array".
test.runIf(process.platform === "linux")("a folder in which nothing can be written is named", async () => {
  const { code, stderr } = await run("demos", "--out", "/sys");
  expect(stderr).toMatch(/^tritrack demos: \/sys: (no permission|the file system is read-only)\n$/);
  expect(code).toBe(1);
});

// Regression: a second training removed the checkpoint of the first, and both wrote the network.
test("paper and quickstart refuse a folder in use; render, train and search an output in use", async () => {
  mkdirSync(join(folder, "busy"));
  const files = ["busy.mp4", "busy.safetensors"];
  const locks = [lockFolder(join(folder, "busy")), ...files.map((file) => lockFile(join(folder, file)))];
  const busy = (name: string) =>
    `${name}: expected no other writer, got process ${process.pid}; wait until it has ended or choose another place\n`;
  for (const [args, name] of [
    [["paper", "--only", "fig1", "--out", "busy"], "busy"],
    [["paper", "--only", "fig1", "--share", "1/2", "--out", "busy"], "busy"],
    [["quickstart", "--out", "busy"], "busy"],
    [["render", "random", "--out", "busy.mp4"], "busy.mp4"],
    [["train", "mnist", "--out", "busy.safetensors"], "busy.safetensors"],
    [["train", "car", "--out", "busy.safetensors", "--resume"], "busy.safetensors"],
    [["search", "zoo:mnist-90", "--out", "busy.safetensors"], "busy.safetensors"],
  ] as const) {
    const { code, stderr } = await run(...args);
    expect(stderr).toBe(`tritrack ${args[0]}: ${busy(name)}`);
    expect(code).toBe(1);
  }
  for (const lock of locks) lock.release();
  expect(readdirSync(join(folder, "busy"))).toEqual([]);
});

test("two shares of paper work in one folder at once", async () => {
  const lock = lockFolder(mkdtempSync(join(folder, "shares-")), "share-2-of-2");
  const name = readdirSync(folder).find((one) => one.startsWith("shares-"))!;
  const { code } = await run("paper", "--only", "fig1", "--quick", "--share", "1/2", "--out", name);
  expect(code).toBe(0);
  lock.release();
});

// Regression: ffmpeg took "12" for a protocol.
test("render takes a name with a colon, and removes what killed renders of it left", async () => {
  const dead = temporaryName("12:30.mp4").replace(/-\d+-/, `-${2 ** 22 + 1}-`);
  writeFileSync(join(folder, dead), "half a video");
  const { code, stderr } = await run(
    ..."render random --seed 3 --fps 1 --scale 0.1 --out 12:30.mp4".split(" "),
  );
  expect(stderr).not.toMatch(/tritrack render:/);
  expect(code).toBe(0);
  expect(readdirSync(folder).filter((name) => name.includes("12:30"))).toEqual(["12:30.mp4"]);
  expect(readFileSync(join(folder, "12:30.mp4")).toString("latin1", 4, 8)).toBe("ftyp");
});

// Regression: train looked for names that temporary files no longer had.
test.each([
  ["train", "mnist", "--images", "500", "--epochs", "1"],
  ["search", "zoo:mnist-90", "--images", "500", "--budget", "100"],
])("%s removes the temporary files that killed runs left", async (...args) => {
  const out = `swept-${args[0]}.safetensors`;
  const left = [out, `${out}.checkpoint`, out.replace(/safetensors$/, "checkpoint.safetensors")];
  const names = left.map((name) => temporaryName(name).replace(/-\d+-/, `-${2 ** 22 + 1}-`));
  const isOfTrain = args[0] === "train";
  for (const [i, name] of names.entries())
    if (i === 0 || (i === 1) === isOfTrain) writeFileSync(join(folder, name), "half a file");
  const { code } = await run(...args, "--out", out);
  expect(code).toBe(0);
  expect(readdirSync(folder).filter((name) => name.startsWith(".swept"))).toEqual([]);
});

test("a network file above 2 GiB is one line", async () => {
  const path = join(folder, "large.safetensors");
  writeFileSync(path, "");
  // Sparse: takes no room on disk.
  truncateSync(path, 3 * 2 ** 30);
  const { code, stderr } = await run("inspect", "large.safetensors");
  expect(stderr).toBe(
    "tritrack inspect: large.safetensors: expected at most 50331648 bytes, got 3221225472\n",
  );
  expect(code).toBe(1);
});

test("a process out of file handles says so in a line", async () => {
  const from = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, "../..", path)).href);
  const script = `
    const { openSync } = await import("node:fs");
    const { writeFileAtomic } = await import(${from("recordings/files/atomic.ts")});
    const { reportError } = await import(${from("src/cli/common/errors.ts")});
    try { for (;;) openSync("/dev/null"); } catch {}
    try { writeFileAtomic("x.json", ""); } catch (error) { reportError(error, "tritrack demos", false); }`;
  const command = `ulimit -n 100 && exec "$0" --import ${tsx} --input-type module -e "$1"`;
  const child = spawn("sh", ["-c", command, process.execPath, script], { cwd: folder });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  const [code] = await once(child, "close");
  expect(stderr).toBe("tritrack demos: x.json: too many open files (ulimit -n shows the limit)\n");
  expect(code).toBe(1);
});
