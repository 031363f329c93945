/**
 * The training loop: batches drawn in a seeded order, gradients from tfjs, Adam on latent weights, the kernels of
 * the model made anew on every step. Same seed, same backend, same number of threads: same weights.
 */
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { Random } from "../../env/random.ts";
import { type Architecture, fanIn, weightCount } from "../../policies/ternary/network.ts";
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
  /** Adam's learning rate at the start; it falls to 0 along a cosine. */
  rate: number;
  /** Nonzero weights of each layer at the end, or null: dense floats. */
  counts: Record<string, number> | null;
  /** Share of the phase, 0 to 1, at which the counts are reached; 0 for a network that is as sparse already. */
  pruneUntil: number;
  /** Share of the phase, 0 to 1, at which the learnt scales are rounded to 1/C, where they stay. */
  fixScalesAt: number;
}

export interface StepReport {
  /** Step of this phase, from 1, and how many there are. */
  step: number;
  steps: number;
  /** Mean loss of the batch. */
  loss: number;
  /** Nonzero weights of the network. */
  nonzeros: number;
}

/** Where a trainer stands within a phase. */
export interface TrainerState {
  /** Steps done in the phase. */
  step: number;
  /** Order of the samples in the epoch that it is in. */
  order: Int32Array;
  /** State of the random generator. */
  random: Uint32Array;
  layers: LayerState[];
}

export interface TrainerOptions {
  /** Seed of the first weights and of the order of the samples. */
  seed: number;
  /** What to compute on. Default: the fastest that loads. */
  backend?: BackendName | "auto";
  /** Threads that share a batch. Default 1. */
  threads?: number;
}

export class Trainer {
  readonly architecture: Architecture;
  readonly layers: LayerParameters[];
  readonly #random: Random;
  readonly #model: GradientModel;
  readonly #backend: BackendName;
  readonly #threads: number;
  #step = 0;
  #order = new Int32Array(0);

  private constructor(architecture: Architecture, seed: number, backend: BackendName, threads: number) {
    this.architecture = architecture;
    this.#backend = backend;
    this.#threads = threads;
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
    this.#project(null, 0);
  }

  /** A dense network with random weights: uniform, of variance 1 / inputs of a unit. */
  static async create(
    architecture: Architecture,
    { seed, backend = "auto", threads = 1 }: TrainerOptions,
  ): Promise<Trainer> {
    return new Trainer(architecture, seed, await useBackend(backend), threads);
  }

  /** The model with its present weights. */
  get model(): LayersModel {
    return this.#model.model;
  }

  /**
   * Runs one phase, from its start or from where a state of it stands.
   *
   * @param pixels all samples, height × width × channels bytes each
   * @param samples indices of the samples of an epoch: a sample named twice is drawn twice
   */
  async run(
    phase: Phase,
    pixels: Uint8Array,
    samples: ArrayLike<number>,
    objective: Objective,
    onStep: (report: StepReport) => void | Promise<void> = () => {},
    from?: TrainerState,
  ): Promise<void> {
    const batch = Math.min(phase.batch, samples.length);
    const perEpoch = Math.floor(samples.length / batch);
    const steps = Math.round(perEpoch * phase.epochs);
    if (from) this.#restore(from);
    else this.#begin(phase, samples);
    const pruned = (step: number) => (phase.pruneUntil === 0 ? 1 : step / steps / phase.pruneUntil);
    this.#project(phase.counts, pruned(this.#step));
    const task = { architecture: this.architecture, pixels, objective };
    const source = await ShardedGradients.start(task, this.#model, this.#threads, batch, this.#backend);
    try {
      for (let step = this.#step + 1; step <= steps; step++) {
        const place = (step - 1) % perEpoch;
        if (place === 0) this.#random.shuffle(this.#order);
        const indices = this.#order.slice(place * batch, (place + 1) * batch);
        const kernels = this.layers.map((layer) => layer.kernel);
        const { loss, gradients } = source.gradients(kernels, indices);
        const progress = step / steps;
        const rate = phase.rate * 0.5 * (1 + Math.cos(Math.PI * ((step - 1) / steps)));
        this.layers.forEach((layer, i) => {
          layer.update(gradients[i], rate);
          if (phase.counts && progress >= phase.fixScalesAt) layer.fixScale();
        });
        const nonzeros = this.#project(phase.counts, pruned(step));
        this.#step = step;
        await onStep({ step, steps, loss, nonzeros });
      }
    } finally {
      await source.close();
    }
  }

  /** A copy of where the phase that runs stands: ask between two steps, in `onStep`. */
  state(): TrainerState {
    return {
      step: this.#step,
      order: this.#order.slice(),
      random: this.#random.state(),
      layers: this.layers.map((layer) => layer.state()),
    };
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
  }

  /** Makes the model's kernels from the latent weights; returns how many weights are not zero. */
  #project(counts: Record<string, number> | null, progress: number): number {
    let nonzeros = 0;
    for (const layer of this.layers) {
      const size = layer.latent.length;
      const kept = counts ? scheduledCount(size, counts[layer.name], progress) : size;
      layer.project(kept);
      nonzeros += kept;
    }
    this.#model.assign(this.layers.map((layer) => layer.kernel));
    return nonzeros;
  }
}
