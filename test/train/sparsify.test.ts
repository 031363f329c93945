import fc from "fast-check";
import { expect, test } from "vitest";
import { keepLargest, scheduledCount } from "../../src/train/sparsify.ts";

test("the schedule falls from all weights to the wanted count", () => {
  expect(scheduledCount(1000, 100, 0)).toBe(1000);
  expect(scheduledCount(1000, 100, 0.5)).toBe(213);
  expect(scheduledCount(1000, 100, 1)).toBe(100);
  expect(scheduledCount(1000, 100, 7)).toBe(100);
});

test("keepLargest keeps the weights that come first by magnitude, then index", () => {
  const value = fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, -0, 1, -1, 0.5),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), fc.nat(), (list, n) => {
      const values = Float32Array.from(list);
      const count = n % (values.length + 1);
      const mask = new Uint8Array(values.length);
      keepLargest(values, count, mask);
      const expected = new Uint8Array(values.length);
      const order = [...values.keys()].sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
      for (const i of order.slice(0, count)) expected[i] = 1;
      expect(mask).toEqual(expected);
    }),
  );
});
