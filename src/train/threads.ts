/**
 * Data-parallel gradients: a batch is cut into equal shards, one a thread, and their gradients are averaged in the
 * order of the shards. The result depends on the number of shards, not on timing. The calling thread takes the first
 * shard itself and then waits for the others. All they exchange lies in shared memory.
 */
import type { Worker } from "node:worker_threads";
import { startThread, toShared } from "../../env/thread-node.ts";
import { type Architecture, weightCount } from "../../policies/ternary/network.ts";
import type { BackendName } from "./backend.ts";
import type { BatchGradients, GradientModel, Task } from "./gradients.ts";

/** Words of `Shared.control`. */
export const TURN = 0;
export const FINISHED = 1;

/** What a worker is given: buffers are shared with the main thread. */
export interface ShardSetup {
  backend: BackendName;
  task: Task;
  shard: number;
  shards: number;
  shared: Shared;
}

interface Shared {
  /** int32: number of the turn to compute (-1: end), shards finished in it. */
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
export function shardOf(batch: Int32Array, shard: number, shards: number): Int32Array {
  return batch.slice(
    Math.floor((batch.length * shard) / shards),
    Math.floor((batch.length * (shard + 1)) / shards),
  );
}

export class ShardedGradients {
  readonly #task: Task;
  readonly #model: GradientModel;
  readonly #shards: number;
  readonly #shared: Shared;
  readonly #workers: Worker[] = [];
  /** Layers of `#shared.kernels`, of each shard's gradients, and of their mean. */
  readonly #kernels: Float32Array[];
  readonly #shardGradients: Float32Array[][];
  readonly #mean: Float32Array[];
  #failure: Error | undefined;

  private constructor(task: Task, model: GradientModel, shards: number, batch: number) {
    this.#task = task;
    this.#model = model;
    this.#shards = shards;
    const weights = task.architecture.layers.reduce((sum, layer) => sum + weightCount(layer), 0);
    this.#shared = {
      control: new Int32Array(new SharedArrayBuffer(8)),
      batch: new Int32Array(new SharedArrayBuffer(4 * batch)),
      kernels: new Float32Array(new SharedArrayBuffer(4 * weights)),
      gradients: Array.from({ length: shards }, () => new Float32Array(new SharedArrayBuffer(4 * weights))),
      losses: new Float64Array(new SharedArrayBuffer(8 * shards)),
    };
    this.#kernels = layerViews(task.architecture, this.#shared.kernels);
    this.#shardGradients = this.#shared.gradients.map((values) => layerViews(task.architecture, values));
    this.#mean = layerViews(task.architecture, new Float32Array(weights));
  }

  /**
   * Starts the other threads, if there is more than one shard.
   *
   * @param model computes the first shard in this thread
   * @param batch samples a step
   */
  static async start(
    task: Task,
    model: GradientModel,
    shards: number,
    batch: number,
    backend: BackendName,
  ): Promise<ShardedGradients> {
    const shared = shards > 1 ? { ...task, pixels: toShared(task.pixels) } : task;
    const pool = new ShardedGradients(shared, model, shards, batch);
    const ready: Promise<void>[] = [];
    for (let shard = 1; shard < shards; shard++) {
      const setup: ShardSetup = { backend, task: shared, shard, shards, shared: pool.#shared };
      ready.push(pool.#startWorker(setup));
    }
    try {
      await Promise.all(ready);
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  #startWorker(workerData: ShardSetup): Promise<void> {
    const worker = startThread("./shard-worker", import.meta.url, { workerData });
    this.#workers.push(worker);
    return new Promise((resolve, reject) => {
      worker.once("message", () => resolve());
      worker.once("error", (error) => {
        this.#failure = error;
        reject(error);
      });
    });
  }

  /**
   * Mean loss and gradients of a batch.
   *
   * @param kernels the model's present ones
   * @returns arrays that the next call writes anew
   */
  gradients(kernels: readonly Float32Array[], batch: Int32Array): BatchGradients {
    if (this.#shards === 1) return this.#model.gradients(this.#task, batch);
    if (this.#failure) throw this.#failure;
    const { control, losses } = this.#shared;
    this.#kernels.forEach((view, i) => {
      view.set(kernels[i]);
    });
    this.#shared.batch.set(batch);
    Atomics.store(control, FINISHED, 0);
    Atomics.add(control, TURN, 1);
    Atomics.notify(control, TURN);
    const own = this.#model.gradients(this.#task, shardOf(batch, 0, this.#shards));
    for (let done = 0; done < this.#shards - 1; done = Atomics.load(control, FINISHED)) {
      // A worker that died never finishes: a minute is a thousand times what a shard takes.
      if (Atomics.wait(control, FINISHED, done, 60_000) === "timed-out") {
        throw new Error("a training thread does not answer");
      }
    }
    let loss = 0;
    for (let shard = 0; shard < this.#shards; shard++) {
      const share = shardOf(batch, shard, this.#shards).length / batch.length;
      const values = shard === 0 ? own.gradients : this.#shardGradients[shard];
      loss += share * (shard === 0 ? own.loss : losses[shard]);
      this.#mean.forEach((mean, layer) => {
        addScaled(mean, values[layer], share, shard === 0);
      });
    }
    return { loss, gradients: this.#mean };
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** `sum += factor * values`, or `sum = factor * values` where the sum begins. */
function addScaled(sum: Float32Array, values: Float32Array, factor: number, begin: boolean): void {
  if (begin) for (let i = 0; i < sum.length; i++) sum[i] = factor * values[i];
  else for (let i = 0; i < sum.length; i++) sum[i] += factor * values[i];
}
