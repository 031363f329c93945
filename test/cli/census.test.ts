import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { mnistArchitecture } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { writeNetwork } from "../../policies/ternary/safetensors.ts";

const folder = mkdtempSync(join(tmpdir(), "census-"));
const file = join(folder, "random.safetensors");
writeFileSync(file, writeNetwork(randomNetwork(mnistArchitecture, 90, 3)));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ["--import", "tsx", "src/cli/main.ts", "census", ...args]);

test("counts all of fc, draws the histogram and writes its data", async () => {
  const out = join(folder, "out");
  const { stdout } = await run(file, "--layer", "fc", "--images", "300", "--out", out, "--json");
  const census = JSON.parse(stdout.trim().split("\n").at(-1)!);
  expect(census).toMatchObject({ layer: "fc", neighbours: 22_127_616, images: 300, task: "mnist" });
  for (const key of ["seconds", "original", "above", "equal", "below"])
    expect(census[key]).toBeTypeOf("number");
  expect(census.above + census.equal + census.below).toBeCloseTo(1, 12);
  const [svg, csv, json] = census.files.map((path: string) => readFileSync(path, "utf8"));
  // The network itself is the red line of the paper's Fig 3.
  expect(svg).toContain("#d62728");
  expect(svg).toContain(`original, ${(100 * census.original).toFixed(2)} %`);
  const counted = csv
    .trim()
    .split("\n")
    .slice(1)
    .map((line: string) => Number(line.split(",")[1]));
  expect(counted.reduce((a: number, b: number) => a + b, 0)).toBe(22_127_616);
  expect(JSON.parse(json).above).toBe(census.above);
});

test("bad input is one clear line", async () => {
  const refused = async (...args: string[]) => {
    const error = await run(...args).then(
      () => undefined,
      (reason: { stderr: string; code: number }) => reason,
    );
    expect(error?.code).toBeGreaterThan(0);
    return error!.stderr;
  };
  expect(await refused(file, "--layer", "fc1")).toMatch(
    /^tritrack census: no layer "fc1": an? (MNIST|mnist) network has 1\.0, 2\.0, fc\n$/,
  );
  expect(await refused(file, "--layer", "fc", "--images", "60001")).toBe(
    "tritrack census: --images: expected at most the 60000 of the training set, got 60001\n",
  );
  expect(await refused(file, "--layer", "fc", "--episodes", "2")).toBe(
    "tritrack census: --episodes: expected a car network, got an MNIST network\n",
  );
  expect(await refused(file, "--layer", "fc", "--out", file)).toBe(
    `tritrack census: ${file}: expected a folder, got a file\n`,
  );
});
