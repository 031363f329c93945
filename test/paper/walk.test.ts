/** Tests the promises of a random walk through equally good neighbours at every step, on data made here. */

import { expect, test } from "vitest";
import { Random } from "../../env/random.ts";
import { mnistArchitecture } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import type { MnistExamples } from "../../src/data/examples.ts";
import { walk } from "../../src/paper/walk.ts";

function randomData(count: number, seed: number): MnistExamples {
  const random = new Random(seed);
  return {
    task: "mnist",
    inputs: Uint8Array.from({ length: count * 784 }, () => random.integers(256)),
    labels: Uint8Array.from({ length: count }, () => random.integers(10)),
  };
}

test("no step of a walk lowers accuracy on the judging data, and the seed decides everything", async () => {
  const network = randomNetwork(mnistArchitecture, 90, 3);
  const before = structuredClone(network.weights);
  const [train, held] = [randomData(64, 1), randomData(8, 2)];
  const shares: number[] = [];
  const walked = () => walk(network, train, held, 40, 7, (share) => shares.push(share));
  const found = await walked();
  // The original stays as it was.
  expect(network.weights).toEqual(before);
  const [start, ...later] = found.milestones;
  expect(start).toMatchObject({ swaps: 0, tried: 0, moved: 0, agreement: 1 });
  for (const { train, moved, test, agreement } of later) {
    expect(train).toBeGreaterThanOrEqual(start.train);
    for (const share of [moved, test, agreement]) expect(share).toBeLessThanOrEqual(1);
  }
  const end = later[later.length - 1];
  expect(end.swaps).toBe(40);
  expect(end.moved).toBeGreaterThan(0);
  expect(end.tried).toBeGreaterThanOrEqual(end.swaps);
  for (const share of Object.values(found.information)) {
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1 + 1e-9);
  }
  expect(shares.at(-1)).toBe(1);
  expect(await walked()).toEqual(found);
});
