/**
 * Ternary networks as plain records: an architecture (layer shapes), int8 weights in {-1, 0, +1} and one divisor a
 * layer. Networks of "Architecture Agnostic Neural Networks", section 3.1: HardTanh activations, no biases.
 *
 * Layer scales are 1/C with C a whole number, so HardTanh is a clip at a whole threshold and inference is exact
 * integer arithmetic: with byte inputs of magnitude up to 255, the value v of a unit after layers with divisors
 * C1 … Ck is held as the integer v * 255 * C1 * … * Ck, clipped at 255 * C1 * … * Ck (every layer but the last).
 *
 * Bounds, checked by `checkNetwork`: with n the most nonzero weights of any unit of layer k, (n + 1) * 255 * C1 … Ck-1
 * and 255 * C1 … Ck stay below 2^31, so that no int32 sum overflows, in a first neighbour neither.
 *
 * Memory layout is PyTorch's: convolutions [out, in, kernel, kernel], dense layers [out, in], the last pooled map
 * flattened as [channel, row, column].
 */
import { describe } from "../../env/describe.ts";
import { TritrackError } from "../../env/errors.ts";

/** A convolution, then max-pooling, then HardTanh. */
export interface ConvLayer {
  /** Tells it from a dense layer. */
  kind: "conv";
  /** The paper's name: "1.0", "2.0". */
  name: string;
  /** Input channels. */
  in: number;
  /** Output channels: units. */
  out: number;
  /** Side of the square kernel, pixels. */
  kernel: number;
  /** Step from one position of the kernel to the next, pixels. */
  stride: number;
  /** Zero padding on every side, pixels. */
  pad: number;
  /** Side and stride of the max-pooling that follows, pixels; floor at the border. */
  pool: number;
}

/** A fully connected layer, then HardTanh unless it is the last. */
export interface DenseLayer {
  /** Tells it from a convolution. */
  kind: "dense";
  /** The paper's name: "fc", "fc1", "fc2". */
  name: string;
  /** Number of inputs. */
  in: number;
  /** Number of outputs: units. */
  out: number;
}

/** A layer with weights. */
export type Layer = ConvLayer | DenseLayer;

/** Input and layers of a network. */
export interface Architecture {
  /** The task of its networks: "mnist" classifies digits, "car" drives. */
  task: "mnist" | "car";
  /** Height of the input, pixels. */
  height: number;
  /** Width of the input, pixels. */
  width: number;
  /** Channels of the input. */
  channels: number;
  /** Integer fed for a pixel byte p: `p` for values in [0, 1], `2p - 255` for values in [-1, 1]. */
  pixel: "p" | "2p-255";
  /** Layers from the input on. */
  layers: readonly Layer[];
}

/** MNIST: 28×28 → 16 5×5 → pool 2 → 32 5×5 → pool 2 → 1568×10 (section 3.1). */
export const mnistArchitecture: Architecture = {
  task: "mnist",
  height: 28,
  width: 28,
  channels: 1,
  pixel: "p",
  layers: [
    { kind: "conv", name: "1.0", in: 1, out: 16, kernel: 5, stride: 1, pad: 2, pool: 2 },
    { kind: "conv", name: "2.0", in: 16, out: 32, kernel: 5, stride: 1, pad: 2, pool: 2 },
    { kind: "dense", name: "fc", in: 1568, out: 10 },
  ],
};

/**
 * CarRacing: the 83×83×3 crop of `crop.ts` → 32 7×7 stride 4 → pool 2 → 64 5×5 → pool 2 → 576×100 → 100×3
 * (section 3.1). Outputs: steer, gas, brake. 96×96 frames would pool to the same 3×3×64, unseen rows included.
 */
export const carArchitecture: Architecture = {
  task: "car",
  height: 83,
  width: 83,
  channels: 3,
  pixel: "2p-255",
  layers: [
    { kind: "conv", name: "1.0", in: 3, out: 32, kernel: 7, stride: 4, pad: 0, pool: 2 },
    { kind: "conv", name: "2.0", in: 32, out: 64, kernel: 5, stride: 1, pad: 0, pool: 2 },
    { kind: "dense", name: "fc1", in: 576, out: 100 },
    { kind: "dense", name: "fc2", in: 100, out: 3 },
  ],
};

/** The two architectures of the paper, by task. */
export const architectures = { mnist: mnistArchitecture, car: carArchitecture } as const;

/** Thrown for a network that is not ternary, has other layers than its architecture, or breaks the integer bounds. */
export class InvalidNetwork extends TritrackError {}

/** A ternary network. */
export interface TernaryNetwork {
  /** Its input and layers. */
  architecture: Architecture;
  /** Weights of each layer by name, values -1, 0, +1. */
  weights: Record<string, Int8Array>;
  /** Whole number C ≥ 1 of each layer by name: its scale is 1/C. */
  divisors: Record<string, number>;
  /** Text that the file carries: how the network was made, its scores and seeds. */
  metadata: Record<string, string>;
}

/** Tasks in messages, with their article. */
const TASK_NAMES = { mnist: "an MNIST", car: "a car" } as const;

/** Number of weights of a layer. */
export function weightCount(layer: Layer): number {
  return layer.kind === "conv" ? layer.out * layer.in * layer.kernel ** 2 : layer.out * layer.in;
}

/** Weights that feed one unit of a layer. */
export function fanIn(layer: Layer): number {
  return layer.kind === "conv" ? layer.in * layer.kernel ** 2 : layer.in;
}

/** PyTorch's shape of a layer's weights. */
export function weightShape(layer: Layer): number[] {
  return layer.kind === "conv" ? [layer.out, layer.in, layer.kernel, layer.kernel] : [layer.out, layer.in];
}

/**
 * The index of a layer by its name, from 0.
 * @throws InvalidNetwork naming the layers there are
 */
export function layerIndex(architecture: Architecture, name: string): number {
  const index = architecture.layers.findIndex((layer) => layer.name === name);
  if (index >= 0) return index;
  const names = architecture.layers.map((layer) => layer.name).join(", ");
  throw new InvalidNetwork(
    `no layer ${describe(name)}: ${TASK_NAMES[architecture.task]} network has ${names}`,
  );
}

/** A copy that shares no array with the original. */
export function cloneNetwork(network: TernaryNetwork): TernaryNetwork {
  return {
    architecture: network.architecture,
    weights: Object.fromEntries(
      Object.entries(network.weights).map(([name, weights]) => [name, weights.slice()]),
    ),
    divisors: { ...network.divisors },
    metadata: { ...network.metadata },
  };
}

/** Most nonzero weights of any unit of a layer. */
export function mostNonzeros(layer: Layer, weights: Int8Array): number {
  const width = fanIn(layer);
  let most = 0;
  for (let unit = 0; unit < layer.out; unit++) {
    let count = 0;
    for (let i = unit * width; i < (unit + 1) * width; i++) if (weights[i] !== 0) count++;
    most = Math.max(most, count);
  }
  return most;
}

/**
 * The integer that stands for the value 1 after layer k (from 0): 255 * C1 … Ck+1; k = -1 is the input. The
 * network's output values are its integer outputs divided by `unitValue(network)`.
 */
export function unitValue(
  network: TernaryNetwork,
  k: number = network.architecture.layers.length - 1,
): number {
  let unit = 255;
  for (const layer of network.architecture.layers.slice(0, k + 1)) unit *= network.divisors[layer.name];
  return unit;
}

/**
 * Checks that shapes, weights and divisors are as this file says and that int32 holds every sum.
 * @throws InvalidNetwork naming the layer that is not so
 */
export function checkNetwork(network: TernaryNetwork): void {
  network.architecture.layers.forEach((layer, k) => {
    const { name } = layer;
    const weights = network.weights[name];
    if (!weights) throw new InvalidNetwork(`layer "${name}": expected weights, got none`);
    if (weights.length !== weightCount(layer))
      throw new InvalidNetwork(
        `layer "${name}": expected ${weightCount(layer)} weights, got ${weights.length}`,
      );
    const wrong = weights.find((w) => w < -1 || w > 1);
    if (wrong !== undefined)
      throw new InvalidNetwork(`layer "${name}": expected weights -1, 0 or +1, got ${wrong}`);
    const divisor = network.divisors[name];
    if (!Number.isInteger(divisor) || divisor < 1)
      throw new InvalidNetwork(
        `layer "${name}": expected a whole number from 1 up as divisor, got ${describe(divisor)}`,
      );
    const largest = (mostNonzeros(layer, weights) + 1) * unitValue(network, k - 1);
    if (largest >= 2 ** 31 || unitValue(network, k) >= 2 ** 31)
      throw new InvalidNetwork(
        `layer "${name}": its sums overflow int32: use smaller divisors or more zeros`,
      );
  });
}
