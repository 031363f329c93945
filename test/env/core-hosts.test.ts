/**
 * The hosts of docs/core.md: each drives the committed laps from nothing but the module, and must show Gymnasium's frames
 * and rewards. test/python/test_core_host.py runs the Python one where wasmtime is sure to be.
 */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { loadCommitted } from "../golden.ts";

const MODULE = "env/car-racing/core/carracing.wasm";

test.each(["driver-8", "offroad-5", "wild-3"])("docs/hosts/host.mjs on %s", (name) => {
  const golden = loadCommitted(name);
  const actions = Array.from({ length: golden.steps }, (_, k) =>
    [...(golden.action(k) as Float32Array)].join(),
  );
  const output = execFileSync(
    process.execPath,
    ["docs/hosts/host.mjs", MODULE, String(golden.seed), ...actions],
    {
      encoding: "utf8",
      maxBuffer: 2 ** 24,
    },
  );
  const lines = output.trim().split("\n");
  expect(lines.map((line) => line.split(" ")[0])).toEqual(golden.frameSha256);
  const steps = lines.slice(1).map((line) => line.split(" "));
  expect(steps.map(([, reward]) => Number(reward))).toEqual([...golden.reward]);
  const ends = steps.map(([, , terminated, truncated]) => [terminated, truncated]);
  expect(ends.pop()).toEqual([String(golden.terminated), "false"]);
  expect(ends.every((end) => end.join() === "false,false")).toBe(true);
});
