import { expect, test } from "vitest";
import { Random } from "../../../env/random.ts";
import {
  type Architecture,
  architectures,
  cloneNetwork,
  mnistArchitecture,
  type TernaryNetwork,
} from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { applySwap, type Family, type Swap, SwapDrawer } from "../../../policies/ternary/swap.ts";
import { type MnistExamples, sliceExamples } from "../../../src/data/examples.ts";
import { loadMnist } from "../../../src/data/mnist-node.ts";
import { census, neighbourCount } from "../../../src/search/census/census.ts";
import { kernelCounter, plainCounter, type Question } from "../../../src/search/census/counter.ts";
import { tallyNeighbours } from "../../../src/search/census/exhaustive.ts";
import { DeltaEngine, measureNetwork } from "../../../src/search/engine/delta-engine.ts";

import { carData } from "../search-data.ts";

function digits(from: number, to: number): MnistExamples {
  return sliceExamples(loadMnist().train, from, to);
}

/** One convolution and 8 inputs of fc: small enough to evaluate all neighbours whole. */
const small: Architecture = {
  ...mnistArchitecture,
  layers: [
    { kind: "conv", name: "1.0", in: 1, out: 2, kernel: 5, stride: 1, pad: 2, pool: 14 },
    { kind: "dense", name: "fc", in: 8, out: 10 },
  ],
};

/** Right answers of every neighbour by a full forward pass each, as a tally. */
async function byBruteForce(network: TernaryNetwork, data: MnistExamples, family: Family) {
  const counts = new Float64Array(data.labels.length + 1);
  const weights = network.weights.fc;
  for (const [remove, removedSign] of weights.entries())
    for (const [add, weight] of weights.entries()) {
      if (removedSign === 0 || weight !== 0) continue;
      for (const sign of family === "free" ? [1, -1] : [removedSign]) {
        const neighbour = cloneNetwork(network);
        applySwap(neighbour, { layer: "fc", remove, add, sign, removedSign } as Swap);
        counts[Math.round((await measureNetwork(neighbour, data, "accuracy")) * data.labels.length)]++;
      }
    }
  return counts;
}

test("the census of fc equals full evaluations of all its neighbours, ties included", async () => {
  const data = digits(0, 60);
  for (const [sparsity, seed, family] of [
    [90, 1, "same"],
    [90, 2, "free"],
    [50, 3, "same"],
    // Nearly all sums are equal here: the first class wins.
    [97, 4, "free"],
  ] as const) {
    const network = randomNetwork(small, sparsity, seed);
    const expected = await byBruteForce(network, data, family);
    const { counts, original } = await tallyNeighbours(network, data, { family });
    expect(counts).toEqual(expected);
    expect(original / 60).toBe(await measureNetwork(network, data, "accuracy"));
    const twin = await tallyNeighbours(network, data, { family, counter: plainCounter });
    expect(twin.counts).toEqual(expected);
  }
});

test("the census of MNIST's fc layer holds 22,127,616 neighbours, of which samples by delta evaluation are a part", async () => {
  const data = digits(0, 1000);
  const network = randomNetwork(mnistArchitecture, 90, 7);
  const seen: number[] = [];
  const all = await census(network, data, { layer: "fc", onProgress: (done) => void seen.push(done) });
  expect(all.neighbours).toBe(22_127_616);
  expect(all.population).toBe(22_127_616);
  expect(all.above + all.equal + all.below).toBeCloseTo(1, 12);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const engine = await DeltaEngine.create(network, data, ["fc"]);
  expect(all.original).toBe(engine.measure("accuracy"));
  // Shares of 20,000 drawn neighbours: within five standard errors.
  const sampled = await census(network, data, { layer: "fc", sample: 20_000, seed: 1 });
  expect(sampled.neighbours).toBe(20_000);
  for (const key of ["above", "equal", "below"] as const)
    expect(Math.abs(sampled[key] - all[key])).toBeLessThan(5 * Math.sqrt(0.25 / 20_000));
  expect(sampled.best).toBeLessThanOrEqual(all.best);
  const accuracies = new Set(all.histogram.map((bar) => bar.accuracy));
  for (const { accuracy } of sampled.histogram) expect(accuracies).toContain(accuracy);
});

test("counting in int16, in int32 and in plain TypeScript agree", async () => {
  const random = new Random(1);
  const width = 70;
  const rows16 = Array.from({ length: 37 }, () =>
    Int16Array.from({ length: width }, () => random.integers(-40, 41)),
  );
  const rows32 = rows16.map((row) => Int32Array.from(row));
  const most = { inputs: width, removals: 9, images: 37 };
  const counters = [
    plainCounter(rows16),
    await kernelCounter(rows16, most),
    await kernelCounter(rows32, most),
  ];
  for (let round = 0; round < 60; round++) {
    const images = Int32Array.from({ length: 37 }, (_, i) => i).filter(() => random.integers(3) > 0);
    const removals = random.integers(0, 10);
    const question: Question = {
      images,
      above: random.integers(images.length + 1),
      thresholds: Int32Array.from({ length: images.length * removals }, () => random.integers(-41, 41)),
      removals,
      zeros: Int32Array.from({ length: width }, (_, i) => i).filter(() => random.integers(4) > 0),
    };
    const [plain, narrow, wide] = counters.map((count) => count(question));
    expect(narrow).toEqual(plain);
    expect(wide).toEqual(plain);
    expect(plain.reduce((a, b) => a + b, 0)).toBe(removals * question.zeros.length);
  }
});

test("a layer with few neighbours is counted whole, others by a seeded sample", async () => {
  const network = randomNetwork(architectures.car, { "1.0": 90, "2.0": 90, fc1: 90, fc2: 98 }, 1);
  const data = carData(20, 1);
  const all = await census(network, data, { layer: "fc2", sample: 4000 });
  expect(all.neighbours).toBe(neighbourCount(network, "fc2", "same"));
  expect(all.neighbours).toBe(6 * 294);
  const some = await census(network, data, { layer: "fc1", sample: 50, seed: 3, family: "free" });
  expect(some.neighbours).toBe(50);
  expect(some.population).toBe(5760 * 51_840 * 2);
  expect(await census(network, data, { layer: "fc1", sample: 50, seed: 3, family: "free" })).toEqual(some);
  const drawer = new SwapDrawer(network, "fc1");
  const random = new Random(3);
  const engine = await DeltaEngine.create(network, data, ["fc1"]);
  const swaps = Array.from({ length: 50 }, () => drawer.draw(random, "free"));
  const accuracies = engine.neighbours("accuracy", "fc1", swaps);
  expect(some.best).toBe(Math.max(...accuracies));
  expect(some.below).toBe(accuracies.filter((accuracy) => accuracy < some.original).length / 50);
});

test("impossible counts are refused in one line", async () => {
  const network = randomNetwork(mnistArchitecture, 90, 1);
  const data = digits(0, 8);
  await expect(census(network, data, { layer: "fc9" })).rejects.toThrow('no layer "fc9"');
  await expect(census(network, carData(8, 1), { layer: "fc" })).rejects.toThrow(
    "data: expected examples of task mnist as the network is, got car",
  );
  await expect(census(network, digits(0, 0), { layer: "fc" })).rejects.toThrow(
    "expected at least one input, got none",
  );
  await expect(census(network, data, { layer: "2.0", sample: 0 })).rejects.toThrow(
    "sample: expected a whole number from 1 up, got 0",
  );
  network.weights.fc.fill(0);
  await expect(census(network, data, { layer: "fc" })).rejects.toThrow("has no first neighbour");
});
