/** Helpers of a search, as `--workers` and `--redis` ask for them: engines for its measurements, a pool for its episodes. */
import { InlinePool } from "../work/blobs-node.ts";
import type { Pool } from "../work/pool.ts";
import { type RedisWorker, type RedisWorkerOptions, startRedisWorker } from "../work/redis-worker-node.ts";
import { ThreadPool } from "../work/thread-pool-node.ts";
import type { EngineMaker } from "./engine/fitness-engine.ts";
import { PooledEngine } from "./engine/pooled-engine.ts";
import { EngineThreads } from "./engine/threads-node.ts";
import { jobs, jobsModule } from "./jobs.ts";

/** Options of `startHelpers`. */
export interface HelperOptions {
  /** Threads of this machine, 1 or more. Default: 1. */
  workers?: number | undefined;
  /** URL of a Redis whose workers take the large parts of the work. Default: none. */
  redis?: string | undefined;
  /** Called with lines for a person: Redis went away, no worker is there. Default: nothing. */
  say?: ((line: string) => void) | undefined;
}

/** The helpers of a search; `close` them after it. */
export interface Helpers {
  /** For `SearchOptions.engines`. */
  readonly engines: EngineMaker;
  /** For `pooledEpisodes` and `rewardOn`. */
  readonly pool: Pool;
  /** Ends threads and connections. */
  close(): Promise<void>;
}

/**
 * Starts threads, or connects to a Redis.
 * @throws {@link InvalidOption} on bad options, {@link RedisError} where there is no Redis
 */
export async function startHelpers({ workers = 1, redis, say = () => {} }: HelperOptions): Promise<Helpers> {
  const threads = await EngineThreads.start(workers);
  if (redis === undefined) {
    let pool: Pool | undefined;
    return {
      engines: (...args) => threads.engine(...args),
      // Only a search that drives has use for it.
      get pool() {
        pool ??= searchPool(workers);
        return pool;
      },
      close: async () => void (await Promise.all([threads.close(), pool?.close()])),
    };
  }
  const { RedisPool } = await import("../work/redis-pool-node.ts");
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

/**
 * A pool on this machine for the jobs of searches.
 * @param workers threads, 1 or more; with 1 the thread that asks does the jobs itself
 */
export function searchPool(workers: number): Pool {
  return workers === 1 ? new InlinePool(jobs) : new ThreadPool(workers, [jobsModule]);
}

/**
 * Starts `tritrack worker`: does the jobs of searches that give them out through a Redis.
 * @throws {@link RedisError} where there is no Redis, {@link InvalidOption} on another URL or concurrency
 */
export function startSearchWorker(options: Omit<RedisWorkerOptions, "modules">): Promise<RedisWorker> {
  return startRedisWorker({ ...options, modules: [jobsModule] });
}
