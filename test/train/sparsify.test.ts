import fc from "fast-check";
import { expect, test } from "vitest";
import { architectures, weightCount } from "../../policies/ternary/network.ts";
import { keepLargest, layerCounts, scheduledCount } from "../../src/train/sparsify.ts";

const sizes = (task: "mnist" | "car") =>
  Object.fromEntries(architectures[task].layers.map((layer) => [layer.name, weightCount(layer)]));
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);

test.each(["mnist", "car"] as const)(
  "%s: every sparsity gives an exact total and no overfull layer",
  (task) => {
    const all = sizes(task);
    for (let sparsity = 0; sparsity <= 99; sparsity += 0.5) {
      const counts = layerCounts(architectures[task], sparsity);
      expect(sum(counts)).toBe(Math.round((1 - sparsity / 100) * sum(all)));
      for (const [name, count] of Object.entries(counts)) {
        expect(count).toBeGreaterThan(0);
        expect(count).toBeLessThanOrEqual(all[name]);
      }
    }
  },
);

test("at 90 % the layers have the densities that are known to do well", () => {
  expect(layerCounts(architectures.mnist, 90)).toEqual({ "1.0": 40, "2.0": 1280, fc: 1568 });
  const car = layerCounts(architectures.car, 90);
  expect(car["1.0"] / 4704).toBeCloseTo(0.3, 2);
  expect(car["2.0"] / 51200).toBeCloseTo(0.1, 2);
  expect(car.fc1 / 57600).toBeCloseTo(0.082, 2);
  expect(car.fc2 / 300).toBeCloseTo(0.5, 1);
});

test("sparser still, the car's last layer keeps its density", () => {
  for (const sparsity of [95, 98, 99]) {
    expect(layerCounts(architectures.car, sparsity).fc2 / 300).toBeGreaterThan(0.44);
  }
});

test.each([-1, 100, Number.NaN])("a sparsity of %s is refused", (sparsity) => {
  expect(() => layerCounts(architectures.car, sparsity)).toThrow(/percentage from 0 up to/);
});

test("the schedule falls from all weights to the wanted count", () => {
  expect(scheduledCount(1000, 100, 0)).toBe(1000);
  expect(scheduledCount(1000, 100, 0.5)).toBe(213);
  expect(scheduledCount(1000, 100, 1)).toBe(100);
  expect(scheduledCount(1000, 100, 7)).toBe(100);
});

test("keepLargest keeps what sorting by magnitude, then index, keeps", () => {
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
