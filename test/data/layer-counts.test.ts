import { expect, test } from "vitest";
import { InvalidOption } from "../../env/errors.ts";
import { architectures, weightCount } from "../../policies/ternary/network.ts";
import { layerCounts } from "../../src/data/layer-counts.ts";

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
  expect(() => layerCounts(architectures.car, sparsity)).toThrow(
    new InvalidOption(
      `sparsity: expected a percentage from 0 up to, but not including, 100, got ${sparsity}`,
    ),
  );
});

test("a sparsity that leaves a layer without weights is refused", () => {
  expect(() => layerCounts(architectures.mnist, 99.9)).toThrow(
    new InvalidOption("sparsity: expected one that leaves weights to every layer, got 99.9"),
  );
});
