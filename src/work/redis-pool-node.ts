/**
 * Jobs done by workers anywhere that take them from a queue on Redis. Redis may go away and come back, even with nothing
 * left in it: jobs without a result are looked after every now and then, and given to the queue again where they are gone.
 * A job may be done twice that way; its result is the same.
 */
import { randomUUID } from "node:crypto";
import type { Queue, QueueEvents } from "bullmq";
import { VERSION } from "../../recordings/version.ts";
import { BlobStore } from "./blobs-node.ts";
import { type BlobName, type Job, jobName, type Pool } from "./pool.ts";
import {
  connect,
  dropBlob,
  KEEP_SECONDS,
  MOST_LOST,
  PREFIX,
  putBlob,
  QUEUE,
  type QueuedJob,
  queuePackages,
  type Redis,
  RedisError,
  takeResult,
} from "./redis-node.ts";

/** A job that has no result yet. */
interface Task {
  job: Job;
  resolve(result: Uint8Array): void;
  reject(error: Error): void;
}

/** Between looks after jobs without a result. Milliseconds. */
const LOOK_EVERY = 2000;
/** A job that ended a worker waits so long before it is tried again. Milliseconds. */
const TRY_AGAIN_AFTER = 500;

/** Jobs for whoever runs `tritrack worker --redis` with the same Redis; `close` gives the connections back. */
export class RedisPool implements Pool {
  readonly #redis: Redis;
  readonly #queue: Queue<QueuedJob>;
  readonly #events: QueueEvents;
  readonly #say: (line: string) => void;
  readonly #blobs = new BlobStore();
  readonly #tasks = new Map<string, Task>();
  /** Tells this pool from others: part of its jobs' ids and its blobs' keys. */
  readonly #id = randomUUID();
  #jobs = 0;
  #looking: NodeJS.Timeout | undefined;
  #isClosed = false;
  #saidNobody = false;

  private constructor(
    redis: Redis,
    queue: Queue<QueuedJob>,
    events: QueueEvents,
    say: (line: string) => void,
  ) {
    this.#redis = redis;
    this.#queue = queue;
    this.#events = events;
    this.#say = say;
  }

  /**
   * Connects to a Redis.
   * @param url see `connect`
   * @param say called with a line when Redis goes away, when it is back, and when no worker is there
   * @throws {@link RedisError} where there is no Redis, {@link InvalidOption} on another URL
   */
  static async connect(url: string, say: (line: string) => void): Promise<RedisPool> {
    const redis = await connect(url, say);
    const { Queue, QueueEvents } = await queuePackages();
    const queue = new Queue<QueuedJob>(QUEUE, { connection: redis, prefix: PREFIX });
    const events = new QueueEvents(QUEUE, { connection: redis.duplicate(), prefix: PREFIX });
    const pool = new RedisPool(redis, queue, events, say);
    // Connections report themselves through `say`.
    queue.on("error", () => {});
    events.on("error", () => {});
    events.on("completed", ({ jobId }) => void pool.#take(jobId));
    events.on("failed", ({ jobId, failedReason }) => pool.#refuse(jobId, failedReason));
    await events.waitUntilReady();
    return pool;
  }

  async share(bytes: Uint8Array): Promise<BlobName> {
    return this.#blobs.add(bytes);
  }

  async forget(name: BlobName): Promise<void> {
    if (this.#blobs.delete(name)) await dropBlob(this.#redis, this.#id, name);
  }

  async run(jobs: readonly Job[], onDone?: (done: number) => void): Promise<Uint8Array[]> {
    let done = 0;
    const ids: string[] = [];
    const results = jobs.map(
      (job) =>
        new Promise<Uint8Array>((resolve, reject) => {
          const id = `${this.#id}-${this.#jobs++}`;
          ids.push(id);
          const finish = (result: Uint8Array) => {
            onDone?.(++done);
            resolve(result);
          };
          this.#tasks.set(id, { job, resolve: finish, reject });
        }),
    );
    const all = Promise.all(results);
    all.catch(() => {}); // handled where it is awaited, below
    await this.#submit(ids);
    this.#looking ??= setTimeout(() => this.#look(), LOOK_EVERY);
    return all;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#looking);
    const left = [...this.#tasks.keys()];
    this.#tasks.clear();
    if (this.#redis.status === "ready") await Promise.all(left.map((id) => this.#queue.remove(id)));
    await Promise.allSettled([this.#queue.close(), this.#events.close()]);
    this.#redis.disconnect();
  }

  /** Puts the blobs, then the jobs; what is there already stays as it is. */
  async #submit(ids: readonly string[]): Promise<void> {
    await this.#putBlobs(ids);
    await this.#queue.addBulk(
      ids.map((jobId) => {
        const { job } = this.#tasks.get(jobId)!;
        const opts = {
          ...{ jobId, removeOnComplete: true, removeOnFail: { age: KEEP_SECONDS } },
          ...{ attempts: MOST_LOST, backoff: { type: "fixed", delay: TRY_AGAIN_AFTER } },
        };
        return { name: job.kind, data: { version: VERSION, owner: this.#id, job }, opts };
      }),
    );
  }

  async #putBlobs(ids: readonly string[]): Promise<void> {
    const blobs = new Map<BlobName, Uint8Array>();
    for (const id of ids) {
      const { job } = this.#tasks.get(id)!;
      this.#blobs.of(job).forEach((bytes, i) => {
        blobs.set(job.blobs[i], bytes);
      });
    }
    for (const [name, bytes] of blobs) await putBlob(this.#redis, this.#id, name, bytes);
  }

  /** Takes the result of a job, if it is there. */
  async #take(id: string): Promise<void> {
    if (!this.#tasks.has(id)) return;
    const result = await takeResult(this.#redis, id);
    if (!result) return;
    this.#tasks.get(id)?.resolve(result);
    this.#tasks.delete(id);
  }

  #refuse(id: string, reason: string): void {
    const task = this.#tasks.get(id);
    this.#tasks.delete(id);
    if (!task) return;
    // BullMQ's words for a job whose worker was gone, again and again.
    const isLost = reason.includes("stalled more than");
    const why = isLost ? `${jobName(task.job)} ended ${MOST_LOST} workers and was given up` : reason;
    task.reject(new RedisError(`a worker could not do job "${task.job.kind}": ${why}`));
  }

  /** Looks after every job that has no result: events may have been missed, and Redis may have lost everything. */
  async #look(): Promise<void> {
    try {
      const ids = [...this.#tasks.keys()];
      // In this order: a job that ends in between has left its result.
      const states = await Promise.all(ids.map((id) => this.#queue.getJobState(id)));
      await Promise.all(ids.map((id) => this.#take(id)));
      const left = (state: string) => ids.filter((id, i) => states[i] === state && this.#tasks.has(id));
      for (const id of left("failed")) this.#refuse(id, (await this.#queue.getJob(id))?.failedReason ?? "");
      const lost = left("unknown");
      if (lost.length > 0) await this.#submit(lost);
      // Blobs of jobs that wait for long must not be dropped for their age.
      else await this.#putBlobs([...this.#tasks.keys()]);
      if (this.#tasks.size > 0 && !this.#saidNobody && (await this.#queue.getWorkersCount()) === 0) {
        this.#saidNobody = true;
        this.#say("no worker is there yet: start one with `tritrack worker --redis URL`");
      }
    } catch {
      // The connection went away in between; the next look finds out more.
    }
    this.#looking =
      this.#isClosed || this.#tasks.size === 0 ? undefined : setTimeout(() => this.#look(), LOOK_EVERY);
  }
}
