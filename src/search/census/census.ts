/**
 * Census of a layer: how many of a network's first neighbours are better, as good and worse (the paper's Figs 3 and 8).
 * Every neighbour is counted where that is quick, in the last layer of a classifier or where there are few; otherwise a
 * sample is, all neighbours equally likely. Either way each accuracy is exact.
 */

import { describe } from "../../../env/describe.ts";
import { InvalidOption } from "../../../env/errors.ts";
import { Random } from "../../../env/random.ts";
import { cloneNetwork, layerIndex, type TernaryNetwork } from "../../../policies/ternary/network.ts";
import { type Family, type Swap, SwapDrawer } from "../../../policies/ternary/swap.ts";
import { countExamples, type Examples } from "../../data/examples.ts";
import { DeltaEngine } from "../engine/delta-engine.ts";

import { type Tally, tallyNeighbours } from "./exhaustive.ts";

/** Options of `census`. */
export interface CensusOptions {
  /** Name of the layer. */
  layer: string;
  /** Swaps that count as neighbours: see `SearchOptions.family`. Default: "same". */
  family?: Family | undefined;
  /**
   * Neighbours to draw, 1 or more; all are counted where there are fewer. Default: all in the last layer of a classifier,
   * otherwise 1000.
   */
  sample?: number | undefined;
  /** Seed of the sample, a whole number from 0 up. Default: 0. */
  seed?: number | undefined;
  /** Called now and then with how much of how much is done; a promise is awaited. Default: nothing. */
  onProgress?: ((done: number, total: number) => void | Promise<void>) | undefined;
}

/** The counts of a census. */
export interface Census {
  /** Name of the layer. */
  layer: string;
  /** Swaps that counted as neighbours. */
  family: Family;
  /** Neighbours measured. */
  neighbours: number;
  /** Neighbours that there are. */
  population: number;
  /** Images or frames that each was measured on. */
  images: number;
  /** Accuracy of the network itself (for the car, action accuracy), 0 to 1. */
  original: number;
  /** Share of the neighbours whose accuracy is above it, 0 to 1. */
  above: number;
  /** Share of the neighbours whose accuracy equals it, 0 to 1. */
  equal: number;
  /** Share of the neighbours whose accuracy is below it, 0 to 1. */
  below: number;
  /** Highest accuracy of a neighbour, 0 to 1. */
  best: number;
  /** Lowest accuracy of a neighbour, 0 to 1. */
  worst: number;
  /** Mean accuracy of the neighbours, 0 to 1. */
  mean: number;
  /** Number of neighbours for each accuracy that occurs, in ascending order. */
  histogram: { accuracy: number; count: number }[];
}

const DEFAULT_SAMPLE = 1000;
/** Neighbours measured between two reports of progress. */
const BATCH = 64;

/**
 * Counts the neighbours of a layer.
 * @throws {@link InvalidOption} where the layer has nothing to swap, or the data are of another task
 */
export async function census(
  network: TernaryNetwork,
  data: Examples,
  options: CensusOptions,
): Promise<Census> {
  const { layer, family = "same", sample } = options;
  const { layers, task } = network.architecture;
  const index = layerIndex(network.architecture, layer);
  if (data.task !== task)
    throw new InvalidOption(`data: expected examples of task ${task} as the network is, got ${data.task}`);
  const images = countExamples(data);
  const population = neighbourCount(network, layer, family);
  const whole = sample === undefined && data.task === "mnist" && index === layers.length - 1;
  const { original, counts } = whole
    ? await tallyNeighbours(network, data, { family, onProgress: options.onProgress })
    : await tallySample(network, data, options, population);
  const at = (keep: (right: number) => boolean) =>
    counts.reduce((sum, count, right) => (keep(right) ? sum + count : sum), 0);
  const neighbours = at(() => true);
  const histogram = [...counts.entries()]
    .filter(([, count]) => count > 0)
    .map(([right, count]) => ({ accuracy: right / images, count }));
  return {
    layer,
    family,
    neighbours,
    population,
    images,
    original: original / images,
    above: at((right) => right > original) / neighbours,
    equal: at((right) => right === original) / neighbours,
    below: at((right) => right < original) / neighbours,
    best: histogram[histogram.length - 1].accuracy,
    worst: histogram[0].accuracy,
    mean: histogram.reduce((sum, { accuracy, count }) => sum + accuracy * count, 0) / neighbours,
    histogram,
  };
}

/** Number of first neighbours that a network has in one layer. @throws {@link InvalidOption} where there is none */
export function neighbourCount(network: TernaryNetwork, layer: string, family: Family): number {
  // The drawer refuses a layer without a zero or a nonzero weight.
  new SwapDrawer(network, layer);
  const weights = network.weights[layer];
  const nonzeros = weights.reduce((sum, w) => sum + Math.abs(w), 0);
  return nonzeros * (weights.length - nonzeros) * (family === "free" ? 2 : 1);
}

/** Delta evaluation of all neighbours, or of a sample of them. */
async function tallySample(
  network: TernaryNetwork,
  data: Examples,
  { layer, family = "same", sample = DEFAULT_SAMPLE, seed = 0, onProgress }: CensusOptions,
  population: number,
): Promise<Tally> {
  if (!Number.isInteger(sample) || sample < 1)
    throw new InvalidOption(`sample: expected a whole number from 1 up, got ${describe(sample)}`);
  const engine = await DeltaEngine.create(cloneNetwork(network), data, [layer]);
  const swaps =
    population <= sample ? allSwaps(network, layer, family) : draw(network, layer, family, sample, seed);
  const counts = new Float64Array(engine.size + 1);
  const range = [0, engine.size] as const;
  for (let first = 0; first < swaps.length; first += BATCH) {
    const some = swaps.slice(first, first + BATCH);
    for (const accuracy of engine.neighbours("accuracy", layer, some))
      counts[Math.round(accuracy * engine.size)]++;
    await onProgress?.(first + some.length, swaps.length);
  }
  return { original: engine.sum("accuracy", range), counts };
}

function draw(network: TernaryNetwork, layer: string, family: Family, count: number, seed: number): Swap[] {
  const drawer = new SwapDrawer(network, layer);
  const random = new Random(seed);
  return Array.from({ length: count }, () => drawer.draw(random, family));
}

function allSwaps(network: TernaryNetwork, layer: string, family: Family): Swap[] {
  const swaps: Swap[] = [];
  const weights = network.weights[layer];
  weights.forEach((removed, remove) => {
    if (removed === 0) return;
    const removedSign = removed as 1 | -1;
    const signs = family === "free" ? ([1, -1] as const) : ([removedSign] as const);
    weights.forEach((weight, add) => {
      if (weight === 0) for (const sign of signs) swaps.push({ layer, remove, add, sign, removedSign });
    });
  });
  return swaps;
}
