/** Random car networks, from which a search without any training begins. */
import { InvalidOption } from "../../../env/errors.ts";
import {
  architectures,
  checkNetwork,
  type TernaryNetwork,
  weightCount,
} from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { layerCounts } from "../../data/layer-counts.ts";

/** Divisors of trained networks at 90 % sparsity, for layers as dense as `layerCounts` says. */
const DIVISORS: Record<string, number> = { "1.0": 12, "2.0": 29, fc1: 24, fc2: 12 };
/** Sparsity of those networks, percent. */
const AT_SPARSITY = 90;

/**
 * A random ternary car network. Its layers are as dense as those of trained networks: 30, 10, 8.2 and 50 % at a sparsity of
 * 90 %. Its scales are theirs too, since sums grow with the square root of a unit's nonzeros: with larger scales all units
 * are clipped, and a swap changes nothing.
 * @param sparsity percent of zero weights in the whole network, below 100
 * @param seed a whole number from 0 up
 * @throws {@link InvalidOption} where sums would not fit int32, which is below a sparsity of some 45
 */
export function randomDriver(sparsity: number, seed: number): TernaryNetwork {
  const architecture = architectures.car;
  const counts = layerCounts(architecture, sparsity);
  const usual = layerCounts(architecture, AT_SPARSITY);
  const zeros = architecture.layers.map((layer) => {
    const weights = weightCount(layer);
    return [layer.name, (100 * (weights - counts[layer.name])) / weights] as const;
  });
  const network = randomNetwork(architecture, Object.fromEntries(zeros), seed);
  for (const { name } of architecture.layers) {
    const scale = Math.sqrt(counts[name] / usual[name]);
    network.divisors[name] = Math.max(1, Math.round(DIVISORS[name] * scale));
  }
  try {
    checkNetwork(network);
  } catch {
    throw new InvalidOption(
      `sparsity: expected enough zeros for the sums of a random car network to fit int32 (90 is usual), got ${sparsity}`,
    );
  }
  return network;
}
