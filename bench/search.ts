/**
 * First neighbours a second by delta evaluation, layer by layer, and images a second of the full integer forward pass,
 * of a 90 %-sparse MNIST network on 10,000 images with one thread. The reference is the same network's full forward
 * pass in PyTorch on one thread, where TRITRACK_PYTHON names a Python that has it; a neighbour costs it 10,000 images.
 * Bars, as multiples of the reference: fc 20,000, 2.0 1,500, 1.0 25, forward 6. The census of all 22,127,616 neighbours
 * in fc has a bar of 3 seconds, and of 15 on 60,000 images (`--images 55000` measures most of these).
 *
 *     TRITRACK_PYTHON=python3 npm run bench:search -- [--images 10000] [--json]
 *
 * `--json` puts one object on the last line, `rows: [{name, unit, value, reference, referenceValue, ratio}]`.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "../env/random.ts";
import { inferBatch } from "../policies/ternary/forward.ts";
import { mnistArchitecture, type TernaryNetwork } from "../policies/ternary/network.ts";
import { randomNetwork } from "../policies/ternary/random.ts";
import { writeNetwork } from "../policies/ternary/safetensors.ts";
import { SwapDrawer } from "../policies/ternary/swap.ts";
import { sliceExamples } from "../src/data/examples.ts";
import { loadMnist } from "../src/data/mnist-node.ts";
import { census } from "../src/search/census/census.ts";
import { DeltaEngine } from "../src/search/engine/delta-engine.ts";
import { bestRate, printRows } from "./common.ts";

const { values } = parseArgs({
  options: { images: { type: "string", default: "10000" }, json: { type: "boolean", default: false } },
});
const { inputs: images, labels } = firstImages(Number(values.images));
const network = randomNetwork(mnistArchitecture, 90, 1);

/** The first test images, or training images where more than the test set has are wanted. */
function firstImages(count: number) {
  const { train, test } = loadMnist();
  return sliceExamples(count > test.labels.length ? train : test, 0, count);
}

const engine = await DeltaEngine.create(network, { task: "mnist", inputs: images, labels }, ["1.0"]);
const random = new Random(1);
const measured: { name: string; unit: string; value: number }[] = [];
for (const [layer, count] of [
  ["fc", 20_000],
  ["2.0", 1000],
  ["1.0", 30],
] as const) {
  const drawer = new SwapDrawer(network, layer);
  const swaps = Array.from({ length: count }, () => drawer.draw(random, "same"));
  const value = await bestRate(() => engine.neighbours("accuracy", layer, swaps).length);
  measured.push({ name: `search/${layer}`, unit: "neighbours/s", value });
}
const forward = await bestRate(async () => {
  await inferBatch(network, images);
  return labels.length;
});
measured.push({ name: "search/forward", unit: "images/s", value: forward });

let neighbours = 0;
const censuses = await bestRate(async () => {
  neighbours = (await census(network, { task: "mnist", inputs: images, labels }, { layer: "fc" })).neighbours;
  return 1;
});
measured.push({ name: "search/census-fc", unit: "seconds", value: 1 / censuses });

const reference = await pytorch(network, images);
const rows = measured.map(({ name, unit, value }) => {
  const passes = reference && reference / labels.length;
  const referenceValue =
    passes && (unit === "images/s" ? reference : unit === "seconds" ? neighbours / passes : passes);
  return {
    name,
    unit,
    value,
    reference: reference === null ? null : "pytorch",
    referenceValue,
    ratio: referenceValue && (unit === "seconds" ? referenceValue / value : value / referenceValue),
  };
});
if (reference === null) console.error("no reference: set TRITRACK_PYTHON to a Python that has PyTorch");
printRows(rows, values.json);

/**
 * Images a second of PyTorch, or null without it.
 * @throws Error when PyTorch gives other digits than ours for more than one in a thousand images
 */
async function pytorch(network: TernaryNetwork, images: Uint8Array): Promise<number | null> {
  const python = process.env.TRITRACK_PYTHON;
  if (!python) return null;
  const folder = mkdtempSync(join(tmpdir(), "bench-search-"));
  try {
    writeFileSync(join(folder, "network.safetensors"), writeNetwork(network));
    writeFileSync(join(folder, "images"), images);
    const script = fileURLToPath(new URL("search_reference.py", import.meta.url));
    const { status, stdout, stderr } = spawnSync(
      python,
      [script, join(folder, "network.safetensors"), join(folder, "images")],
      { encoding: "utf8", maxBuffer: 2 ** 26 },
    );
    if (status !== 0) throw new Error(`${python} ${script}: expected exit code 0, got ${status}: ${stderr}`);
    const { imagesPerSecond, classes } = JSON.parse(stdout) as { imagesPerSecond: number; classes: number[] };
    const outputs = await inferBatch(network, images);
    const same = classes.filter((c, i) => {
      const row = outputs.subarray(i * 10, i * 10 + 10);
      return row.indexOf(Math.max(...row)) === c;
    }).length;
    if (same < 0.999 * classes.length)
      throw new Error(`PyTorch: expected the same digits on ${classes.length} images, got ${same}`);
    return imagesPerSecond;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
