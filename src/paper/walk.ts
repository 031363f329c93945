/**
 * Random walks from a network through first neighbours that are as good as it: how many weights they move, and how much
 * the networks they reach still have in common with the original.
 */

import { Random } from "../../env/random.ts";
import { describe } from "../../policies/ternary/describe.ts";
import { inferBatch } from "../../policies/ternary/forward.ts";
import { cloneNetwork, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { activations } from "../../policies/ternary/reference.ts";
import { type Swap, SwapDrawer } from "../../policies/ternary/swap.ts";
import { type MnistExamples, sliceExamples } from "../data/examples.ts";
import { mean } from "../data/statistics.ts";
import { giveWay } from "../search/give-way.ts";
import { DeltaEngine } from "../search/index.ts";
import type { PointProgress } from "./workspace.ts";

/** Test images on which activations are compared. They are few because the slow plain reference computes them. */
export const COMPARED = 300;
/** Neighbours that are measured at once while a step looks for one that is as good. */
const GROUP = 16;
/** Most groups that a step tries. */
const GROUPS = 4;
/** Points of a walk that are measured, besides its start. */
const MILESTONES = 20;
/** Pixels and classes of MNIST. */
const PIXELS = 784;
const CLASSES = 10;

/** A walk from the original. */
export interface Walk {
  /** Seed of its steps. */
  seed: number;
  /** Measurements along the walk; the first is the original. */
  milestones: Milestone[];
  /** Mutual information of each hidden unit with the original's, as a share of its entropy: mean by layer, 0 to 1. */
  information: Record<string, number>;
}

/** A measurement along a walk. Shares and accuracies from 0 to 1. */
export interface Milestone {
  /** Steps so far, each of at most one swap. */
  swaps: number;
  /** Neighbours that were measured for them. */
  tried: number;
  /** Share of the original's nonzero weights that have become 0 or changed sign. */
  moved: number;
  /** Accuracy on the training images that decide. */
  train: number;
  /** Accuracy on the test images. */
  test: number;
  /** Share of the test images that get the same digit as from the original. */
  agreement: number;
}

/**
 * Walks from the original.
 * @param train images that decide: no step may lower the accuracy on them below the original's
 * @param test images that are only reported on
 */
export async function walk(
  original: TernaryNetwork,
  train: MnistExamples,
  test: MnistExamples,
  steps: number,
  seed: number,
  progress: PointProgress,
): Promise<Walk> {
  const network = cloneNetwork(original);
  const layers = network.architecture.layers.map((layer) => layer.name);
  const engine = await DeltaEngine.create(network, train, layers);
  const drawers = layers.map((layer) => new SwapDrawer(network, layer));
  // A swap keeps the number of nonzero weights of each layer.
  const counts = describe(original).map((layer) => layer.nonzeros);
  const random = new Random(seed);
  const floor = engine.measure("accuracy");
  const digits = await predictions(original, test);
  const milestones: Milestone[] = [];
  let tried = 0;
  const milestone = async (swaps: number) => {
    const now = await predictions(network, test);
    milestones.push({
      swaps,
      tried,
      moved: movedShare(original, network),
      train: engine.measure("accuracy"),
      test: agreement(now, test.labels),
      agreement: agreement(now, digits),
    });
  };
  await milestone(0);
  for (let step = 1; step <= steps; step++) {
    // Layers are drawn by their nonzero weights, so that all of these are equally likely to move.
    tried += await takeStep(engine, drawers[drawnFrom(counts, random)], floor, random);
    if (step % Math.ceil(steps / MILESTONES) === 0 || step === steps) await milestone(step);
    progress(step / steps);
    await giveWay();
  }
  return {
    seed,
    milestones,
    information: sharedInformation(original, network, sliceExamples(test, 0, COMPARED)),
  };
}

/**
 * Makes the first swap found that keeps the accuracy at or above `floor`; none if there is none in a few groups.
 * @returns neighbours that were measured
 */
async function takeStep(
  engine: DeltaEngine,
  drawer: SwapDrawer,
  floor: number,
  random: Random,
): Promise<number> {
  for (let group = 0; group < GROUPS; group++) {
    const swaps: Swap[] = Array.from({ length: GROUP }, () => drawer.draw(random, "same"));
    const scores = engine.neighbours("accuracy", drawer.layer, swaps);
    const first = scores.findIndex((score) => score >= floor);
    if (first < 0) continue;
    // Drawer and engine share the weights; each also keeps lists of its own, so both must be told of the swap.
    drawer.apply(swaps[first]);
    await engine.apply(swaps[first]);
    return group * GROUP + first + 1;
  }
  return GROUPS * GROUP;
}

/** Draws an index with a probability proportional to its count. */
function drawnFrom(counts: readonly number[], random: Random): number {
  let left = random.integers(counts.reduce((a, b) => a + b));
  let index = 0;
  while (left >= counts[index]) left -= counts[index++];
  return index;
}

/** The digit that a network gives each image. */
async function predictions(network: TernaryNetwork, { inputs }: MnistExamples): Promise<number[]> {
  const outputs = await inferBatch(network, inputs);
  return Array.from({ length: outputs.length / CLASSES }, (_, i) => {
    const row = outputs.subarray(CLASSES * i, CLASSES * (i + 1));
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });
}

/** Share of the places at which two lists of digits agree. */
function agreement(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let same = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) same++;
  return same / a.length;
}

/** Share of one network's nonzero weights that are 0 or have the other sign in another network. */
function movedShare(from: TernaryNetwork, to: TernaryNetwork): number {
  let nonzeros = 0;
  let moved = 0;
  for (const [name, weights] of Object.entries(from.weights))
    weights.forEach((w, i) => {
      if (w === 0) return;
      nonzeros++;
      if (to.weights[name][i] !== w) moved++;
    });
  return moved / nonzeros;
}

/**
 * Mean over the units of each hidden layer of I(A; B) / H(A), where A and B are the signs of a unit in two networks and
 * I(A; B) = H(A) + H(B) - H(A, B) is their mutual information.
 */
function sharedInformation(
  a: TernaryNetwork,
  b: TernaryNetwork,
  data: MnistExamples,
): Record<string, number> {
  const images = Array.from({ length: data.labels.length }, (_, i) =>
    data.inputs.subarray(PIXELS * i, PIXELS * (i + 1)),
  );
  const mapsA = images.map((image) => activations(a, image));
  const mapsB = images.map((image) => activations(b, image));
  const result: Record<string, number> = {};
  a.architecture.layers.slice(0, -1).forEach((layer, k) => {
    const shares: number[] = [];
    for (let unit = 0; unit < mapsA[0][k].length; unit++) {
      // Images by the two signs: both negative or 0, only b's positive, only a's positive, both positive.
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < images.length; i++)
        counts[(mapsA[i][k][unit] > 0 ? 2 : 0) + (mapsB[i][k][unit] > 0 ? 1 : 0)]++;
      const entropyA = entropy([counts[0] + counts[1], counts[2] + counts[3]]);
      // A unit whose sign never changes has no entropy.
      if (entropyA === 0) continue;
      const entropyB = entropy([counts[0] + counts[2], counts[1] + counts[3]]);
      shares.push((entropyA + entropyB - entropy(counts)) / entropyA);
    }
    result[layer.name] = mean(shares);
  });
  return result;
}

/** Entropy of counts, in bits. */
function entropy(counts: readonly number[]): number {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log2(count / total)),
    0,
  );
}
