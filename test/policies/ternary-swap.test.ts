import { expect, test } from "vitest";
import { Random } from "../../env/random.ts";
import { mnistArchitecture } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { SwapDrawer } from "../../policies/ternary/swap.ts";

const counts = (weights: Int8Array) => [-1, 0, 1].map((v) => weights.filter((w) => w === v).length);

test("chained swaps of family same keep the counts of -1, 0, +1, and undo restores", () => {
  const network = randomNetwork(mnistArchitecture, 90, 1);
  const before = network.weights["1.0"].slice();
  const drawer = new SwapDrawer(network, "1.0");
  const random = new Random(1);
  const swaps = Array.from({ length: 500 }, () => {
    const swap = drawer.draw(random, "same");
    expect(network.weights["1.0"][swap.remove]).toBe(swap.sign);
    expect(network.weights["1.0"][swap.add]).toBe(0);
    drawer.apply(swap);
    return swap;
  });
  expect(counts(network.weights["1.0"])).toEqual(counts(before));
  expect(network.weights["1.0"]).not.toEqual(before);
  for (const swap of swaps.reverse()) drawer.undo(swap);
  expect(network.weights["1.0"]).toEqual(before);
});

test("family free keeps the sparsity and changes signs", () => {
  const network = randomNetwork(mnistArchitecture, 90, 1);
  const drawer = new SwapDrawer(network, "fc");
  const random = new Random(2);
  const swaps = Array.from({ length: 400 }, () => {
    const swap = drawer.draw(random, "free");
    drawer.apply(swap);
    return swap;
  });
  expect(counts(network.weights.fc)[1]).toBe(15680 - 1568);
  const changed = swaps.filter((swap) => swap.sign !== swap.removedSign).length;
  expect(changed).toBeGreaterThan(150);
  expect(changed).toBeLessThan(250);
});

test("every first neighbour of a small layer is drawn about equally often", () => {
  const network = randomNetwork(mnistArchitecture, 99.5, 1);
  const drawer = new SwapDrawer(network, "1.0");
  const random = new Random(3);
  const seen = new Map<string, number>();
  // 2 nonzeros × 398 zeros.
  for (let i = 0; i < 796 * 50; i++) {
    const { remove, add } = drawer.draw(random, "same");
    seen.set(`${remove} ${add}`, (seen.get(`${remove} ${add}`) ?? 0) + 1);
  }
  expect(seen.size).toBe(796);
  expect(Math.max(...seen.values())).toBeLessThan(90);
});

test("a layer without a first neighbour and an unknown layer are refused", () => {
  const network = randomNetwork(mnistArchitecture, { "1.0": 100, "2.0": 0, fc: 90 }, 1);
  expect(() => new SwapDrawer(network, "1.0")).toThrow("0 of 400 weights are nonzero");
  expect(() => new SwapDrawer(network, "2.0")).toThrow("12800 of 12800 weights are nonzero");
  expect(() => new SwapDrawer(network, "fc1")).toThrow('no layer "fc1": a mnist network has 1.0, 2.0, fc');
});
