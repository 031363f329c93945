/**
 * Sums of a measure over inputs, as whole numbers, and what they are divided by to give means. Whole numbers below
 * 2^53 add up to the same in any order: a measure does not depend on how inputs are shared out between engines.
 */
import { type TernaryNetwork, unitValue } from "../../policies/ternary/network.ts";
import { dataSize, type Measure, OUTPUT_WEIGHTS, type SearchData } from "./fitness.ts";

/** Inputs from (a multiple of 8) up to (not included). */
export type InputRange = readonly [from: number, to: number];

/** Cross-entropies are summed in multiples of 2^-24, the precision of the float32 they are computed in. */
const CROSS_ENTROPY_GRID = 2 ** 24;

export class Norms {
  /** Inputs. */
  readonly size: number;
  /** Sum of the inputs' weights before input i; the last is that of all. */
  readonly #weightBefore: Float64Array;
  readonly #car: boolean;

  /** Throws `InvalidOption` on data that do not belong together. */
  constructor(data: SearchData) {
    this.size = dataSize(data);
    this.#car = data.task === "car";
    this.#weightBefore = new Float64Array(this.size + 1);
    for (let i = 0; i < this.size; i++) this.#weightBefore[i + 1] = this.#weightBefore[i] + weightOf(data, i);
  }

  get totalWeight(): number {
    return this.#weightBefore[this.size];
  }

  /** What the sum of a measure over a range is divided by. */
  divisor(
    measure: Measure,
    network: TernaryNetwork,
    [from, to]: InputRange,
    totalWeight = this.totalWeight,
  ): number {
    if (measure === "accuracy") return to - from;
    const weight = this.#weightBefore[to] - this.#weightBefore[from];
    return weight * (this.#car ? unitValue(network) ** 2 : 1) * lossGrid(network, totalWeight);
  }
}

/** By how much an input counts in the loss. */
export function weightOf(data: SearchData, i: number): number {
  return data.task === "car" ? (data.weights?.[i] ?? 1) : 1;
}

/**
 * Multiples of 1 / grid in which losses are summed: a power of two.
 * @param totalWeight of all inputs that are summed, wherever they are
 */
export function lossGrid(network: TernaryNetwork, totalWeight: number): number {
  if (network.architecture.task === "mnist") return CROSS_ENTROPY_GRID;
  // Squared errors are whole multiples of 1 / unit². Steering is off by 2 at most, gas and brake by 1.
  const [steer, gas, brake] = OUTPUT_WEIGHTS;
  const largest = (4 * steer + gas + brake) * unitValue(network) ** 2 * totalWeight;
  let grid = 1;
  while (largest * grid > 2 ** 53) grid /= 2;
  return grid;
}
