/**
 * Engines measure a network and its neighbours: this file is their contract. They count sums over inputs, which are whole
 * numbers below 2^53 and add up to the same in any order, so that a measure does not depend on how inputs are shared out
 * between threads and machines.
 */

import { type TernaryNetwork, unitValue } from "../../../policies/ternary/network.ts";
import type { Swap } from "../../../policies/ternary/swap.ts";
import { countExamples, type Examples } from "../../data/examples.ts";
import { giveWay } from "../give-way.ts";
import { checkMeasure, type Measure, OUTPUT_WEIGHTS } from "./fitness.ts";
import { neighbourCost } from "./neighbour-cost.ts";

/** A change of one weight of a layer. */
export interface Edit {
  /** Index of the weight in its layer. */
  index: number;
  /** +1 or -1; ±2 where a sign turns. */
  change: number;
}

/** One or two edits at once: a removal, an addition, or both, which is a swap. */
export type Candidate = readonly [Edit, Edit?];

/** A range of inputs: the first, a multiple of 8, and the one after the last. */
export type InputRange = readonly [from: number, to: number];

/** Cross-entropies are summed in multiples of 2^-24, the precision of the float32 they are computed in. */
const CROSS_ENTROPY_GRID = 2 ** 24;

/** Candidates that are always measured together; with fewer, reading the maps of the inputs from memory takes longest. */
const FEW = 64;
/** Vector operations between two pauses: less than a second of work. */
const OPERATIONS_AT_ONCE = 2 ** 30;

/** Measures one network on some inputs, and its neighbours; makes swaps in it. */
export abstract class FitnessEngine {
  /** Searched in place: `apply` changes its weights. */
  readonly network: TernaryNetwork;
  /** Number of inputs. */
  readonly size: number;
  /** Sum of the weights of all inputs in the loss. */
  readonly totalWeight: number;
  /** Sum of the inputs' weights before input i. */
  readonly #weightBefore: Float64Array;
  readonly #data: Examples;

  /**
   * @param totalWeight weight of all inputs, where `data` is a part of them and sums will be added up. Default: that of `data`
   * @throws {@link InvalidOption} on data that do not belong together
   */
  constructor(network: TernaryNetwork, data: Examples, totalWeight?: number) {
    this.network = network;
    this.size = countExamples(data);
    this.#data = data;
    this.#weightBefore = new Float64Array(this.size + 1);
    for (let i = 0; i < this.size; i++) this.#weightBefore[i + 1] = this.#weightBefore[i] + weightOf(data, i);
    this.totalWeight = totalWeight ?? this.#weightBefore[this.size];
  }

  /**
   * The sum of a measure over a range, as a whole number: right answers for accuracy, multiples of 1 / `lossGrid` for losses,
   * differences of output sums for margins.
   */
  abstract sum(measure: Measure, range: InputRange): number;

  /** The sums after the edits of each candidate; the network stays as it is. */
  abstract sums(
    measure: Measure,
    layer: string,
    candidates: readonly Candidate[],
    range: InputRange,
  ): Float64Array;

  /** Makes a swap in the network. */
  abstract apply(swap: Swap): Promise<void>;

  /** Gives its memory back; it must not be used afterwards. */
  close(): void {}

  /** The measure of the network as it is: the mean over a range of inputs, larger is better. Default range: all. */
  measure(measure: Measure, range: InputRange = [0, this.size]): number {
    return this.sum(measure, range) / this.#divisor(measure, range);
  }

  /** The measure of each first neighbour, in this thread at once. Default range: all inputs. */
  neighbours(measure: Measure, layer: string, swaps: readonly Swap[], range?: InputRange): Float64Array {
    return this.edits(measure, layer, swaps.map(asCandidate), range);
  }

  /** The measure after the edits of each candidate, in this thread at once. Default range: all inputs. */
  edits(
    measure: Measure,
    layer: string,
    candidates: readonly Candidate[],
    range: InputRange = [0, this.size],
  ): Float64Array {
    const divisor = this.#divisor(measure, range);
    return this.sums(measure, layer, candidates, range).map((sum) => sum / divisor);
  }

  /** The same as `edits`, for thousands of candidates: other machines may help, and signals and timers come through. */
  async score(
    measure: Measure,
    layer: string,
    candidates: readonly Candidate[],
    range: InputRange = [0, this.size],
  ): Promise<Float64Array> {
    const divisor = this.#divisor(measure, range);
    return (await this.manySums(measure, layer, candidates, range)).map((sum) => sum / divisor);
  }

  /** The same as `neighbours`, for thousands of them: see `score`. */
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

/**
 * Makes an engine: `DeltaEngine.create`, or `EngineThreads.engine` and `Helpers.engines` for threads and machines.
 * @param network is searched in place
 * @param layers names of the layers that neighbours will be asked of
 */
export type EngineMaker = (
  network: TernaryNetwork,
  data: Examples,
  layers: readonly string[],
) => Promise<FitnessEngine>;

/** A swap as a candidate. */
export function asCandidate({ remove, add, sign, removedSign }: Swap): Candidate {
  return [
    { index: remove, change: -removedSign },
    { index: add, change: sign },
  ];
}

/** The weight of an input in the loss. */
export function weightOf(data: Examples, i: number): number {
  return data.task === "car" ? (data.weights?.[i] ?? 1) : 1;
}

/**
 * The grid of losses, a power of two: they are summed in multiples of 1 / grid.
 * @param totalWeight weight of all inputs that are summed, on whichever machine
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
