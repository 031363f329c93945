/** Episodes for a search driven by a pool: threads of this machine, or workers on others. */
import { EPISODE_STEPS } from "../../env/car-racing/core/constants.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { writeNetwork } from "../../policies/ternary/safetensors.ts";
import { readExamples } from "../data/example-bytes.ts";
import type { CarExamples } from "../data/examples.ts";
import type { EpisodeResult } from "../episodes/evaluate.ts";
import type { Job, Pool } from "../work/pool.ts";
import type { DemonstrationJob, EpisodeJob, FramesJob } from "./jobs.ts";
import type { EpisodeSource } from "./rounds/episodes.ts";
import type { RewardFunction } from "./rule.ts";

/** Noise on the controls of a network that drives for frames: the default of `networkFrames`. */
const NOISE = 0.1;

/**
 * Episodes of a network, a job each.
 * @param maxSteps steps after which an episode is truncated. Default: 1000
 * @returns results in the order of the seeds
 */
export async function episodesOn(
  pool: Pool,
  network: TernaryNetwork,
  seeds: readonly number[],
  maxSteps = EPISODE_STEPS,
): Promise<EpisodeResult[]> {
  const results = await withNetwork(pool, network, (name) =>
    seeds.map((seed): EpisodeJob => ({ kind: "episode", blobs: [name], seed, maxSteps })),
  );
  return results.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)));
}

/** The mean driving reward on seeds, for `SearchOptions.reward`. */
export function rewardOn(pool: Pool, seeds: readonly number[]): RewardFunction {
  return async (network) => {
    const episodes = await episodesOn(pool, network, seeds);
    return episodes.reduce((sum, { reward }) => sum + reward, 0) / episodes.length;
  };
}

/** Episodes for rule "rounds", for `RoundsOptions.episodes`. */
export function pooledEpisodes(pool: Pool): EpisodeSource {
  const rewards = async (network: TernaryNetwork, seeds: readonly number[]) =>
    (await episodesOn(pool, network, seeds)).map(({ reward }) => reward);
  return {
    rewards: (networks, seeds) => Promise.all(networks.map((network) => rewards(network, seeds))),
    async frames(driver, seeds) {
      const results = driver
        ? await withNetwork(pool, driver, (name) =>
            seeds.map((seed): FramesJob => ({ kind: "frames", blobs: [name], seed, noise: NOISE })),
          )
        : await pool.run(seeds.map((seed): DemonstrationJob => ({ kind: "demonstration", blobs: [], seed })));
      return results.map((bytes) => readExamples(bytes) as CarExamples);
    },
  };
}

/** Runs jobs that work on one network, which is shared meanwhile. */
async function withNetwork(
  pool: Pool,
  network: TernaryNetwork,
  jobs: (name: string) => Job[],
): Promise<Uint8Array[]> {
  const name = await pool.share(writeNetwork({ ...network, metadata: {} }));
  const results = await pool.run(jobs(name));
  await pool.forget(name);
  return results;
}
