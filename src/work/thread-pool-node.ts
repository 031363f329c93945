/**
 * Jobs done by threads of this machine; each takes the next when it is done with one. A thread that ends in the middle of a
 * job, out of memory for example, is replaced, and its job is tried again; a job that ends two threads is given up.
 */
import type { Worker } from "node:worker_threads";
import { InvalidOption, WorkerLost } from "../../env/errors.ts";
import { startThread } from "../../env/thread-node.ts";
import { BlobStore } from "./blobs-node.ts";
import { type BlobName, type Job, jobName, type Pool } from "./pool.ts";

/** Data that a thread is started with. */
export interface JobThreadSetup {
  /** URLs of modules that export `jobs`: kinds of jobs, or a function that makes them out of `data`. */
  modules: readonly string[];
  /** Data for such functions. */
  data: unknown;
}

/** A message to a thread; blobs lie in shared memory. */
export interface JobMessage {
  /** The job. */
  job: Job;
  /** Bytes of its blobs. */
  blobs: Uint8Array[];
}

/** The answer of a thread; `isOurs` if the error is a TritrackError, whose message says what was expected. */
export type JobAnswer = { result: Uint8Array } | { error: string; isOurs: boolean };

/** Options of a ThreadPool. */
export interface ThreadPoolOptions {
  /** Threads that may end over one job before it is given up, 1 or more. Default: 2. */
  attempts?: number | undefined;
  /** JavaScript objects of each thread at most, megabytes. Default: Node's limit, which depends on the machine. */
  heapMegabytes?: number | undefined;
  /**
   * Sent to each thread once, where a module exports `jobs` as a function: that makes the kinds of jobs out of it, so that what
   * they all need is made once in a thread. Default: undefined.
   */
  data?: unknown;
}

interface Task {
  job: Job;
  /** Threads that ended over it. */
  lost: number;
  resolve(result: Uint8Array): void;
  reject(error: Error): void;
}

/** Does jobs on threads of this process; `close` ends them. */
export class ThreadPool implements Pool {
  readonly #blobs = new BlobStore();
  readonly #setup: JobThreadSetup;
  readonly #attempts: number;
  readonly #heapMegabytes: number | undefined;
  readonly #threads = new Set<Worker>();
  /** Threads that have imported their modules. */
  readonly #ready = new Set<Worker>();
  readonly #idle: Worker[] = [];
  readonly #waiting: Task[] = [];
  readonly #running = new Map<Worker, Task>();
  #failure: Error | null = null;
  #tellFailure!: (error: Error) => void;
  /** Settles if the pool can do no more because a thread could not be started; closing it does not count. */
  readonly failed = new Promise<Error>((resolve) => {
    this.#tellFailure = resolve;
  });

  /**
   * @param count threads, 1 or more
   * @param modules URLs of the modules that export the kinds of jobs to do as `jobs`, see `ThreadPoolOptions.data`
   * @throws {@link InvalidOption} on another count
   */
  constructor(
    count: number,
    modules: readonly string[],
    { attempts = 2, heapMegabytes, data }: ThreadPoolOptions = {},
  ) {
    if (!Number.isInteger(count) || count < 1)
      throw new InvalidOption(`workers: expected a whole number from 1 up, got ${count}`);
    this.#setup = { modules, data };
    this.#attempts = attempts;
    this.#heapMegabytes = heapMegabytes;
    for (let i = 0; i < count; i++) this.#startThread();
  }

  #startThread(): void {
    const limits = this.#heapMegabytes && { maxOldGenerationSizeMb: this.#heapMegabytes };
    const worker = startThread("./job-thread-node", import.meta.url, {
      workerData: this.#setup,
      ...(limits && { resourceLimits: limits }),
    });
    let reason = "it ended by itself";
    this.#threads.add(worker);
    worker.on("message", (answer: JobAnswer | "ready") => {
      if (answer === "ready") this.#ready.add(worker);
      else this.#settle(worker, answer);
      this.#idle.push(worker);
      this.#dispatch();
    });
    worker.on("error", (error) => {
      reason = error.message;
    });
    worker.on("exit", () => this.#replace(worker, reason));
  }

  async share(bytes: Uint8Array): Promise<BlobName> {
    return this.#blobs.add(bytes);
  }

  async forget(name: BlobName): Promise<void> {
    this.#blobs.delete(name);
  }

  run(jobs: readonly Job[], onDone?: (done: number) => void): Promise<Uint8Array[]> {
    let done = 0;
    return Promise.all(
      jobs.map(async (job) => {
        const result = await new Promise<Uint8Array>((resolve, reject) => {
          if (this.#failure) return reject(this.#failure);
          this.#waiting.push({ job, lost: 0, resolve, reject });
          this.#dispatch();
        });
        onDone?.(++done);
        return result;
      }),
    );
  }

  async close(): Promise<void> {
    this.#fail(new Error("the pool was closed before its jobs were done"));
    await Promise.all([...this.#threads].map((worker) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const task = this.#waiting.shift()!;
      try {
        const message: JobMessage = { job: task.job, blobs: this.#blobs.of(task.job) };
        const worker = this.#idle.pop()!;
        this.#running.set(worker, task);
        worker.postMessage(message);
      } catch (error) {
        task.reject(error as Error);
      }
    }
  }

  #settle(worker: Worker, answer: JobAnswer): void {
    const task = this.#running.get(worker);
    this.#running.delete(worker);
    if (!task) return;
    if ("result" in answer) task.resolve(answer.result);
    else task.reject(answer.isOurs ? new InvalidOption(answer.error) : new Error(answer.error));
  }

  /** Puts a new thread in the place of one that ended, and its job back to the head of the queue. */
  #replace(worker: Worker, reason: string): void {
    this.#threads.delete(worker);
    const task = this.#running.get(worker);
    this.#running.delete(worker);
    const idle = this.#idle.indexOf(worker);
    if (idle >= 0) this.#idle.splice(idle, 1);
    if (this.#failure) return;
    // A thread that never got ready would end again and again.
    if (!this.#ready.delete(worker)) {
      const error = new WorkerLost(`a thread for jobs could not start: ${reason}`);
      this.#fail(error);
      this.#tellFailure(error);
      return;
    }
    this.#startThread();
    if (!task) return;
    if (++task.lost < this.#attempts) this.#waiting.unshift(task);
    else task.reject(new WorkerLost(`${jobName(task.job)} ended its thread${times(task.lost)}: ${reason}`));
  }

  /** Rejects all jobs there are and all that will come. */
  #fail(error: Error): void {
    this.#failure ??= error;
    for (const task of [...this.#running.values(), ...this.#waiting.splice(0)]) task.reject(this.#failure);
    this.#running.clear();
  }
}

function times(count: number): string {
  return count === 1 ? "" : `, ${count} times`;
}
