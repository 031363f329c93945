import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CorruptFile, TritrackError } from "../../env/errors.ts";
import { make } from "../../env/index.ts";
import { type Episode, formatEpisode } from "../../recordings/episode.ts";
import { writeFileAtomic } from "../../recordings/files/atomic.ts";
import { finishJournal, readEpisode, writeEpisode } from "../../recordings/files/episode-file.ts";
import { readBoundedFile } from "../../recordings/files/file-source.ts";
import { FolderSink, readRecordings, recoverJournals } from "../../recordings/files/recording-folder.ts";
import { makeRecordedEnv, verify } from "../../recordings/player.ts";
import { Recorder } from "../../recordings/recorder.ts";
import { anyEpisode } from "./fixtures.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tritrack-recordings-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const [sample] = fc.sample(anyEpisode, { numRuns: 1, seed: 2 });

async function verified(episode: Episode): Promise<void> {
  const env = await makeRecordedEnv(episode);
  verify(episode, env);
  env.close();
}

test("a recording comes back from disk", () => {
  const path = join(folder, "x.episode.json");
  writeEpisode(path, sample);
  expect(readEpisode(path)).toStrictEqual(sample);
  expect(readdirSync(folder)).toEqual(["x.episode.json"]);
});

test("a failed write keeps the old file and leaves nothing beside it", () => {
  const path = join(folder, "x.episode.json");
  writeEpisode(path, sample);
  expect(() => writeFileAtomic(path, undefined as unknown as string)).toThrow();
  expect(readEpisode(path)).toStrictEqual(sample);
  expect(readdirSync(folder)).toEqual(["x.episode.json"]);
});

test("no such file, and a file that cannot be a recording", () => {
  expect(() => readEpisode(join(folder, "none.episode.json"))).toThrow(TritrackError);
  expect(() => readEpisode(join(folder, "none.episode.json"))).toThrow(
    /none.episode.json: there is no such file$/,
  );
  writeFileSync(join(folder, "x.episode.json"), Buffer.from([0x1f, 0x8b, 0, 255]));
  expect(() => readEpisode(join(folder, "x.episode.json"))).toThrow(CorruptFile);
});

describe("a folder as a sink", () => {
  test("keeps a journal while driving and makes a recording of it at the end, under a name of its own", async () => {
    const sink = new FolderSink(join(folder, "new", "demos"));
    const env = new Recorder(await make("CarRacing-v3", { maxEpisodeSteps: 10 }), {
      driver: { kind: "policy", name: "../a b" },
      sink,
    });
    for (const _ of [1, 2]) {
      env.reset({ seed: 3 });
      env.step([0, 0, 0]);
      expect(readdirSync(join(folder, "new", "demos"))).toContainEqual(
        expect.stringMatching(/^__a_b-3(-2)?\.episode\.part$/),
      );
      for (let step = 1; step < 10; step++) env.step([0, 0, 0]);
    }
    env.close();
    expect(sink.paths.map((path) => basename(path))).toEqual([
      "__a_b-3.episode.json",
      "__a_b-3-2.episode.json",
    ]);
    expect(readdirSync(join(folder, "new", "demos")).length).toBe(2);
    await verified(readEpisode(sink.paths[0]));
  });
});

describe("a folder as a dataset", () => {
  test("is read in order; broken files are skipped and named; other files are not looked at", () => {
    writeEpisode(join(folder, "b.episode.json"), sample);
    writeEpisode(join(folder, "a.episode.json"), sample);
    writeFileSync(join(folder, "broken.episode.json"), '{"format": "tritrack-epi');
    writeFileSync(join(folder, "empty.episode.part"), "");
    writeFileSync(join(folder, "notes.json"), "{");
    const { recordings, skipped } = readRecordings(folder);
    expect(recordings.map(({ path }) => basename(path))).toEqual(["a.episode.json", "b.episode.json"]);
    expect(recordings[0].episode).toStrictEqual(sample);
    expect(skipped.length).toBe(2);
    expect(skipped[0]).toMatch(/^broken.episode.json is not a recording/);
    expect(skipped[1]).toMatch(/^empty.episode.part holds no step/);
  });

  test("skips devices, pipes, folders and links to them that have a recording's name, with a line each", () => {
    // A link to /dev/zero was read until memory was full, and a pipe waited for a writer for ever.
    writeEpisode(join(folder, "good.episode.json"), sample);
    symlinkSync(join(folder, "good.episode.json"), join(folder, "link.episode.json"));
    symlinkSync("/dev/zero", join(folder, "zero.episode.json"));
    symlinkSync("/dev/zero", join(folder, "zero.episode.part"));
    symlinkSync(join(folder, "circle.episode.json"), join(folder, "circle.episode.json"));
    symlinkSync(join(folder, "nothing"), join(folder, "dangling.episode.json"));
    mkdirSync(join(folder, "folder.episode.json"));
    execFileSync("mkfifo", [join(folder, "pipe.episode.json"), join(folder, "pipe.episode.part")]);
    const { recordings, skipped } = readRecordings(folder);
    expect(recordings.map(({ path }) => basename(path))).toEqual(["good.episode.json", "link.episode.json"]);
    const at = (name: string) => join(folder, name);
    expect(skipped).toEqual([
      `${at("circle.episode.json")}: its links lead in a circle`,
      `${at("dangling.episode.json")}: there is no such file`,
      `${at("folder.episode.json")}: expected a file, got a folder`,
      `${at("pipe.episode.json")}: expected a file, got a named pipe`,
      `${at("zero.episode.json")}: expected a file, got a device or socket`,
    ]);
    expect(recoverJournals(folder)).toEqual([]);
    expect(() => readBoundedFile(at("link.episode.json"), 1e6, { followLinks: false })).toThrow(
      new TritrackError(`${at("link.episode.json")}: expected a file, got a symbolic link`),
    );
  });

  test("of thousands of files reads them all, one open at a time", () => {
    const text = formatEpisode(sample);
    for (let i = 0; i < 5000; i++) writeFileSync(join(folder, `${i}.episode.json`), i % 2 ? text : "{");
    const { recordings, skipped } = readRecordings(folder);
    expect([recordings.length, skipped.length]).toEqual([2500, 2500]);
  });

  test("that is missing is an error", () => {
    expect(() => readRecordings(join(folder, "none"))).toThrow(/there is no folder/);
  });
});

describe("a process that is killed while it records", () => {
  /** Starts the recording process and kills it, as a crash would, once its journal has three lines. */
  async function crash(): Promise<string> {
    const script = join(import.meta.dirname, "record-until-killed.ts");
    const child = spawn(process.execPath, ["--import", "tsx", script, folder], { stdio: "inherit" });
    const journal = join(folder, "crash-5.episode.part");
    while (!existsSync(journal) || readFileSync(journal, "utf8").split("\n").length < 4) {
      expect(child.exitCode).toBeNull();
      await sleep(20);
    }
    child.kill("SIGKILL");
    await once(child, "exit");
    return journal;
  }

  test("leaves a journal that reads as an interrupted episode, replays, and becomes a recording", async () => {
    const journal = await crash();
    const [{ episode }] = readRecordings(folder).recordings;
    expect(episode.end).toBe("interrupted");
    expect(episode.rewards.length).toBeGreaterThanOrEqual(100);
    expect(episode.rewards.length % 50).toBe(0);
    await verified(episode);

    // The kill may also come in the middle of a line.
    const text = readFileSync(journal, "utf8");
    writeFileSync(journal, text.slice(0, -20));
    const torn = readEpisode(journal);
    expect(torn.rewards.length).toBe(episode.rewards.length - 50);
    await verified(torn);

    writeFileSync(join(folder, "broken.episode.part"), "{}\n{}\n");
    expect(recoverJournals(folder)).toEqual([join(folder, "crash-5.episode.json")]);
    expect(readEpisode(join(folder, "crash-5.episode.json"))).toStrictEqual(torn);
    expect(readdirSync(folder).sort()).toEqual(["broken.episode.part", "crash-5.episode.json"]);
  });
});

test("a journal without a step is removed", () => {
  const journal = join(folder, "x.episode.part");
  writeFileSync(journal, '{"format":"tritrack-epi');
  expect(finishJournal(journal)).toBeNull();
  expect(existsSync(journal)).toBe(false);
});

test("a file too large for a recording is not read", () => {
  const path = join(folder, "x.episode.json");
  writeFileSync(path, "");
  // Sparse: takes no room on disk.
  truncateSync(path, 300 * 2 ** 20);
  expect(statSync(path).size).toBe(300 * 2 ** 20);
  expect(() => readEpisode(path)).toThrow(
    new CorruptFile("x.episode.json: expected at most 50331648 bytes, got 314572800"),
  );
});
