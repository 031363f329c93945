/**
 * Data-parallel gradients: a batch is cut into equal shards whose gradients are averaged in their order. Threads
 * share the shards out among themselves, so the result depends on the number of shards, never on the number of
 * threads or on timing. The calling thread takes its part and then waits for the others. All they exchange lies in
 * shared memory.
 */
import { toShared } from "../../env/thread-node.ts";
import { type Architecture, weightCount } from "../../policies/ternary/network.ts";
import { sum } from "../data/statistics.ts";
import { Team } from "../work/team-node.ts";
import type { BackendName } from "./backend.ts";
import type { BatchGradients, GradientModel, Task } from "./gradients.ts";

/** Data that the threads exchange: a batch, the kernels, and the results of each shard. All arrays lie in shared memory. */
export interface SharedBatch {
  /** Samples of the batch; its length is the whole batch's. */
  batch: Int32Array;
  /** Kernels of all layers, one after the other. */
  kernels: Float32Array;
  /** Gradients of each shard, layer after layer. */
  gradients: Float32Array[];
  /** Mean loss of each shard. */
  losses: Float64Array;
}

/** Data that a thread is started with. */
export interface ThreadSetup {
  /** tfjs backend to compute on. */
  backend: BackendName;
  /** Samples and the loss on them. */
  task: Task;
  /** Data that the threads exchange. */
  shared: SharedBatch;
}

/** Computes the shards of one thread: `member`, `member + members`, … */
export class ShardWork {
  readonly #task: Task;
  readonly #shared: SharedBatch;
  readonly #model: GradientModel;
  readonly #gradients: Float32Array[][];
  readonly #member: number;
  readonly #members: number;

  /** @param place number of this thread, from 0 up, and of all threads */
  constructor(
    task: Task,
    shared: SharedBatch,
    { member, members }: { member: number; members: number },
    model: GradientModel,
  ) {
    this.#task = task;
    this.#shared = shared;
    this.#member = member;
    this.#members = members;
    this.#model = model;
    this.#gradients = shared.gradients.map((values) => layerViews(task.architecture, values));
  }

  /** Computes gradients and losses of the present batch, for the model's present kernels. */
  run(): void {
    const { batch, losses } = this.#shared;
    for (let shard = this.#member; shard < losses.length; shard += this.#members) {
      const { loss, gradients } = this.#model.gradients(this.#task, shardOf(batch, shard, losses.length));
      losses[shard] = loss;
      this.#gradients[shard].forEach((values, layer) => {
        values.set(gradients[layer]);
      });
    }
  }
}

/** Sharing out of batches. */
export interface ShardOptions {
  /** Samples a step. */
  batch: number;
  /** Parts that a batch is cut into. */
  shards: number;
  /** Threads that share the parts, the caller's included. */
  threads: number;
  /** tfjs backend to compute on. */
  backend: BackendName;
}

/** Gradients of batches on several threads; made by `ShardedGradients.start`. */
export class ShardedGradients {
  readonly #shared: SharedBatch;
  readonly #work: ShardWork;
  readonly #team: Team;
  /** Layers of `#shared.kernels`, of the shards' gradients and of the mean gradient. */
  readonly #kernels: Float32Array[];
  readonly #views: Float32Array[][];
  readonly #mean: Float32Array[];

  private constructor(task: Task, model: GradientModel, shared: SharedBatch, team: Team) {
    const { architecture } = task;
    this.#shared = shared;
    this.#team = team;
    this.#work = new ShardWork(task, shared, { member: 0, members: team.members }, model);
    this.#kernels = layerViews(architecture, shared.kernels);
    this.#views = shared.gradients.map((values) => layerViews(architecture, values));
    this.#mean = layerViews(architecture, new Float32Array(shared.kernels.length));
  }

  /**
   * Starts the other threads, if there is more than one.
   * @param model computes the first thread's shards, in this thread
   * @throws the error of a thread that does not start
   */
  static async start(task: Task, model: GradientModel, options: ShardOptions): Promise<ShardedGradients> {
    const { batch, backend } = options;
    const shards = Math.min(options.shards, batch);
    const members = Math.min(options.threads, shards);
    const isCopied = members > 1 && task.pixels instanceof Uint8Array;
    const own = isCopied ? { ...task, pixels: toShared(task.pixels as Uint8Array) } : task;
    const shared = sharedBatch(task.architecture, batch, shards);
    const data: ThreadSetup = { backend, task: own, shared };
    const team = await Team.start({
      name: "a training thread",
      members,
      file: "./shard-worker",
      from: import.meta.url,
      data,
    });
    return new ShardedGradients(own, model, shared, team);
  }

  /**
   * Mean loss and gradients of a batch.
   * @param kernels the model's present ones
   * @param batch as many samples as `options.batch` said
   * @returns arrays that the next call writes anew
   * @throws the error of a thread; {@link WorkerLost} if one ends
   */
  gradients(kernels: readonly Float32Array[], batch: Int32Array): BatchGradients {
    const { losses } = this.#shared;
    this.#kernels.forEach((view, i) => {
      view.set(kernels[i]);
    });
    this.#shared.batch.set(batch);
    this.#team.ask();
    this.#work.run();
    this.#team.answers();
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
  close(): Promise<void> {
    return this.#team.close();
  }
}

function sharedBatch(architecture: Architecture, batch: number, shards: number): SharedBatch {
  const weights = sum(architecture.layers.map(weightCount));
  const floats = () => new Float32Array(new SharedArrayBuffer(4 * weights));
  return {
    batch: new Int32Array(new SharedArrayBuffer(4 * batch)),
    kernels: floats(),
    gradients: Array.from({ length: shards }, floats),
    losses: new Float64Array(new SharedArrayBuffer(8 * shards)),
  };
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

/** `total += factor * values`, element by element. */
function addScaled(total: Float32Array, values: Float32Array, factor: number): void {
  for (let i = 0; i < total.length; i++) total[i] += factor * values[i];
}
