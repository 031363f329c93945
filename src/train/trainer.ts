/**
 * The training loop: batches drawn in a seeded order, gradients from tfjs, Adam on latent weights, the kernels of
 * the model made anew on every step. Same seed, same backend, same weights.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { Random } from "../../env/random.ts";
import { type Architecture, fanIn, weightCount } from "../../policies/ternary/network.ts";
import { assignKernel, buildModel, inputBatch, kernels } from "./model.ts";
import { LayerParameters } from "./parameters.ts";
import { scheduledCount } from "./sparsify.ts";

/**
 * A loss as plain numbers: small enough that tensors would only be in the way.
 *
 * @param outputs the network's outputs for a batch, [n, outputs]
 * @param indices which samples they are
 * @param gradient [n, outputs], written: derivative of the mean loss
 * @returns mean loss of the batch
 */
export type Loss = (outputs: Float32Array, indices: Int32Array, gradient: Float32Array) => number;

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

export class Trainer {
  readonly architecture: Architecture;
  readonly model: LayersModel;
  readonly layers: LayerParameters[];
  readonly random: Random;
  #kernels: tf.Variable[];

  /** Starts from He-uniform weights drawn from the seed. */
  constructor(architecture: Architecture, seed: number) {
    this.architecture = architecture;
    this.random = new Random(seed);
    this.model = buildModel(architecture);
    this.#kernels = kernels(this.model);
    this.layers = architecture.layers.map((layer) => {
      const parameters = new LayerParameters(layer.name, weightCount(layer));
      const bound = Math.sqrt(3 / fanIn(layer));
      for (let i = 0; i < parameters.latent.length; i++) {
        parameters.latent[i] = this.random.uniform(-bound, bound);
      }
      return parameters;
    });
    this.#project(null, 0);
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
    loss: Loss,
    onStep: (report: StepReport) => void | Promise<void> = () => {},
  ): Promise<void> {
    const perEpoch = Math.floor(samples.length / phase.batch);
    const steps = Math.round(perEpoch * phase.epochs);
    const order = Int32Array.from(samples);
    for (const layer of this.layers) {
      layer.restart();
      if (phase.counts && !layer.ternary) layer.ternarise();
    }
    this.#project(phase.counts, 0);
    for (let step = 1; step <= steps; step++) {
      const place = (step - 1) % perEpoch;
      if (place === 0) this.random.shuffle(order);
      const indices = order.slice(place * phase.batch, (place + 1) * phase.batch);
      const { mean, gradients } = this.gradients(pixels, indices, loss);
      const progress = step / steps;
      const rate = phase.rate * 0.5 * (1 + Math.cos(Math.PI * ((step - 1) / steps)));
      this.layers.forEach((layer, i) => {
        layer.update(gradients[i], rate);
        if (phase.counts && progress >= phase.fixScalesAt) layer.fixScale();
      });
      const nonzeros = this.#project(phase.counts, progress / phase.pruneUntil);
      await onStep({ step, steps, loss: mean, nonzeros });
    }
  }

  /** Mean loss of a batch and its gradient for every kernel, in tfjs's order of weights. */
  gradients(
    pixels: Uint8Array,
    indices: Int32Array,
    loss: Loss,
  ): { mean: number; gradients: Float32Array[] } {
    let mean = 0;
    let gradients: Float32Array[] = [];
    // Nothing is returned through tidy, which would look for tensors in every element of the arrays.
    tf.tidy(() => {
      const x = inputBatch(this.architecture, pixels, indices);
      const objective = tf.customGrad((y, save) => {
        const outputs = (y as tf.Tensor).dataSync() as Float32Array;
        const gradient = new Float32Array(outputs.length);
        mean = loss(outputs, indices, gradient);
        (save as tf.GradSaveFunc)([tf.tensor(gradient, (y as tf.Tensor).shape)]);
        return { value: tf.scalar(mean), gradFunc: (_dy: tf.Tensor, [slope]: tf.Tensor[]) => slope };
      });
      const { grads } = tf.variableGrads(
        () => objective(this.model.apply(x) as tf.Tensor) as tf.Scalar,
        this.#kernels,
      );
      gradients = this.#kernels.map((kernel) => grads[kernel.name].dataSync() as Float32Array);
    });
    return { mean, gradients };
  }

  /** Makes the model's kernels from the latent weights; returns how many weights are not zero. */
  #project(counts: Record<string, number> | null, progress: number): number {
    let nonzeros = 0;
    this.layers.forEach((layer, i) => {
      const size = layer.latent.length;
      const kept = counts ? scheduledCount(size, counts[layer.name], progress) : size;
      layer.project(kept);
      assignKernel(this.#kernels[i], layer.kernel);
      nonzeros += kept;
    });
    return nonzeros;
  }
}
