/** Samples of first neighbours and the accuracy of each: the measurements of Figs 3, 4, 5, 8 and 9. */

import { Random } from "../../env/random.ts";
import { cloneNetwork, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { type Family, type Swap, SwapDrawer } from "../../policies/ternary/swap.ts";
import type { Examples } from "../data/examples.ts";
import { mean } from "../data/statistics.ts";
import { DeltaEngine } from "../search/index.ts";
import type { PointProgress } from "./workspace.ts";

/** Neighbours that are measured between two reports of progress. */
const MEASURED_AT_ONCE = 200;

/** A sample of first neighbours. */
export interface Neighbourhood {
  /** Accuracy of the network itself, 0 to 1. */
  original: number;
  /** The swap that leads to each neighbour. */
  swaps: Swap[];
  /** Accuracy of each neighbour, 0 to 1. */
  accuracies: number[];
}

/**
 * Draws first neighbours in one layer, all equally likely, and measures each on all of the data.
 * @param options.family whether neighbours keep the counts of -1, 0 and +1. Default: "same"
 */
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

/** A neighbourhood in numbers: accuracies and shares from 0 to 1. */
export interface Shares {
  /** Neighbours measured. */
  neighbours: number;
  /** Accuracy of the network itself. */
  original: number;
  /** Greatest accuracy of a neighbour. */
  best: number;
  /** Least accuracy of a neighbour. */
  worst: number;
  /** Mean accuracy of the neighbours. */
  mean: number;
  /** Share of the neighbours that are more accurate than the network itself. */
  above: number;
  /** Share of the neighbours that are as accurate. */
  equal: number;
  /** Share of the neighbours that are less accurate. */
  below: number;
}

/** Summarises a neighbourhood of at least one neighbour. */
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
