/**
 * Random walks from a network through first neighbours that are as good: how far they get, how much of the original is
 * left in what they arrive at, and whether it still answers alike.
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

/** Images on which activations are compared: the plain reference runs them. */
export const COMPARED = 300;
/** Neighbours drawn in one go while looking for one that is as good. */
const GROUP = 16;
/** Points of a walk that are measured. */
const MILESTONES = 20;

/** A walk from the original. */
export interface Walk {
  seed: number;
  milestones: Milestone[];
  /** Mutual information of hidden units with the original's, as a share of their entropy, by layer. */
  information: Record<string, number>;
}

export interface Milestone {
  /** Steps so far, of at most one swap each, and neighbours tried for them. */
  swaps: number;
  tried: number;
  /** Share of the original's nonzero weights that are no longer there. */
  moved: number;
  /** Accuracies, and share of test images given the same digit as by the original. 0 to 1. */
  train: number;
  test: number;
  agreement: number;
}

/** Walks; no step may lower the accuracy on `train`, and `test` decides nothing. */
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
  // Swaps keep these counts.
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
    // All nonzero weights are equally likely to move; a layer without an equally good neighbour in a few groups is left.
    const drawer = drawers[drawnFrom(counts, random)];
    for (let group = 0; group < 4; group++) {
      const swaps: Swap[] = Array.from({ length: GROUP }, () => drawer.draw(random, "same"));
      const scores = engine.neighbours("accuracy", drawer.layer, swaps);
      const first = scores.findIndex((score) => score >= floor);
      tried += first < 0 ? GROUP : first + 1;
      if (first < 0) continue;
      // The drawer makes the swap in the same weights as the engine, and keeps its own account of it.
      drawer.apply(swaps[first]);
      await engine.apply(swaps[first]);
      break;
    }
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

/** An index, as likely as its count is large. */
function drawnFrom(counts: readonly number[], random: Random): number {
  let left = random.integers(counts.reduce((a, b) => a + b));
  let index = 0;
  while (left >= counts[index]) left -= counts[index++];
  return index;
}

async function predictions(network: TernaryNetwork, { inputs }: MnistExamples): Promise<number[]> {
  const outputs = await inferBatch(network, inputs);
  return Array.from({ length: outputs.length / 10 }, (_, i) => {
    const row = outputs.subarray(10 * i, 10 * i + 10);
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });
}

/** Share of places in which two lists of digits are the same. */
function agreement(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let same = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) same++;
  return same / a.length;
}

/** Share of a network's nonzero weights that are 0 or of the other sign in another. */
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

/** For each hidden layer the mean over units of I(A; B) / H(A), A and B the signs of a unit in two networks. */
function sharedInformation(
  a: TernaryNetwork,
  b: TernaryNetwork,
  data: MnistExamples,
): Record<string, number> {
  const images = Array.from({ length: data.labels.length }, (_, i) =>
    data.inputs.subarray(784 * i, 784 * (i + 1)),
  );
  const mapsA = images.map((image) => activations(a, image));
  const mapsB = images.map((image) => activations(b, image));
  const result: Record<string, number> = {};
  a.architecture.layers.slice(0, -1).forEach((layer, k) => {
    const shares: number[] = [];
    for (let unit = 0; unit < mapsA[0][k].length; unit++) {
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < images.length; i++)
        counts[(mapsA[i][k][unit] > 0 ? 2 : 0) + (mapsB[i][k][unit] > 0 ? 1 : 0)]++;
      const entropyA = entropy([counts[0] + counts[1], counts[2] + counts[3]]);
      // A unit that never changes sign has nothing to share.
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
