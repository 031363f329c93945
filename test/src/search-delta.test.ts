import { describe, expect, test } from "vitest";
import { Random } from "../../env/random.ts";
import {
  type Architecture,
  architectures,
  cloneNetwork,
  type TernaryNetwork,
} from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { applySwap, SwapDrawer } from "../../policies/ternary/swap.ts";
import { DeltaEngine, measureNetwork } from "../../src/search/engine.ts";
import type { SearchData } from "../../src/search/fitness.ts";

/** Smooth random pictures: flat noise would leave most maps saturated alike. */
function randomData({ task, height, width, channels }: Architecture, n: number, seed: number): SearchData {
  const random = new Random(seed);
  const inputs = new Uint8Array(n * height * width * channels);
  for (let i = 0; i < n; i++) {
    const [a, b, c] = [random.uniform(0.02, 0.4), random.uniform(0.02, 0.4), random.uniform(0, 6)];
    for (let j = 0; j < height * width * channels; j++) {
      const pixel = Math.floor(j / channels);
      const wave = Math.sin(a * (pixel % width) + b * Math.floor(pixel / width) + c + (j % channels));
      inputs[i * height * width * channels + j] = 128 + 100 * wave + random.integers(20);
    }
  }
  if (task === "mnist")
    return { task, inputs, labels: Uint8Array.from({ length: n }, () => random.integers(10)) };
  const targets = Float32Array.from({ length: 3 * n }, (_, i) => random.uniform(i % 3 === 0 ? -1 : 0, 1));
  return { task, inputs, targets, weights: Uint8Array.from({ length: n }, () => random.integers(1, 4)) };
}

async function expectEqual(
  network: TernaryNetwork,
  layer: string,
  seed: number,
  chains: number,
  sampled: number,
) {
  const data = randomData(network.architecture, 13, seed);
  const engine = await DeltaEngine.create(network, data, [layer]);
  const random = new Random(seed);
  for (let chain = 0; chain < chains; chain++) {
    const drawer = new SwapDrawer(network, layer);
    const swaps = Array.from({ length: sampled }, () => drawer.draw(random, chain % 2 ? "free" : "same"));
    const accuracies = engine.neighbours("accuracy", layer, swaps);
    const losses = engine.neighbours("loss", layer, swaps);
    for (let i = 0; i < sampled; i++) {
      const neighbour = cloneNetwork(network);
      applySwap(neighbour, swaps[i]);
      expect(accuracies[i]).toBeCloseTo(await measureNetwork(neighbour, data, "accuracy"), 12);
      expect(losses[i]).toBeCloseTo(
        await measureNetwork(neighbour, data, "loss"),
        data.task === "car" ? 11 : 5,
      );
    }
    await engine.apply(swaps[0]);
    expect(engine.measure("accuracy")).toBe(accuracies[0]);
    expect(engine.measure("loss")).toBe(losses[0]);
  }
}

describe("delta evaluation equals a full evaluation over chained random swaps", () => {
  for (const task of ["mnist", "car"] as const)
    for (const layer of architectures[task].layers)
      test(`${task} ${layer.name}`, async () => {
        for (const [sparsity, seed] of [
          [90, 1],
          [98, 2],
          [60, 3],
        ])
          await expectEqual(randomNetwork(architectures[task], sparsity, seed), layer.name, seed, 6, 20);
      });
});
