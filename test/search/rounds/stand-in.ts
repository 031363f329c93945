/** A stand-in for driving that costs nothing: rewards and frames are drawn from network and seed. */

import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { CarExamples } from "../../../src/data/examples.ts";

import type { EpisodeSource } from "../../../src/search/rounds/episodes.ts";
import type { CyclePlan } from "../../../src/search/rounds/plan.ts";
import { carData } from "../search-data.ts";

/** A few tracks for each purpose, none of them twice. */
export const FEW_TRACKS = {
  demonstrations: [0, 1],
  round: (round: number) => [1000 * round, 1000 * round + 1],
  heats: (round: number) => Array.from({ length: 16 }, (_, i) => 13_000 + 100 * round + i),
  finals: (round: number) => Array.from({ length: 40 }, (_, i) => 15_000 + 100 * round + i),
  accuracy: [16_000],
  accuracyTest: [18_000],
  validation: Array.from({ length: 40 }, (_, i) => 19_000 + i),
};

export function quickPlan(round: number, warmUp: number): CyclePlan[] {
  const singles = { removals: 60, additions: 60 };
  const sweeps = ["fc1", "fc2"].map((layer) => ({ layer, singles, pairs: 100 }));
  const cycle: CyclePlan = { frames: 48, outputWeights: [4, 1, 1], sweeps };
  return Array.from({ length: round === 0 ? warmUp : 2 }, () => cycle);
}

/** Frames of a seed: smooth pictures whose label is a linear function of a few pixels. */
export function learnable(seed: number, frames = 24): CarExamples {
  const { inputs } = carData(frames, seed);
  const targets = new Float32Array(frames * 3);
  const bytes = inputs.length / frames;
  for (let i = 0; i < frames; i++) {
    const at = (pixel: number) => inputs[i * bytes + pixel] / 255;
    targets.set([at(3000) - at(9000), at(12_000), at(6000) / 2], i * 3);
  }
  return { task: "car", inputs, targets };
}

/** @param reward gives the reward of a network on a seed */
export function standInEpisodes(
  reward: (network: TernaryNetwork, seed: number) => number,
): EpisodeSource & { driven: number[] } {
  const driven: number[] = [];
  return {
    driven,
    async rewards(networks, seeds) {
      driven.push(...networks.flatMap(() => seeds));
      return networks.map((network) => seeds.map((seed) => reward(network, seed)));
    },
    async frames(_, seeds) {
      return seeds.map((seed) => learnable(seed));
    },
  };
}
