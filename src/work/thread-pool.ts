/** Jobs done by threads of this machine; each takes the next when it is done with one. */
import type { Worker } from "node:worker_threads";
import { InvalidOption } from "../../env/errors.ts";
import { startThread } from "../../env/thread-node.ts";
import type { Job } from "../search/jobs.ts";
import type { BlobName } from "./blobs.ts";
import { BlobStore, type Pool } from "./pool.ts";

/** What a thread is sent; blobs lie in shared memory. */
export interface JobMessage {
  job: Job;
  blobs: Uint8Array[];
}

/** What it answers. `isOurs`: an error that tells a person what was expected. */
export type JobAnswer = { result: Uint8Array } | { error: string; isOurs: boolean };

interface Task {
  job: Job;
  resolve(result: Uint8Array): void;
  reject(error: Error): void;
}

/** Jobs for threads of this process; `close` ends them. */
export class ThreadPool implements Pool {
  readonly #blobs = new BlobStore();
  readonly #threads: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #waiting: Task[] = [];
  readonly #running = new Map<Worker, Task>();
  #failure: Error | null = null;
  #tellFailure!: (error: Error) => void;
  /** Settles when a thread has died: the pool can do no more. */
  readonly failed = new Promise<Error>((resolve) => {
    this.#tellFailure = resolve;
  });

  /** @param count threads, from 1 up */
  constructor(count: number) {
    if (!Number.isInteger(count) || count < 1)
      throw new InvalidOption(`workers: expected a whole number from 1 up, got ${count}`);
    for (let i = 0; i < count; i++) this.#startThread();
  }

  #startThread(): void {
    const worker = startThread("./job-thread", import.meta.url, {});
    this.#threads.push(worker);
    worker.on("message", (answer: JobAnswer | "ready") => {
      if (answer !== "ready") this.#settle(worker, answer);
      this.#idle.push(worker);
      this.#dispatch();
    });
    worker.on("error", (error) => {
      this.#tellFailure(error);
      this.#fail(error);
    });
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
          this.#waiting.push({ job, resolve, reject });
          this.#dispatch();
        });
        onDone?.(++done);
        return result;
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((worker) => worker.terminate()));
    this.#fail(new Error("the pool was closed before its jobs were done"));
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
    const task = this.#running.get(worker)!;
    this.#running.delete(worker);
    if ("result" in answer) task.resolve(answer.result);
    else task.reject(answer.isOurs ? new InvalidOption(answer.error) : new Error(answer.error));
  }

  /** A thread died: whoever waits is told, and so is whoever comes. */
  #fail(error: Error): void {
    this.#failure ??= error;
    for (const task of [...this.#running.values(), ...this.#waiting.splice(0)]) task.reject(this.#failure);
    this.#running.clear();
  }
}
