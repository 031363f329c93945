/**
 * tfjs models of an architecture, and the way back: an ordinary LayersModel (convolution → max-pool → HardTanh, …,
 * dense layers, no biases) whose kernels are ternary weights times 1/C converts to a `TernaryNetwork` and back
 * without loss. tfjs keeps convolutions as [kernel, kernel, in, out], dense layers as [in, out] and flattens maps as
 * [row, column, channel]; the record keeps PyTorch's order (see policies/ternary/network.ts).
 */
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import {
  type Architecture,
  checkNetwork,
  InvalidNetwork,
  type Layer,
  type TernaryNetwork,
  weightCount,
} from "../../policies/ternary/network.ts";
import { readSamples, type Samples } from "../data/samples-node.ts";
import { Convolution } from "./convolution.ts";
import { HardTanh } from "./hard-tanh.ts";

/** Makes a model of an architecture: float maps [n, height, width, channels] in, [n, outputs] out, all weights zero. */
export function buildModel(architecture: Architecture): layers.LayersModel {
  const { height, width, channels } = architecture;
  const input = layers.input({ shape: [height, width, channels] });
  let x = input;
  const then = (layer: layers.layers.Layer) => {
    x = layer.apply(x) as layers.SymbolicTensor;
  };
  architecture.layers.forEach((layer, i) => {
    const { name } = layer;
    if (layer.kind === "conv") {
      const { out, kernel, stride, pad, pool } = layer;
      then(new Convolution({ name, filters: out, kernelSize: kernel, stride, pad }));
      then(layers.layers.maxPooling2d({ poolSize: pool, strides: pool }));
    } else {
      if (x.shape.length > 2) then(layers.layers.flatten());
      then(layers.layers.dense({ name, units: layer.out, useBias: false, kernelInitializer: "zeros" }));
    }
    // HardTanh and max-pooling commute, and after the pooling a quarter of the values is left.
    if (i < architecture.layers.length - 1) then(new HardTanh({}));
  });
  return layers.model({ inputs: input, outputs: x });
}

/** The kernels of a model, one a layer of its architecture, in order. */
export function kernels(model: layers.LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
}

/** Gives a layer's kernel new values, in tfjs's order. */
export function assignKernel(kernel: tf.Variable, values: Float32Array): void {
  const tensor = tf.tensor(values, kernel.shape);
  kernel.assign(tensor);
  tensor.dispose();
}

/** Number of values in one input. */
export function inputSize({ height, width, channels }: Architecture): number {
  return height * width * channels;
}

/** The model's input for each of the 256 bytes of a pixel. */
const pixelValues: Record<Architecture["pixel"], Float32Array> = {
  p: Float32Array.from({ length: 256 }, (_, p) => p / 255),
  "2p-255": Float32Array.from({ length: 256 }, (_, p) => (2 * p - 255) / 255),
};

/**
 * Pixel bytes as the model's input: the integers of the architecture divided by 255.
 * @param samples all inputs, each height × width × channels bytes
 * @param indices inputs that form the batch
 * @param values written; some backends read it for as long as the tensor lives. A batch of the car takes 5 MB, and fresh
 *   memory costs more than filling it. Default: fresh memory.
 */
export function inputBatch(
  architecture: Architecture,
  samples: Samples,
  indices: ArrayLike<number>,
  values: Float32Array = new Float32Array(indices.length * inputSize(architecture)),
): tf.Tensor4D {
  const { height, width, channels, pixel } = architecture;
  const size = inputSize(architecture);
  const inputOf = pixelValues[pixel];
  const inMemory = samples instanceof Uint8Array;
  const pixels = inMemory ? samples : readSamples(samples, size, indices);
  for (let i = 0; i < indices.length; i++) {
    const from = (inMemory ? indices[i] : i) * size;
    const to = i * size;
    for (let j = 0; j < size; j++) values[to + j] = inputOf[pixels[from + j]];
  }
  return tf.tensor4d(values, [indices.length, height, width, channels]);
}

/**
 * The outputs of a model for many inputs.
 * @param pixels all inputs, each height × width × channels bytes
 * @param batch inputs that the model takes at once. Default: 256.
 * @returns [n, outputs]
 */
export function predict(
  model: layers.LayersModel,
  architecture: Architecture,
  pixels: Uint8Array,
  batch = 256,
): Float32Array {
  const { layers } = architecture;
  const count = pixels.length / inputSize(architecture);
  const outputs = layers[layers.length - 1].out;
  const result = new Float32Array(count * outputs);
  for (let first = 0; first < count; first += batch) {
    const indices = Array.from({ length: Math.min(batch, count - first) }, (_, i) => first + i);
    const values = tf.tidy(() => {
      const y = model.apply(inputBatch(architecture, pixels, indices)) as tf.Tensor;
      return y.dataSync();
    });
    result.set(values, first * outputs);
  }
  return result;
}

/**
 * The place in PyTorch's order of every weight of a layer, in tfjs's order.
 * @param map channels and pixels of the pooled map that a dense layer flattens, if it does
 */
function permutation(layer: Layer, map: { channels: number; pixels: number } | null): Int32Array {
  const places = new Int32Array(weightCount(layer));
  let i = 0;
  if (layer.kind === "conv") {
    const area = layer.kernel ** 2;
    for (let k = 0; k < area; k++) {
      for (let c = 0; c < layer.in; c++) {
        for (let o = 0; o < layer.out; o++) places[i++] = (o * layer.in + c) * area + k;
      }
    }
  } else {
    const { channels, pixels } = map ?? { channels: 1, pixels: layer.in };
    for (let p = 0; p < pixels; p++) {
      for (let c = 0; c < channels; c++) {
        for (let o = 0; o < layer.out; o++) places[i++] = o * layer.in + c * pixels + p;
      }
    }
  }
  return places;
}

/** Layers of an architecture with the permutation of each one's weights. */
function permuted(architecture: Architecture): { layer: Layer; places: Int32Array }[] {
  let channels = architecture.channels;
  let onMap = true;
  return architecture.layers.map((layer) => {
    const map = layer.kind === "dense" && onMap ? { channels, pixels: layer.in / channels } : null;
    onMap = layer.kind === "conv";
    channels = layer.out;
    return { layer, places: permutation(layer, map) };
  });
}

/**
 * The network of a model whose kernels are ternary weights times 1/C.
 * @param metadata of the network. Default: none.
 * @throws {@link InvalidNetwork} if a kernel holds anything but 0 and ±1/C
 */
export function toTernaryNetwork(
  model: layers.LayersModel,
  architecture: Architecture,
  metadata: Record<string, string> = {},
): TernaryNetwork {
  const network: TernaryNetwork = { architecture, weights: {}, divisors: {}, metadata };
  const variables = kernels(model);
  permuted(architecture).forEach(({ layer, places }, i) => {
    const values = variables[i].dataSync() as Float32Array;
    const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const divisor = Math.round(1 / scale);
    const weights = new Int8Array(values.length);
    for (let j = 0; j < values.length; j++) {
      const ternary = values[j] === 0 ? 0 : Math.sign(values[j]);
      if (values[j] !== Math.fround(ternary / divisor)) {
        throw new InvalidNetwork(
          `layer ${layer.name}: expected ternary weights, 0 or ±1/C, got ${values[j]}`,
        );
      }
      weights[places[j]] = ternary;
    }
    network.weights[layer.name] = weights;
    network.divisors[layer.name] = divisor;
  });
  checkNetwork(network);
  return network;
}

/** Makes a model that computes the same as a ternary network. */
export function fromTernaryNetwork(network: TernaryNetwork): layers.LayersModel {
  const model = buildModel(network.architecture);
  const variables = kernels(model);
  permuted(network.architecture).forEach(({ layer, places }, i) => {
    const weights = network.weights[layer.name];
    const divisor = network.divisors[layer.name];
    assignKernel(
      variables[i],
      Float32Array.from(places, (place) => weights[place] / divisor),
    );
  });
  return model;
}
