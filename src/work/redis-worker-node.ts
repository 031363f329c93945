/**
 * Does the jobs of a queue on Redis, on threads of this machine. A worker that dies in the middle of a job leaves a lock
 * that nobody renews, and the queue then gives the job to another. If a job ends its thread only, out of memory for example,
 * the thread is replaced and the job goes back to the queue, for another worker if there is one. Either way a job that ended
 * two workers is given up, by name, so that no job takes the workers of others with it.
 */
import type { Job as BullJob, Queue } from "bullmq";
import { describe } from "../../env/describe.ts";
import { TritrackError, WorkerLost } from "../../env/errors.ts";
import { VERSION } from "../../recordings/version.ts";
import { checkJob, jobName } from "./pool.ts";
import {
  connect,
  getBlob,
  MOST_LOST,
  PREFIX,
  putResult,
  QUEUE,
  type QueuedJob,
  queuePackages,
  type Redis,
  RedisError,
} from "./redis-node.ts";
import { ThreadPool } from "./thread-pool-node.ts";

/** Options of a worker. */
export interface RedisWorkerOptions {
  /** redis://[user:password@]host[:port][/database], or rediss:// */
  url: string;
  /** Jobs done at once, each on a thread, 1 or more. */
  concurrency: number;
  /** URLs of the modules that export the kinds of jobs to do as `jobs`. */
  modules: readonly string[];
  /** Called with lines for a person: Redis went away, a job failed. */
  say: (line: string) => void;
  /** Called after every job. Default: nothing. */
  onJob?: ((kind: string, milliseconds: number) => void) | undefined;
  /** JavaScript objects of each thread at most, megabytes. Default: Node's limit, which depends on the machine. */
  heapMegabytes?: number | undefined;
}

/** A worker at work. */
export interface RedisWorker {
  /** Settles when the worker has ended because it could not start a thread. */
  readonly failed: Promise<Error>;
  /** Finishes the jobs it has and ends. */
  close(): Promise<void>;
}

/** A job whose lock was not renewed for so long is given to another worker. Milliseconds. */
const LOCK_MS = 5000;
/** A job that ended a thread here is left to other workers for so long at a time. Milliseconds. */
const LEAVE_MS = 500;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Bytes of blobs that are kept, those that were used last. */
const BYTES_KEPT = 2 ** 30;

/**
 * Starts a worker.
 * @throws {@link RedisError} where there is no Redis, {@link InvalidOption} on another URL or concurrency
 */
export async function startRedisWorker(options: RedisWorkerOptions): Promise<RedisWorker> {
  const { url, concurrency, say } = options;
  const redis = await connect(url, say);
  const { Worker, Queue, DelayedError, UnrecoverableError } = await queuePackages();
  const { modules, heapMegabytes } = options;
  const pool = new ThreadPool(concurrency, modules, { attempts: 1, heapMegabytes });
  const queue = new Queue<QueuedJob>(QUEUE, { connection: redis, prefix: PREFIX });
  const runner = new JobRunner(redis, pool, options.onJob);
  /** Jobs that ended a thread of this worker. */
  const lost = new Set<string>();
  const work = async (queued: BullJob<QueuedJob>, token?: string): Promise<void> => {
    const id = queued.id!;
    if (lost.has(id) && (await hasOtherWorkers(queue))) {
      await queued.moveToDelayed(Date.now() + LEAVE_MS, token);
      throw new DelayedError();
    }
    try {
      await runner.run(queued);
    } catch (error) {
      if (error instanceof WorkerLost) lost.add(id);
      const reason = finalReason(queued, error as Error);
      throw reason === null ? error : new UnrecoverableError(reason);
    }
  };
  const worker = new Worker<QueuedJob>(QUEUE, work, {
    connection: redis,
    prefix: PREFIX,
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: LOCK_MS / 2,
    maxStalledCount: MOST_LOST - 1,
  });
  // Connections report themselves through `say`; a job whose lock was lost is done by another.
  worker.on("error", () => {});
  queue.on("error", () => {});
  worker.on("failed", (job, error) => say(`job ${job?.id} failed: ${error.message}`));
  const end = async (force: boolean) => {
    await worker.close(force);
    await pool.close();
    await queue.close();
    redis.disconnect();
  };
  return {
    failed: pool.failed.then(async (error) => {
      await end(true);
      return error;
    }),
    // Without Redis a job at hand cannot be handed in, so there is nothing to wait for.
    close: () => end(redis.status !== "ready"),
  };
}

/** Why a job that failed is not tried again; null if it is. */
function finalReason(queued: BullJob<QueuedJob>, error: Error): string | null {
  // A job that is wrong is wrong everywhere; a lack of memory may be this machine's.
  if (error instanceof TritrackError && !(error instanceof WorkerLost)) return error.message;
  if (lostBefore(queued) + 1 < MOST_LOST) return null;
  return `${error.message}; ${MOST_LOST} workers failed, it was given up`;
}

/** Workers that ended over a job so far: those that vanished and those that reported the loss of a thread. */
function lostBefore(queued: BullJob<QueuedJob>): number {
  return queued.attemptsMade + (queued.stalledCounter ?? 0);
}

/** True if other workers than this one take jobs; false if Redis does not tell. */
async function hasOtherWorkers(queue: Queue<QueuedJob>): Promise<boolean> {
  return queue.getWorkersCount().then(
    (count) => count > 1,
    () => false,
  );
}

/** Fetches what jobs work on, has them done, and stores their results. */
class JobRunner {
  readonly #redis: Redis;
  readonly #pool: ThreadPool;
  readonly #onJob: RedisWorkerOptions["onJob"];
  /** Bytes of the blobs that the pool has, the latest used last. */
  readonly #kept = new Map<string, number>();
  readonly #fetches = new Map<string, Promise<void>>();

  constructor(redis: Redis, pool: ThreadPool, onJob: RedisWorkerOptions["onJob"]) {
    this.#redis = redis;
    this.#pool = pool;
    this.#onJob = onJob;
  }

  async run(queued: BullJob<QueuedJob>): Promise<void> {
    const start = performance.now();
    const { version, owner, job: unchecked } = queued.data;
    if (version !== VERSION)
      throw new RedisError(
        `a search: expected tritrack ${VERSION} like its worker, got ${describe(version)}`,
      );
    const job = checkJob(unchecked);
    if (!UUID.test(owner)) throw new RedisError(`not a job of a search: owner is ${describe(owner)}`);
    if (lostBefore(queued) >= MOST_LOST)
      throw new RedisError(`${jobName(job)} ended ${MOST_LOST} workers and was given up`);
    await Promise.all(job.blobs.map((name) => this.#ensureBlob(owner, name)));
    const [result] = await this.#pool.run([job]);
    await this.#forgetOld();
    await putResult(this.#redis, queued.id!, result);
    this.#onJob?.(job.kind, performance.now() - start);
  }

  /** Two jobs that want the same blob wait for one fetch. */
  async #ensureBlob(owner: string, name: string): Promise<void> {
    const fetching =
      this.#fetches.get(name) ?? this.#fetchBlob(owner, name).finally(() => this.#fetches.delete(name));
    this.#fetches.set(name, fetching);
    await fetching;
  }

  async #fetchBlob(owner: string, name: string): Promise<void> {
    let size = this.#kept.get(name);
    if (size === undefined) {
      const bytes = await getBlob(this.#redis, owner, name);
      await this.#pool.share(bytes);
      size = bytes.length;
    }
    this.#kept.delete(name);
    this.#kept.set(name, size);
  }

  async #forgetOld(): Promise<void> {
    let total = [...this.#kept.values()].reduce((sum, size) => sum + size, 0);
    for (const [name, size] of this.#kept) {
      if (total <= BYTES_KEPT) return;
      total -= size;
      this.#kept.delete(name);
      await this.#pool.forget(name);
    }
  }
}
