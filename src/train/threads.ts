/**
 * Data-parallel gradients: a batch is cut into equal shards whose gradients are averaged in their order. Threads
 * share the shards out among themselves, so the result depends on the number of shards, never on the number of
 * threads or on timing. The calling thread takes its part and then waits for the others. All they exchange lies in
 * shared memory.
 */
import type { Worker } from "node:worker_threads";
import { TritrackError } from "../../env/errors.ts";
import { startThread, toShared, waitWhile } from "../../env/thread-node.ts";
import { type Architecture, weightCount } from "../../policies/ternary/network.ts";
import type { BackendName } from "./backend.ts";
import type { BatchGradients, GradientModel, Task } from "./gradients.ts";

/** Words of `SharedBatch.control`: the turn to compute, and how many threads have finished it. */
export const TURN = 0;
export const FINISHED = 1;
/** In the place of `FINISHED`: a thread failed, and its error is on the way. */
export const FAILED = -1;

/** A thread that died without a word never finishes: a minute is a thousand times what a shard takes. */
const PATIENCE_MS = 60_000;

/** What threads exchange: a batch, the kernels, and what each shard came to. */
export interface SharedBatch {
  control: Int32Array;
  /** Samples of the batch; its length is the whole batch's. */
  batch: Int32Array;
  /** Kernels of all layers, one after the other. */
  kernels: Float32Array;
  /** For each shard the gradients of all layers, one after the other. */
  gradients: Float32Array[];
  /** Mean loss of each shard. */
  losses: Float64Array;
}

/** What a thread is started with. */
export interface ThreadSetup {
  backend: BackendName;
  task: Task;
  shared: SharedBatch;
  /** This thread, from 0, of how many. */
  thread: number;
  threads: number;
}

/** Computes the shards of one thread: `thread`, `thread + threads`, … */
export class ShardWork {
  readonly #setup: ThreadSetup;
  readonly #model: GradientModel;
  readonly #gradients: Float32Array[][];

  constructor(setup: ThreadSetup, model: GradientModel) {
    this.#setup = setup;
    this.#model = model;
    this.#gradients = setup.shared.gradients.map((values) => layerViews(setup.task.architecture, values));
  }

  /** Gradients and losses of the present batch, for the model's present kernels. */
  run(): void {
    const { task, shared, thread, threads } = this.#setup;
    const shards = shared.losses.length;
    for (let shard = thread; shard < shards; shard += threads) {
      const { loss, gradients } = this.#model.gradients(task, shardOf(shared.batch, shard, shards));
      shared.losses[shard] = loss;
      this.#gradients[shard].forEach((values, layer) => {
        values.set(gradients[layer]);
      });
    }
  }
}

export interface ShardOptions {
  /** Samples a step. */
  batch: number;
  shards: number;
  threads: number;
  backend: BackendName;
}

export class ShardedGradients {
  readonly #shared: SharedBatch;
  readonly #work: ShardWork;
  readonly #threads: number;
  readonly #workers: Worker[] = [];
  /** Layers of `#shared.kernels` and of the mean gradient. */
  readonly #kernels: Float32Array[];
  readonly #mean: Float32Array[];
  readonly #views: Float32Array[][];
  /** Rejects when a thread fails. */
  #failure: Promise<never> = new Promise(() => {});

  private constructor(task: Task, model: GradientModel, { batch, shards, threads, backend }: ShardOptions) {
    const { architecture } = task;
    const weights = architecture.layers.reduce((sum, layer) => sum + weightCount(layer), 0);
    const floats = () => new Float32Array(new SharedArrayBuffer(4 * weights));
    this.#shared = {
      control: new Int32Array(new SharedArrayBuffer(8)),
      batch: new Int32Array(new SharedArrayBuffer(4 * batch)),
      kernels: floats(),
      gradients: Array.from({ length: shards }, floats),
      losses: new Float64Array(new SharedArrayBuffer(8 * shards)),
    };
    this.#threads = threads;
    this.#work = new ShardWork({ backend, task, shared: this.#shared, thread: 0, threads }, model);
    this.#kernels = layerViews(architecture, this.#shared.kernels);
    this.#views = this.#shared.gradients.map((values) => layerViews(architecture, values));
    this.#mean = layerViews(architecture, new Float32Array(weights));
  }

  /**
   * Starts the other threads, if there is more than one.
   *
   * @param model computes the first thread's shards, in this thread
   */
  static async start(task: Task, model: GradientModel, options: ShardOptions): Promise<ShardedGradients> {
    const shards = Math.min(options.shards, options.batch);
    const threads = Math.min(options.threads, shards);
    const { pixels } = task;
    const shared = threads > 1 && pixels instanceof Uint8Array ? { ...task, pixels: toShared(pixels) } : task;
    const pool = new ShardedGradients(shared, model, { ...options, shards, threads });
    const ready = Array.from({ length: threads - 1 }, (_, i) =>
      pool.#startWorker({
        backend: options.backend,
        task: shared,
        shared: pool.#shared,
        thread: i + 1,
        threads,
      }),
    );
    try {
      await Promise.all(ready);
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  #startWorker(workerData: ThreadSetup): Promise<void> {
    const worker = startThread("./shard-worker", import.meta.url, { workerData });
    this.#workers.push(worker);
    const failure = new Promise<never>((_, reject) => {
      worker.once("error", (error) => reject(ofThread(error)));
    });
    // Whoever waits for the thread hears of its failure; nobody may be waiting.
    failure.catch(() => {});
    this.#failure = Promise.race([this.#failure, failure]);
    this.#failure.catch(() => {});
    return Promise.race([failure, new Promise<void>((resolve) => worker.once("message", () => resolve()))]);
  }

  /**
   * Mean loss and gradients of a batch.
   *
   * @param kernels the model's present ones
   * @param batch as many samples as `options.batch` said
   * @returns arrays that the next call writes anew
   */
  async gradients(kernels: readonly Float32Array[], batch: Int32Array): Promise<BatchGradients> {
    const { control, losses } = this.#shared;
    this.#kernels.forEach((view, i) => {
      view.set(kernels[i]);
    });
    this.#shared.batch.set(batch);
    Atomics.store(control, FINISHED, 0);
    Atomics.add(control, TURN, 1);
    Atomics.notify(control, TURN);
    this.#work.run();
    for (let done = Atomics.load(control, FINISHED); done < this.#threads - 1; ) {
      if (done === FAILED || !waitWhile(control, FINISHED, done, { timeout: PATIENCE_MS })) {
        const silence = new Promise<never>((_, reject) =>
          setTimeout(() => reject(new Error("a training thread does not answer")), 5000).unref(),
        );
        return Promise.race([this.#failure, silence]);
      }
      done = Atomics.load(control, FINISHED);
    }
    let loss = 0;
    losses.forEach((value, shard) => {
      const share = shardOf(batch, shard, losses.length).length / batch.length;
      loss += share * value;
      this.#mean.forEach((mean, layer) => {
        if (shard === 0) mean.fill(0);
        addScaled(mean, this.#views[shard][layer], share);
      });
    });
    return { loss, gradients: this.#mean };
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** Views of the layers in one array of all weights. */
export function layerViews(architecture: Architecture, values: Float32Array): Float32Array[] {
  let offset = 0;
  return architecture.layers.map((layer) => {
    const view = values.subarray(offset, offset + weightCount(layer));
    offset += view.length;
    return view;
  });
}

/** The samples of one shard of a batch. */
function shardOf(batch: Int32Array, shard: number, shards: number): Int32Array {
  return batch.slice(
    Math.floor((batch.length * shard) / shards),
    Math.floor((batch.length * (shard + 1)) / shards),
  );
}

/** Errors lose their class between threads, but not their name: ours stay the clear lines they are. */
function ofThread(error: Error): Error {
  if (error.name.endsWith("Error")) return error;
  return Object.assign(new TritrackError(error.message), { name: error.name });
}

/** `sum += factor * values`, element by element. */
function addScaled(sum: Float32Array, values: Float32Array, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] += factor * values[i];
}
