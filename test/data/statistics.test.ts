import { expect, test } from "vitest";
import { mean, pairedGain, sd, sum } from "../../src/data/statistics.ts";

test("mean and population standard deviation equal numpy's", () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9];
  expect([sum(values), mean(values), sd(values)]).toEqual([40, 5, 2]);
  expect([sum([]), mean([]), sd([])]).toEqual([0, Number.NaN, Number.NaN]);
  expect(sd([3])).toBe(0);
});

test("sums run from the first value to the last: published scores keep their last bits", () => {
  // A compensated sum would give 2.
  expect(sum([1, 1e100, 1, -1e100])).toBe(0);
  expect(mean([0.1, 0.2, 0.3])).toBe((0.1 + 0.2 + 0.3) / 3);
});

test("a paired gain has the standard error of its mean, unknown for a single pair", () => {
  expect(pairedGain([3, 5, 10], [1, 2, 6])).toEqual({ mean: 3, error: Math.sqrt(1 / 3) });
  expect(pairedGain([3], [1])).toEqual({ mean: 2, error: Number.POSITIVE_INFINITY });
});
