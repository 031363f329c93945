/**
 * The training loop of one phase: batches drawn in a seeded order, gradients from tfjs, Adam on latent weights, the
 * kernels of the model made anew on every step. The same seed, backend and number of shards give the same weights, for
 * any number of threads. Phases follow one another in `phases.ts`.
 */
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { InvalidOption } from "../../env/errors.ts";
import { Random } from "../../env/random.ts";
import { type Architecture, fanIn, weightCount } from "../../policies/ternary/network.ts";
import type { Samples } from "../data/samples-node.ts";
import { type BackendName, useBackend } from "./backend.ts";
import { GradientModel } from "./gradients.ts";
import type { Objective } from "./losses.ts";
import { LayerParameters, type LayerState } from "./parameters.ts";
import { scheduledCount } from "./sparsify.ts";
import { ShardedGradients } from "./threads.ts";

/** One stretch of training with one schedule of learning rate and density. */
export interface Phase {
  /** Passes over the samples. */
  epochs: number;
  /** Samples a step. */
  batch: number;
  /** Learning rate of Adam at the start. */
  rate: number;
  /** "cosine": the learning rate falls to 0 at the end of the phase; "constant": it stays. Default: "cosine". */
  decay?: "cosine" | "constant";
  /** Nonzero weights of each layer at the end; null leaves the network dense, with float weights. */
  counts: Record<string, number> | null;
  /** Share of the phase, 0 to 1, at which the counts are reached; 0 for a network that is as sparse already. */
  pruneUntil: number;
  /** Share of the phase, 0 to 1, from which on the learnt scales are fixed, rounded to 1/C. */
  fixScalesAt: number;
  /**
   * The paper's way to sparse and binary weights (Section 4.1), with `counts: null`: floats within an epoch, and at
   * its end all but so many weights of a layer become 0, the others ±1 if `binary`. Epochs count from 1; epoch 0 is the
   * start of the phase. Default: none.
   */
  atEpochEnds?: { counts: (epoch: number) => Record<string, number>; binary: boolean };
}

/** Report of one step of training. */
export interface StepReport {
  /** Number of the step in its phase, from 1. */
  step: number;
  /** Number of steps in the phase. */
  steps: number;
  /** True if the step is the last of an epoch. */
  endsEpoch: boolean;
  /** Mean loss of the batch. */
  loss: number;
  /** Nonzero weights of the network. */
  nonzeros: number;
}

/** State of a trainer within a phase. */
export interface TrainerState {
  /** Steps done in the phase. */
  step: number;
  /** Order of the samples in the present epoch. */
  order: Int32Array;
  /** State of the random generator. */
  random: Uint32Array;
  /** State of each layer's parameters. */
  layers: LayerState[];
}

/** Options of every training that say how it computes. */
export interface ComputeOptions {
  /** tfjs backend to compute on. Default: "auto", the fastest that loads. */
  backend?: BackendName | "auto" | undefined;
  /** Threads that share the work, from 1 up; the result is the same for any number. Default: 1. */
  threads?: number | undefined;
  /**
   * Parts that a batch is cut into, from 1 up: at most so many threads are of use. Results differ in their last bits.
   * Default: 2.
   */
  shards?: number | undefined;
}

/** Options of `Trainer.create`. */
export interface TrainerOptions extends ComputeOptions {
  /** Seed of the first weights and of the order of the samples. */
  seed: number;
}

/** Trains one network, a batch at a time; made by `Trainer.create`. */
export class Trainer {
  /** Layers of the network that is trained. */
  readonly architecture: Architecture;
  /** Latent weights, masks and scales of each layer, in the architecture's order. */
  readonly layers: LayerParameters[];
  /** tfjs backend that it computes on. */
  readonly backend: BackendName;
  readonly #random: Random;
  readonly #model: GradientModel;
  readonly #threads: number;
  readonly #shards: number;
  #step = 0;
  #order = new Int32Array(0);

  private constructor(
    architecture: Architecture,
    backend: BackendName,
    { seed, threads = 1, shards = 2 }: TrainerOptions,
  ) {
    positive("threads", threads);
    positive("shards", shards);
    this.architecture = architecture;
    this.backend = backend;
    this.#threads = threads;
    this.#shards = shards;
    this.#random = new Random(seed);
    this.#model = new GradientModel(architecture);
    this.layers = architecture.layers.map((layer) => {
      const parameters = new LayerParameters(layer.name, weightCount(layer));
      const bound = Math.sqrt(3 / fanIn(layer));
      for (let i = 0; i < parameters.latent.length; i++) {
        parameters.latent[i] = this.#random.uniform(-bound, bound);
      }
      return parameters;
    });
    for (const layer of this.layers) layer.project(layer.latent.length);
    this.#assign();
  }

  /**
   * Makes a trainer of a dense network with random weights: uniform, of variance 1 / inputs of a unit.
   * @throws {@link InvalidOption} on a bad option; {@link NoBackend} where the backend does not load
   */
  static async create(architecture: Architecture, options: TrainerOptions): Promise<Trainer> {
    return new Trainer(architecture, await useBackend(options.backend ?? "auto"), options);
  }

  /** The tfjs model with its present weights. */
  get model(): LayersModel {
    return this.#model.model;
  }

  /**
   * Runs one phase, from its start or from where a state of it stands.
   *
   * @param pixels all samples, height × width × channels bytes each
   * @param samples indices of the samples of an epoch: a sample named twice is drawn twice
   * @param onStep called after every step; a promise is awaited
   * @param from a state within this phase to go on from. Default: the phase begins.
   * @throws {@link InvalidOption} without samples; whatever a training thread throws
   */
  async run(
    phase: Phase,
    pixels: Samples,
    samples: ArrayLike<number>,
    objective: Objective,
    onStep: (report: StepReport) => void | Promise<void> = () => {},
    from?: TrainerState,
  ): Promise<void> {
    if (samples.length === 0) throw new InvalidOption("there is nothing to learn from: no samples");
    const batch = Math.min(phase.batch, samples.length);
    const perEpoch = Math.floor(samples.length / batch);
    const steps = Math.round(perEpoch * phase.epochs);
    if (from) this.#restore(from);
    else this.#begin(phase, samples);
    const project = () => this.#project(phase, this.#step / steps, Math.floor(this.#step / perEpoch));
    project();
    const task = { architecture: this.architecture, pixels, objective };
    const source = await ShardedGradients.start(task, this.#model, {
      batch,
      shards: this.#shards,
      threads: this.#threads,
      backend: this.backend,
    });
    try {
      for (let step = this.#step + 1; step <= steps; step++) {
        const place = (step - 1) % perEpoch;
        if (place === 0) this.#random.shuffle(this.#order);
        const indices = this.#order.slice(place * batch, (place + 1) * batch);
        const kernels = this.layers.map((layer) => layer.kernel);
        const { loss, gradients } = source.gradients(kernels, indices);
        const decay = phase.decay === "constant" ? 1 : 0.5 * (1 + Math.cos((Math.PI * (step - 1)) / steps));
        this.layers.forEach((layer, i) => {
          layer.update(gradients[i], phase.rate * decay);
          if (phase.counts && step / steps >= phase.fixScalesAt) layer.fixScale();
        });
        const endsEpoch = place === perEpoch - 1;
        if (endsEpoch) this.#endEpoch(phase, step / perEpoch);
        this.#step = step;
        await onStep({ step, steps, endsEpoch, loss, nonzeros: project() });
      }
    } finally {
      await source.close();
    }
  }

  /** A copy of the present state: call it between two steps, in `onStep`, or between two phases. */
  state(): TrainerState {
    return {
      step: this.#step,
      order: this.#order.slice(),
      random: this.#random.state(),
      layers: this.layers.map((layer) => layer.state()),
    };
  }

  /** Takes back a state from the end of a phase. @param ended that phase */
  restore(state: TrainerState, ended: Phase): void {
    this.#restore(state);
    this.#project(ended, 1, Math.floor(ended.epochs));
  }

  #restore({ step, order, random, layers }: TrainerState): void {
    this.#step = step;
    this.#order = order.slice();
    this.#random.restore(random);
    this.layers.forEach((layer, i) => {
      layer.restore(layers[i]);
    });
  }

  #begin(phase: Phase, samples: ArrayLike<number>): void {
    this.#step = 0;
    this.#order = Int32Array.from(samples);
    for (const layer of this.layers) {
      layer.restart();
      if (phase.counts && !layer.ternary) layer.ternarise();
    }
    this.#endEpoch(phase, 0);
  }

  /** Prunes and binarises the latent weights if the phase says so. */
  #endEpoch({ atEpochEnds }: Phase, epoch: number): void {
    if (!atEpochEnds) return;
    const counts = atEpochEnds.counts(epoch);
    for (const layer of this.layers) layer.prune(counts[layer.name], atEpochEnds.binary);
  }

  /**
   * Makes the model's kernels from the latent weights.
   * @param progress share of the phase done, 0 to 1
   * @param epoch whole epochs done
   * @returns number of weights that are not zero; for a phase that prunes at the ends of epochs, the count it had there
   */
  #project({ counts, pruneUntil, atEpochEnds }: Phase, progress: number, epoch: number): number {
    const pruned = pruneUntil === 0 ? 1 : progress / pruneUntil;
    const counted = atEpochEnds?.counts(epoch);
    let nonzeros = 0;
    for (const layer of this.layers) {
      const size = layer.latent.length;
      const kept = counts ? scheduledCount(size, counts[layer.name], pruned) : size;
      layer.project(kept);
      nonzeros += counted?.[layer.name] ?? kept;
    }
    this.#assign();
    return nonzeros;
  }

  #assign(): void {
    this.#model.assign(this.layers.map((layer) => layer.kernel));
  }
}

function positive(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidOption(`${name}: expected a whole number from 1 up, got ${value}`);
  }
}
