/**
 * Random ternary networks of a given sparsity: where gradient-free search begins (section 4.4 of the paper).
 */
import { InvalidOption } from "../../env/errors.ts";
import { Random } from "../../env/random.ts";
import { type Architecture, checkNetwork, type Layer, type TernaryNetwork, weightCount } from "./network.ts";

/**
 * Every layer gets `round(weights * (1 - sparsity / 100))` nonzeros at uniformly drawn places, half of them +1
 * (rounded up) and half -1, and the divisor of `typicalDivisor`.
 * @param sparsity percent of zero weights, 0 to 100: one for all layers, or by layer name
 * @param seed of PCG64; the same seed gives the same network
 */
export function randomNetwork(
  architecture: Architecture,
  sparsity: number | Record<string, number>,
  seed: number | bigint,
): TernaryNetwork {
  const random = new Random(seed);
  const weights: Record<string, Int8Array> = {};
  const divisors: Record<string, number> = {};
  for (const layer of architecture.layers) {
    const percent = typeof sparsity === "number" ? sparsity : sparsity[layer.name];
    if (!(percent >= 0 && percent <= 100))
      throw new InvalidOption(
        `sparsity of layer "${layer.name}" is ${percent}, expected a percentage from 0 to 100`,
      );
    const count = weightCount(layer);
    const nonzeros = Math.round(count * (1 - percent / 100));
    const values = new Int8Array(count);
    values.fill(1, 0, Math.ceil(nonzeros / 2)).fill(-1, Math.ceil(nonzeros / 2), nonzeros);
    // Fisher–Yates from the front.
    for (let i = 0; i < count - 1; i++) {
      const j = random.integers(i, count);
      [values[i], values[j]] = [values[j], values[i]];
    }
    weights[layer.name] = values;
    divisors[layer.name] = typicalDivisor(layer, nonzeros);
  }
  const network = { architecture, weights, divisors, metadata: { made: `random, seed ${seed}` } };
  checkNetwork(network);
  return network;
}

/**
 * A power of two near sqrt(n) / 1.5, n the nonzeros of a unit: sums then fill HardTanh's range without all being
 * clipped. At 90 % that is 1, 4, 8 for MNIST.
 */
function typicalDivisor(layer: Layer, nonzeros: number): number {
  const aim = Math.sqrt(nonzeros / layer.out) / 1.5;
  let divisor = 1;
  while (divisor * Math.SQRT2 < aim) divisor *= 2;
  return divisor;
}
