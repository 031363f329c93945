/** Random ternary networks of a given sparsity, from which gradient-free search begins (section 4.4 of the paper). */
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";
import { Random } from "../../env/random.ts";
import { type Architecture, checkNetwork, type Layer, type TernaryNetwork, weightCount } from "./network.ts";

/**
 * A random network. Every layer gets `round(weights * (1 - sparsity / 100))` nonzeros at uniformly drawn places, half of them +1
 * (rounded up) and half -1, and the divisor of `typicalDivisor`.
 * @param sparsity percent of zero weights, 0 to 100: one for all layers, or by layer name
 * @param seed of PCG64, from 0 up; the same seed gives the same network
 * @throws InvalidOption on other sparsities; InvalidNetwork where sums would overflow int32
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
        `sparsity of layer "${layer.name}": expected a percentage from 0 to 100, got ${describe(percent)}`,
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
 * A power of two near sqrt(n) / 1.5, where n is the number of nonzeros of a unit: sums then fill HardTanh's range without
 * all being clipped. At 90 % the divisors of MNIST's layers are 1, 4 and 8.
 */
function typicalDivisor(layer: Layer, nonzeros: number): number {
  const aim = Math.sqrt(nonzeros / layer.out) / 1.5;
  let divisor = 1;
  while (divisor * Math.SQRT2 < aim) divisor *= 2;
  return divisor;
}
