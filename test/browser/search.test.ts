/** Tests `tritrack/search` of the built package in real Chromium: it finds exactly the networks that Node finds. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as tritrack from "../../src/index.ts";
import * as searching from "../../src/search/index.ts";
import { chromiumPath, launch } from "./chromium.ts";

const root = join(import.meta.dirname, "../..");

/** A short search on made-up digits, one with a rule of one's own, and a round of driving; run here and in the browser. */
async function searches(
  { architectures, Random, randomNetwork, SwapDrawer, writeNetwork }: typeof tritrack,
  { randomDriver, search }: typeof searching,
): Promise<{ networks: number[][]; accepted: number[] }> {
  const random = new Random(1);
  const inputs = Uint8Array.from({ length: 256 * 784 }, (_, i) => 120 + 100 * Math.sign((i % 37) - 18));
  inputs.forEach((_, i) => {
    inputs[i] += random.integers(30);
  });
  const labels = Uint8Array.from({ length: 256 }, () => random.integers(10));
  const data = { task: "mnist", inputs, labels } as const;
  const start = randomNetwork(architectures.mnist, 90, 1);
  const checkpoints: Uint8Array[] = [];
  const climbed = await search(start, {
    ...{ data, layers: ["fc"], rounds: 2, neighbours: 100 },
    onCheckpoint: (make) => void checkpoints.push(make()),
  });
  const resumed = await search(start, {
    ...{ data, layers: ["fc"], rounds: 2, neighbours: 100 },
    resume: checkpoints[0],
  });
  const walk: searching.Rule<{ swap: number }> = {
    name: "walk",
    start: ({ network, random, family }) => ({
      async step({ steps }) {
        const drawer = new SwapDrawer(network, "fc");
        drawer.apply(drawer.draw(random, family));
        return steps === 5 ? null : { log: { swap: steps }, neighbours: 1, accepted: 1, done: steps / 5 };
      },
    }),
  };
  const walked = await search(start, { data, rule: walk });
  const driven = await search(randomDriver(90, 1), {
    ...{ rule: "rounds", fitness: "both", rounds: 1, layers: ["fc1", "fc2"] },
    tracks: {
      demonstrations: [0],
      round: (round) => [1000 * round],
      ...{ heats: () => [13_100], finals: () => [15_100] },
      ...{ accuracy: [16_000], accuracyTest: [18_000], validation: [19_000] },
    },
    plan: (round, _, layers) => {
      const sweeps = layers.map((layer) => ({
        ...{ layer, singles: { removals: 50, additions: 50 }, pairs: 100 },
      }));
      return round === 0 ? [] : [{ frames: 200, outputWeights: [4, 1, 1], sweeps }];
    },
  });
  const found = [climbed, resumed, walked, driven];
  return {
    networks: found.map(({ network }) => [...writeNetwork(network)]),
    accepted: found.map(({ accepted }) => accepted),
  };
}

const hashes = (networks: readonly number[][]) =>
  networks.map((bytes) => createHash("sha256").update(Uint8Array.from(bytes)).digest("hex"));

describe.skipIf(!chromiumPath)("tritrack/search in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "tritrack-search-browser-"));
  let browser: Browser;
  beforeAll(async () => {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    // Type errors are another test's business.
    spawnSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json"), "--outDir", folder]);
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const program = `
      import * as tritrack from "./src/index.js";
      import * as searching from "./src/search/index.js";
      ${searches}
      globalThis.found = searches(tritrack, searching);`;
    writeFileSync(join(folder, "program.js"), program);
    await build({
      ...{ root: folder, logLevel: "error", configFile: false },
      build: { lib: { entry: "program.js", formats: ["iife"], name: "program", fileName: "bundle" } },
    });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  test("searches digits, resumes, runs a rule of one's own and rounds of driving, to Node's bits", async () => {
    const page = await browser.newPage();
    const errors: Error[] = [];
    page.on("pageerror", (error) => errors.push(error));
    await page.addScriptTag({ path: join(folder, "dist/bundle.iife.js") });
    const inBrowser = await page.evaluate(
      () => (globalThis as unknown as { found: ReturnType<typeof searches> }).found,
    );
    expect(errors).toEqual([]);
    const here = await searches(tritrack, searching);
    expect(hashes(inBrowser.networks)).toEqual(hashes(here.networks));
    expect(inBrowser.accepted).toEqual(here.accepted);
    expect(Math.min(...here.accepted)).toBeGreaterThan(0);
    const [climbed, resumed] = hashes(here.networks);
    expect(resumed).toBe(climbed);
  });
});
