/**
 * `tritrack worker`: does the jobs of a Redis queue on threads of this machine. A worker that dies in the middle of a
 * job leaves a lock that nobody renews; the queue then gives the job to another.
 */
import { VERSION } from "../../recordings/version.ts";
import { checkJob } from "../search/jobs.ts";
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
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Of blobs kept here, the latest used. */
const BYTES_KEPT = 2 ** 30;

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
  /** Bytes of the blobs that the pool has, the latest used last. */
  const kept = new Map<string, number>();
  const fetches = new Map<string, Promise<void>>();

  const fetchBlob = async (owner: string, name: string): Promise<void> => {
    let size = kept.get(name);
    if (size === undefined) {
      const bytes = await getBlob(redis, owner, name);
      await pool.share(bytes);
      size = bytes.length;
    }
    kept.delete(name);
    kept.set(name, size);
  };
  /** Two jobs that want the same blob wait for one fetch. */
  const ensureBlob = async (owner: string, name: string): Promise<void> => {
    const fetching = fetches.get(name) ?? fetchBlob(owner, name).finally(() => fetches.delete(name));
    fetches.set(name, fetching);
    await fetching;
  };
  const forgetOld = async (): Promise<void> => {
    let total = [...kept.values()].reduce((sum, size) => sum + size, 0);
    for (const [name, size] of kept) {
      if (total <= BYTES_KEPT) return;
      total -= size;
      kept.delete(name);
      await pool.forget(name);
    }
  };

  const worker = new Worker<QueuedJob>(
    QUEUE,
    async (queued) => {
      const start = performance.now();
      const { version, owner, job: unchecked } = queued.data;
      if (version !== VERSION)
        throw new RedisError(`a worker is tritrack ${VERSION}, the search ${String(version).slice(0, 20)}`);
      const job = checkJob(unchecked);
      if (!UUID.test(owner)) throw new RedisError("not a job of a search: its owner has no UUID");
      await Promise.all(job.blobs.map((name) => ensureBlob(owner, name)));
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
      // Without Redis a job at hand cannot be handed in: nothing to wait for.
      await worker.close(redis.status !== "ready");
      await pool.close();
      redis.disconnect();
    },
  };
}
