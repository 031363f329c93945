/** Samples of first neighbours and how well each does: what Figs 3, 4, 5, 8 and 9 are made of. */

import { Random } from "../../env/random.ts";
import { cloneNetwork, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { type Family, type Swap, SwapDrawer } from "../../policies/ternary/swap.ts";
import type { Examples } from "../data/examples.ts";
import { mean } from "../data/statistics.ts";
import { DeltaEngine } from "../search/index.ts";
import type { PointProgress } from "./workspace.ts";

/** Neighbours from one report of progress to the next. */
const MEASURED_AT_ONCE = 200;

export interface Neighbourhood {
  /** Accuracy of the network itself, 0 to 1. */
  original: number;
  swaps: Swap[];
  /** Accuracy of each neighbour, 0 to 1. */
  accuracies: number[];
}

/** Draws `count` first neighbours of a layer, all equally likely, and measures each exactly. */
export async function sampleNeighbourhood(
  network: TernaryNetwork,
  layer: string,
  data: Examples,
  { count, seed, family = "same" }: { count: number; seed: number; family?: Family },
  progress: PointProgress,
): Promise<Neighbourhood> {
  const engine = await DeltaEngine.create(cloneNetwork(network), data, [layer]);
  const drawer = new SwapDrawer(network, layer);
  const random = new Random(seed);
  const swaps = Array.from({ length: count }, () => drawer.draw(random, family));
  const accuracies: number[] = [];
  while (accuracies.length < count) {
    const from = accuracies.length;
    const some = swaps.slice(from, from + MEASURED_AT_ONCE);
    accuracies.push(...(await engine.scoreNeighbours("accuracy", layer, some)));
    progress(accuracies.length / count);
  }
  return { original: engine.measure("accuracy"), swaps, accuracies };
}

/** Shares of a neighbourhood that beat, equal and fall below the original. */
export interface Shares {
  neighbours: number;
  original: number;
  best: number;
  worst: number;
  mean: number;
  above: number;
  equal: number;
  below: number;
}

export function shares({ original, accuracies }: Neighbourhood): Shares {
  const share = (keep: (accuracy: number) => boolean) => accuracies.filter(keep).length / accuracies.length;
  return {
    neighbours: accuracies.length,
    original,
    best: accuracies.reduce((a, b) => Math.max(a, b)),
    worst: accuracies.reduce((a, b) => Math.min(a, b)),
    mean: mean(accuracies),
    above: share((accuracy) => accuracy > original),
    equal: share((accuracy) => accuracy === original),
    below: share((accuracy) => accuracy < original),
  };
}
