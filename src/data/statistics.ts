/**
 * The statistics of scores. Sums run from the first value to the last in float64, so that a score is the
 * same to the last bit wherever it is computed.
 */

/** Sum of the values; 0 for none. */
export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Mean of one value or more; NaN for none. */
export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Population standard deviation (divided by the number of values, as numpy's default); NaN for no values. */
export function sd(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** Mean of paired differences and its standard error. */
export interface PairedGain {
  /** Mean of the differences. */
  mean: number;
  /** Standard error of the mean: sample standard deviation by the root of the number of pairs. Infinite for one pair. */
  error: number;
}

/**
 * Mean excess of `values` over `base`, pair by pair: for rewards of two networks on the same tracks, since tracks differ
 * more than networks do.
 * @param base as many as `values`, one or more
 */
export function pairedGain(values: readonly number[], base: readonly number[]): PairedGain {
  const n = values.length;
  const gains = values.map((value, i) => value - base[i]);
  const middle = mean(gains);
  if (n === 1) return { mean: middle, error: Number.POSITIVE_INFINITY };
  const variance = sum(gains.map((gain) => (gain - middle) ** 2)) / (n - 1);
  return { mean: middle, error: Math.sqrt(variance / n) };
}
