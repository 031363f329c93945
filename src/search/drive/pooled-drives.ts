/** The drives of a search done by a pool: threads of this machine, or workers on others. */
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { writeNetwork } from "../../../policies/ternary/safetensors.ts";
import type { CarData } from "../fitness.ts";
import { readData } from "../parallel/blobs.ts";
import { drive } from "../parallel/helpers.ts";
import type { Job } from "../parallel/jobs.ts";
import type { Pool } from "../parallel/pool.ts";
import { type Drives, localDrives } from "./drives.ts";

/** As `networkFrames` has by default. */
const NOISE = 0.1;

/** The teacher drives in this thread: that is done once, at the beginning. */
export function pooledDrives(pool: Pool): Drives {
  const local = localDrives();
  return {
    rewards: (networks, seeds) =>
      Promise.all(
        networks.map(async (network) => (await drive(pool, network, seeds)).map(({ reward }) => reward)),
      ),
    frames: (driver, seeds) => (driver ? frames(pool, driver, seeds) : local.frames(driver, seeds)),
  };
}

async function frames(pool: Pool, driver: TernaryNetwork, seeds: readonly number[]) {
  const name = await pool.share(writeNetwork({ ...driver, metadata: {} }));
  const jobs = seeds.map((seed): Job => ({ kind: "frames", blobs: [name], seed, noise: NOISE }));
  const results = await pool.run(jobs);
  await pool.forget(name);
  return results.map((bytes) => readData(bytes) as CarData);
}
