/** Episodes for a search in rounds, driven by a pool: threads of this machine, or workers on others. */
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { writeNetwork } from "../../../policies/ternary/safetensors.ts";
import type { CarExamples } from "../../data/examples.ts";
import { readData } from "../../work/blobs.ts";
import type { Pool } from "../../work/pool.ts";
import { drive } from "../helpers-node.ts";
import type { Job } from "../jobs.ts";
import type { EpisodeSource } from "./episodes.ts";

/** As `networkFrames` has by default. */
const NOISE = 0.1;

/** Episodes driven by a pool, a job each. */
export function pooledEpisodes(pool: Pool): EpisodeSource {
  return {
    rewards: (networks, seeds) =>
      Promise.all(
        networks.map(async (network) => (await drive(pool, network, seeds)).map(({ reward }) => reward)),
      ),
    frames: (driver, seeds) =>
      driver
        ? networkFrames(pool, driver, seeds)
        : labelled(
            pool,
            seeds.map((seed) => ({ kind: "demonstration", blobs: [], seed })),
          ),
  };
}

async function networkFrames(pool: Pool, driver: TernaryNetwork, seeds: readonly number[]) {
  const name = await pool.share(writeNetwork({ ...driver, metadata: {} }));
  const sets = await labelled(
    pool,
    seeds.map((seed) => ({ kind: "frames", blobs: [name], seed, noise: NOISE })),
  );
  await pool.forget(name);
  return sets;
}

async function labelled(pool: Pool, jobs: readonly Job[]): Promise<CarExamples[]> {
  return (await pool.run(jobs)).map((bytes) => readData(bytes) as CarExamples);
}
