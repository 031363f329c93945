/**
 * What every engine of search offers: means of a measure over inputs, of a network and of its neighbours. Engines
 * count sums, and these are whole numbers below 2^53: they add up to the same in any order, so that a measure does not
 * depend on how inputs are shared out between threads and machines.
 */

import { type TernaryNetwork, unitValue } from "../../../policies/ternary/network.ts";
import type { Swap } from "../../../policies/ternary/swap.ts";
import { countExamples, type Examples } from "../../data/examples.ts";
import { giveWay } from "../give-way.ts";
import { checkMeasure, type Measure, OUTPUT_WEIGHTS } from "./fitness.ts";
import { neighbourCost } from "./neighbour-cost.ts";

/** A change of one weight of a layer: by +1 or -1, at its index. */
export interface Edit {
  index: number;
  change: number;
}

/** One or two edits at once: a removal, an addition, a swap. */
export type Candidate = readonly [Edit, Edit?];

/** Inputs from (a multiple of 8) up to (not included). */
export type InputRange = readonly [from: number, to: number];

/** Cross-entropies are summed in multiples of 2^-24, the precision of the float32 they are computed in. */
const CROSS_ENTROPY_GRID = 2 ** 24;

/** Candidates that are always measured together: with fewer, reading the inputs' maps from memory takes longest. */
const FEW = 64;
/** Vector operations between two pauses: less than a second. */
const OPERATIONS_AT_ONCE = 2 ** 30;

/** A network and the inputs that it is measured on: its measures, those of its neighbours, and swaps made for good. */
export abstract class FitnessEngine {
  /** Searched in place: `apply` changes its weights. */
  readonly network: TernaryNetwork;
  /** Inputs it measures on. */
  readonly size: number;
  /** Of all inputs in the loss. */
  readonly totalWeight: number;
  /** Sum of the inputs' weights before input i. */
  readonly #weightBefore: Float64Array;
  readonly #data: Examples;

  /**
   * Throws `InvalidOption` on data that do not belong together.
   * @param totalWeight of all inputs, where `data` is a part of them and sums are to be added up
   */
  constructor(network: TernaryNetwork, data: Examples, totalWeight?: number) {
    this.network = network;
    this.size = countExamples(data);
    this.#data = data;
    this.#weightBefore = new Float64Array(this.size + 1);
    for (let i = 0; i < this.size; i++) this.#weightBefore[i + 1] = this.#weightBefore[i] + weightOf(data, i);
    this.totalWeight = totalWeight ?? this.#weightBefore[this.size];
  }

  /** Sum of a measure over a range: of accuracy the right answers, of the loss multiples of 1 / `lossGrid`, of margins the integers of the sums. */
  abstract sum(measure: Measure, range: InputRange): number;

  /** The same after each candidate's edits. */
  abstract sums(
    measure: Measure,
    layer: string,
    candidates: readonly Candidate[],
    range: InputRange,
  ): Float64Array;

  /** Makes the swap in the network and brings what is kept up to date. */
  abstract apply(swap: Swap): Promise<void>;

  /** Gives back what it holds; it answers no more. */
  close(): void {}

  /** The measure of the network as it is: the mean over the inputs, larger is better. */
  measure(measure: Measure, range: InputRange = [0, this.size]): number {
    return this.sum(measure, range) / this.#divisor(measure, range);
  }

  /** The measure of each first neighbour. */
  neighbours(measure: Measure, layer: string, swaps: readonly Swap[], range?: InputRange): Float64Array {
    return this.edits(measure, layer, swaps.map(asCandidate), range);
  }

  /** The measure after one or two weight changes at once, for each element of `candidates`. */
  edits(
    measure: Measure,
    layer: string,
    candidates: readonly Candidate[],
    range: InputRange = [0, this.size],
  ): Float64Array {
    const divisor = this.#divisor(measure, range);
    return this.sums(measure, layer, candidates, range).map((sum) => sum / divisor);
  }

  /** As `edits`, for thousands of candidates: other machines may help, and signals and timers come through. */
  async score(
    measure: Measure,
    layer: string,
    candidates: readonly Candidate[],
    range: InputRange = [0, this.size],
  ): Promise<Float64Array> {
    const divisor = this.#divisor(measure, range);
    return (await this.manySums(measure, layer, candidates, range)).map((sum) => sum / divisor);
  }

  /** `score` of first neighbours. */
  scoreNeighbours(
    measure: Measure,
    layer: string,
    swaps: readonly Swap[],
    range?: InputRange,
  ): Promise<Float64Array> {
    return this.score(measure, layer, swaps.map(asCandidate), range);
  }

  /** The sums behind `score`. */
  protected async manySums(
    measure: Measure,
    layer: string,
    candidates: readonly Candidate[],
    range: InputRange,
  ): Promise<Float64Array> {
    const totals = new Float64Array(candidates.length);
    const atOnce = candidates.length <= FEW ? FEW : this.#atOnce(layer, range);
    for (let first = 0; first < candidates.length; first += atOnce) {
      totals.set(this.sums(measure, layer, candidates.slice(first, first + atOnce), range), first);
      await giveWay();
    }
    return totals;
  }

  /** Candidates between two pauses. */
  #atOnce(layer: string, [from, to]: InputRange): number {
    const operations = (neighbourCost(this.network, layer) * (to - from)) / 8;
    return Math.max(FEW, Math.floor(OPERATIONS_AT_ONCE / operations));
  }

  #divisor(measure: Measure, [from, to]: InputRange): number {
    checkMeasure(this.#data, measure);
    if (measure === "accuracy") return to - from;
    if (measure === "margin") return (to - from) * unitValue(this.network);
    const weight = this.#weightBefore[to] - this.#weightBefore[from];
    const squares = this.#data.task === "car" ? unitValue(this.network) ** 2 : 1;
    return weight * squares * lossGrid(this.network, this.#data, this.totalWeight);
  }
}

/** Makes engines for `search`: DeltaEngine.create, or parallel/ for threads and machines. */
export type EngineMaker = (
  network: TernaryNetwork,
  data: Examples,
  layers: readonly string[],
) => Promise<FitnessEngine>;

export function asCandidate({ remove, add, sign, removedSign }: Swap): Candidate {
  return [
    { index: remove, change: -removedSign },
    { index: add, change: sign },
  ];
}

/** By how much an input counts in the loss. */
export function weightOf(data: Examples, i: number): number {
  return data.task === "car" ? (data.weights?.[i] ?? 1) : 1;
}

/**
 * Multiples of 1 / grid in which losses are summed: a power of two.
 * @param totalWeight of all inputs that are summed, wherever they are
 */
export function lossGrid(network: TernaryNetwork, data: Examples, totalWeight: number): number {
  if (data.task === "mnist") return CROSS_ENTROPY_GRID;
  // Squared errors are whole multiples of 1 / unit². Steering is off by 2 at most, gas and brake by 1.
  const [steer, gas, brake] = data.outputWeights ?? OUTPUT_WEIGHTS;
  const largest = (4 * steer + gas + brake) * unitValue(network) ** 2 * totalWeight;
  let grid = 1;
  while (largest * grid > 2 ** 53) grid /= 2;
  return grid;
}
