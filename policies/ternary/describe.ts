/** Counts of a ternary network's weights and of the work they make, for `inspect`, reports and tables. */
import { type Layer, type TernaryNetwork, weightCount } from "./network.ts";

/** Counts of one layer. */
export interface LayerDescription {
  /** The paper's name: "1.0", "2.0", "fc", "fc1", "fc2". */
  name: string;
  /** Number of weights. */
  weights: number;
  /** Number of weights other than 0. */
  nonzeros: number;
  /** Number of weights +1. */
  plus: number;
  /** Number of weights -1. */
  minus: number;
  /** Percent of zero weights, 0 to 100, to a thousandth. */
  sparsity: number;
  /** Whole number C from 1 up; the layer's scale is 1/C. */
  divisor: number;
  /** Additions and subtractions for one input, before pooling. There are no multiplications. */
  additions: number;
}

/** Counts of every layer, in order. */
export function describe(network: TernaryNetwork): LayerDescription[] {
  let { height, width } = network.architecture;
  return network.architecture.layers.map((layer) => {
    const weights = network.weights[layer.name];
    const plus = weights.filter((w) => w === 1).length;
    const minus = weights.filter((w) => w === -1).length;
    let positions = 1;
    if (layer.kind === "conv") {
      height = outputSide(layer, height);
      width = outputSide(layer, width);
      positions = height * width;
      height = Math.floor(height / layer.pool);
      width = Math.floor(width / layer.pool);
    }
    return {
      name: layer.name,
      weights: weights.length,
      nonzeros: plus + minus,
      plus,
      minus,
      sparsity: percentZero(weights.length, plus + minus),
      divisor: network.divisors[layer.name],
      additions: (plus + minus) * positions,
    };
  });
}

/** Percent of zero weights: of each layer by name, and of the whole network under "all". */
export function sparsity(network: TernaryNetwork): Record<string, number> {
  const result: Record<string, number> = {};
  let count = 0;
  let nonzeros = 0;
  for (const layer of network.architecture.layers) {
    const used = network.weights[layer.name].filter((w) => w !== 0).length;
    result[layer.name] = percentZero(weightCount(layer), used);
    count += weightCount(layer);
    nonzeros += used;
  }
  result.all = percentZero(count, nonzeros);
  return result;
}

/** Rounded to a thousandth of a percent. */
function percentZero(count: number, nonzeros: number): number {
  return Math.round((1 - nonzeros / count) * 1e5) / 1e3;
}

function outputSide(layer: Layer & { kind: "conv" }, side: number): number {
  return Math.floor((side + 2 * layer.pad - layer.kernel) / layer.stride) + 1;
}
