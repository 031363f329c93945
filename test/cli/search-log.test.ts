/** The log of `tritrack search`: JSON Lines, each step in it once, however the search was interrupted. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { StepLog } from "../../src/cli/search/log.ts";

const folder = mkdtempSync(join(tmpdir(), "tritrack-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, from: number, to: number, resume: boolean): void {
  const log = new StepLog(path, resume);
  for (let step = from; step <= to; step++) log.append(step, { layer: "fc" }, step / 8);
}

const steps = (path: string): number[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line).step);

test("a resumed search writes its steps after those before its checkpoint", () => {
  const path = join(folder, "whole.jsonl");
  write(path, 1, 5, false);
  // Killed in the midst of a line; the checkpoint was of step 3.
  appendFileSync(path, '{"step":6,"lay');
  write(path, 4, 7, true);
  expect(steps(path)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  write(path, 1, 2, false);
  expect(steps(path)).toEqual([1, 2]);
});

test("a log that a resumed search is the first to ask for begins there, and has no empty line", () => {
  const path = join(folder, "late.jsonl");
  write(path, 4, 6, true);
  write(path, 6, 8, true);
  expect(steps(path)).toEqual([4, 5, 6, 7, 8]);
});
