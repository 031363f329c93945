/**
 * `tritrack worker`: does the jobs of a Redis queue on threads of this machine. A worker that dies in the middle of a
 * job leaves a lock that nobody renews; the queue then gives the job to another.
 */
import { VERSION } from "../../../recordings/version.ts";
import { checkJob } from "./jobs.ts";
import {
  connect,
  getBlob,
  PREFIX,
  putResult,
  QUEUE,
  type QueuedJob,
  queuePackages,
  RedisError,
} from "./redis.ts";
import { ThreadPool } from "./thread-pool.ts";

export interface RedisWorkerOptions {
  /** See `connect`. */
  url: string;
  /** Jobs done at once, each on a thread. */
  concurrency: number;
  /** Told what a person may want to know, in lines. */
  say: (line: string) => void;
  /** Told after every job. */
  onJob?: (kind: string, milliseconds: number) => void;
}

/** A job whose lock was not renewed for so long is given to another worker. Milliseconds. */
const LOCK_MS = 5000;
/** A job may lose that many workers before it is given up: by then it is what kills them. */
const MOST_LOST = 20;
/** Blobs kept here, the latest used. */
const BLOBS_KEPT = 64;

export interface RedisWorker {
  /** Settles when the worker can do no more: a thread died. */
  readonly failed: Promise<Error>;
  /** Finishes the jobs it has and ends. */
  close(): Promise<void>;
}

/** @throws {@link RedisError} where there is no Redis */
export async function startRedisWorker(options: RedisWorkerOptions): Promise<RedisWorker> {
  const { url, concurrency, say, onJob } = options;
  const redis = await connect(url, say);
  const { Worker } = await queuePackages();
  const pool = new ThreadPool(concurrency);
  const kept = new Set<string>();
  const fetches = new Map<string, Promise<void>>();

  const fetchBlob = async (name: string): Promise<void> => {
    // To the end of the order in which blobs are forgotten.
    if (kept.delete(name)) {
      kept.add(name);
      return;
    }
    await pool.share(await getBlob(redis, name));
    kept.add(name);
  };
  /** Two jobs that want the same blob wait for one fetch. */
  const ensureBlob = async (name: string): Promise<void> => {
    const fetching = fetches.get(name) ?? fetchBlob(name).finally(() => fetches.delete(name));
    fetches.set(name, fetching);
    await fetching;
  };
  const forgetOld = async (): Promise<void> => {
    for (const name of kept) {
      if (kept.size <= BLOBS_KEPT) return;
      kept.delete(name);
      await pool.forget(name);
    }
  };

  const worker = new Worker<QueuedJob>(
    QUEUE,
    async (queued) => {
      const start = performance.now();
      const { version, job: unchecked } = queued.data;
      if (version !== VERSION)
        throw new RedisError(`a worker is tritrack ${VERSION}, the search ${String(version).slice(0, 20)}`);
      const job = checkJob(unchecked);
      await Promise.all(job.blobs.map(ensureBlob));
      const [result] = await pool.run([job]);
      await forgetOld();
      await putResult(redis, queued.id!, result);
      onJob?.(job.kind, performance.now() - start);
    },
    {
      connection: redis,
      prefix: PREFIX,
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      maxStalledCount: MOST_LOST,
    },
  );
  // Connections report themselves through `say`; a job whose lock was lost is done by another.
  worker.on("error", () => {});
  worker.on("failed", (job, error) => say(`job ${job?.id} failed: ${error.message}`));
  return {
    failed: pool.failed,
    async close() {
      await worker.close();
      await pool.close();
      redis.disconnect();
    },
  };
}
