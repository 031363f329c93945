/** Small made-up data for the tests of search. */

import { Random } from "../../env/random.ts";
import { type Architecture, carArchitecture } from "../../policies/ternary/network.ts";
import type { CarExamples, Examples } from "../../src/data/examples.ts";

/** Smooth random pictures (flat noise would leave most maps saturated alike) with random answers. */
export function randomData(architecture: Architecture, n: number, seed: number): Examples {
  const { task, height, width, channels } = architecture;
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
  const weights = Uint8Array.from({ length: n }, () => random.integers(1, 4));
  return { task, inputs, targets, weights, outputWeights: seed % 2 ? [12, 1, 2] : undefined };
}

export const carData = (n: number, seed: number) => randomData(carArchitecture, n, seed) as CarExamples;
