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
import { LayerParameters } from "./parameters.ts";
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
  /** Share of the phase, 0 to 1, at which the counts are reached. */
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
   * Runs one phase.
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
  ): Promise<void> {
    const batch = Math.min(phase.batch, samples.length);
    const perEpoch = Math.floor(samples.length / batch);
    const steps = Math.round(perEpoch * phase.epochs);
    const order = Int32Array.from(samples);
    for (const layer of this.layers) {
      layer.restart();
      if (phase.counts && !layer.ternary) layer.ternarise();
    }
    this.#project(phase.counts, 0);
    const task = { architecture: this.architecture, pixels, objective };
    const source = await ShardedGradients.start(task, this.#model, this.#threads, batch, this.#backend);
    try {
      for (let step = 1; step <= steps; step++) {
        const place = (step - 1) % perEpoch;
        if (place === 0) this.#random.shuffle(order);
        const indices = order.slice(place * batch, (place + 1) * batch);
        const kernels = this.layers.map((layer) => layer.kernel);
        const { loss, gradients } = source.gradients(kernels, indices);
        const progress = step / steps;
        const rate = phase.rate * 0.5 * (1 + Math.cos(Math.PI * ((step - 1) / steps)));
        this.layers.forEach((layer, i) => {
          layer.update(gradients[i], rate);
          if (phase.counts && progress >= phase.fixScalesAt) layer.fixScale();
        });
        const nonzeros = this.#project(phase.counts, progress / phase.pruneUntil);
        await onStep({ step, steps, loss, nonzeros });
      }
    } finally {
      await source.close();
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
