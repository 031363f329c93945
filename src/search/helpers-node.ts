/** Who helps with a search, as `--workers` and `--redis` say: engines for its measurements, a pool for its drives. */
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { writeNetwork } from "../../policies/ternary/safetensors.ts";
import { EPISODE_STEPS, type EpisodeResult } from "../episodes/evaluate.ts";
import { InlinePool, type Pool } from "../work/pool.ts";
import { ThreadPool } from "../work/thread-pool.ts";
import type { EngineMaker } from "./engine/fitness-engine.ts";
import { PooledEngine } from "./engine/pooled-engine.ts";
import { EngineThreads } from "./engine/threads.ts";
import type { Job } from "./jobs.ts";
import type { RewardFunction } from "./rule.ts";

export interface HelperOptions {
  /** Threads of this machine, 1 or more; default 1. */
  workers?: number | undefined;
  /** URL of a Redis whose workers take the large parts of the work. */
  redis?: string | undefined;
  /** Told in lines what a person may want to know: Redis went away, no worker is there. */
  say?: (line: string) => void;
}

export interface Helpers {
  /** For `SearchOptions.engines`. */
  engines: EngineMaker;
  readonly pool: Pool;
  /** Ends threads and connections. */
  close(): Promise<void>;
}

/** @throws InvalidOption on bad options, RedisError where there is no Redis */
export async function startHelpers({ workers = 1, redis, say = () => {} }: HelperOptions): Promise<Helpers> {
  const threads = await EngineThreads.start(workers);
  if (redis === undefined) {
    let pool: Pool | undefined;
    return {
      engines: (...args) => threads.engine(...args),
      // Only a search that drives has use for it.
      get pool() {
        pool ??= workers > 1 ? new ThreadPool(workers) : new InlinePool();
        return pool;
      },
      close: async () => void (await Promise.all([threads.close(), pool?.close()])),
    };
  }
  const { RedisPool } = await import("../work/redis-pool.ts");
  const pool = await RedisPool.connect(redis, say).catch(async (error) => {
    await threads.close();
    throw error;
  });
  return {
    engines: async (network, data, layers) =>
      new PooledEngine(await threads.engine(network, data, layers), data, pool),
    pool,
    close: async () => void (await Promise.all([threads.close(), pool.close()])),
  };
}

/** Episodes of a network on seeds, in their order. */
export async function drive(
  pool: Pool,
  network: TernaryNetwork,
  seeds: readonly number[],
  maxSteps = EPISODE_STEPS,
): Promise<EpisodeResult[]> {
  const name = await pool.share(writeNetwork({ ...network, metadata: {} }));
  const jobs = seeds.map((seed): Job => ({ kind: "drive", blobs: [name], seed, maxSteps }));
  const results = await pool.run(jobs);
  await pool.forget(name);
  return results.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)));
}

/** The mean driving reward on seeds, as a search wants it. */
export function rewardOn(pool: Pool, seeds: readonly number[]): RewardFunction {
  return async (network) => {
    const episodes = await drive(pool, network, seeds);
    return episodes.reduce((sum, { reward }) => sum + reward, 0) / episodes.length;
  };
}
