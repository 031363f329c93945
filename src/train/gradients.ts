/**
 * The gradient of one batch: a tfjs model runs forward and back, plain arrays go in and out. The rest of a training step
 * (Adam, pruning, ternary weights) does not touch tfjs, so batches can be shared out over threads.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { Architecture } from "../../policies/ternary/network.ts";
import type { Samples } from "../data/samples-node.ts";
import { type Loss, lossOf, type Objective } from "./losses.ts";
import { assignKernel, buildModel, inputBatch, inputSize, kernels } from "./model.ts";

/** Samples and the loss of a network on them. */
export interface Task {
  /** Layers of the network. */
  architecture: Architecture;
  /** All samples, height × width × channels bytes each. */
  pixels: Samples;
  /** The loss, with the answer wanted on each sample. */
  objective: Objective;
}

/** Mean loss of a batch, and its gradient for every kernel in tfjs's order of weights. */
export interface BatchGradients {
  /** Mean loss. */
  loss: number;
  /** Gradients of the mean loss, one array a layer. */
  gradients: Float32Array[];
}

/** A tfjs model that computes gradients. */
export class GradientModel {
  /** The model. */
  readonly model: LayersModel;
  readonly #kernels: tf.Variable[];
  /** Memory of the input batch, which every step uses again. */
  #input = new Float32Array(0);

  constructor(architecture: Architecture) {
    this.model = buildModel(architecture);
    this.#kernels = kernels(this.model);
  }

  /** Gives the model its weights, one array a layer. */
  assign(values: readonly Float32Array[]): void {
    this.#kernels.forEach((kernel, i) => {
      assignKernel(kernel, values[i]);
    });
  }

  /** Mean loss and gradients of a batch. @param indices samples that form the batch */
  gradients({ architecture, pixels, objective }: Task, indices: Int32Array): BatchGradients {
    const loss = lossOf(objective);
    const size = indices.length * inputSize(architecture);
    if (this.#input.length !== size) this.#input = new Float32Array(size);
    let mean = 0;
    let gradients: Float32Array[] = [];
    // Nothing is returned through tidy, which would look for tensors in every element of the arrays.
    tf.tidy(() => {
      const x = inputBatch(architecture, pixels, indices, this.#input);
      const lossOfOutputs = lossOperation(loss, indices, (value) => {
        mean = value;
      });
      const { grads } = tf.variableGrads(
        () => lossOfOutputs(this.model.apply(x) as tf.Tensor) as tf.Scalar,
        this.#kernels,
      );
      gradients = this.#kernels.map((kernel) => grads[kernel.name].dataSync() as Float32Array);
    });
    return { loss: mean, gradients };
  }
}

/** A plain loss as a tfjs operation. */
function lossOperation(loss: Loss, indices: Int32Array, note: (mean: number) => void) {
  return tf.customGrad((y, save) => {
    const outputs = (y as tf.Tensor).dataSync() as Float32Array;
    const gradient = new Float32Array(outputs.length);
    const mean = loss(outputs, indices, gradient);
    note(mean);
    (save as tf.GradSaveFunc)([tf.tensor(gradient, (y as tf.Tensor).shape)]);
    return { value: tf.scalar(mean), gradFunc: (_dy: tf.Tensor, [slope]: tf.Tensor[]) => slope };
  });
}
