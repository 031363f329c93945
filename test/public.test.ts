/** The names that the package promises, and those that it keeps to itself. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as env from "../env/index.ts";
import * as policies from "../policies/index.ts";
import * as tritrack from "../src/index.ts";
import * as node from "../src/node.ts";

const exported = new Map<string, unknown>(Object.entries({ ...tritrack, ...node }));

test("the library can do everything that the command line can", () => {
  const promised = ["evaluate", "runEpisode", "episodeSteps", "recordEpisodes", "framesOfRecording"];
  for (const name of [...promised, "joinDemonstrations", "parseSeeds", "tracks"])
    expect(typeof exported.get(name), name).toBe("function");
  const formats = ["writeOnnx", "readMinari", "writeMinari", "episodeFromNpz", "episodeToNpz"];
  for (const name of ["evaluateInWorkers", "loadMnist", ...formats])
    expect(typeof exported.get(name), name).toBe("function");
});

test("internals are not exported", () => {
  const internal = [
    "parseStart",
    "journalStartLine",
    "journalChunkLine",
    "temporaryName",
    "summarize",
    "makeFor",
  ];
  expect(internal.filter((name) => exported.has(name))).toEqual([]);
});

test("environments and policies are there as their rooms export them", () => {
  // dtypeOf is a helper of the spaces.
  const { dtypeOf: _, ...rooms } = { ...env, ...policies };
  expect(tritrack).toMatchObject(rooms);
});

test("exports are named one by one", () => {
  for (const file of ["index.ts", "node.ts", "train/index.ts"])
    expect(readFileSync(join(import.meta.dirname, "../src", file), "utf8")).not.toContain("export *");
});
