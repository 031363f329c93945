/**
 * Numbers of nonzero weights of each layer for one sparsity of the whole network. Training prunes to these counts,
 * and searches from a random network begin with them.
 */
import { InvalidOption } from "../../env/errors.ts";
import { type Architecture, weightCount } from "../../policies/ternary/network.ts";
import { sum } from "./statistics.ts";

/**
 * Relative densities of the layers. For the car the small first and last layers keep more (30 / 10 / 8.2 / 50 % at
 * a sparsity of 90 %): equal densities leave four weights for the steering. MNIST does well with equal ones.
 */
const RELATIVE_DENSITY: Record<Architecture["task"], Record<string, number>> = {
  mnist: { "1.0": 1, "2.0": 1, fc: 1 },
  car: { "1.0": 3, "2.0": 1, fc1: 0.82, fc2: 5 },
};

/**
 * Beyond this sparsity, percent, the last layer of the car stays half full, as it is there: its 300 weights would soon
 * be too few for three controls, and they hardly count among 113,804.
 */
const LAST_LAYER_UNTIL = 90;

/** A layer, its number of weights, and its density relative to the other layers. */
interface Share {
  name: string;
  weights: number;
  relative: number;
}

/**
 * Nonzero weights of each layer such that all together they are exactly `round((1 - sparsity / 100) * weights)`.
 * @param sparsity share of zero weights in the whole network, percent, 0 ≤ sparsity < 100
 * @throws {@link InvalidOption} on another sparsity, and on one that leaves a layer without weights
 */
export function layerCounts(architecture: Architecture, sparsity: number): Record<string, number> {
  if (!(sparsity >= 0 && sparsity < 100))
    throw new InvalidOption(
      `sparsity: expected a percentage from 0 up to, but not including, 100, got ${sparsity}`,
    );
  const layers = sharesOf(architecture, sparsity);
  const total = Math.round((1 - sparsity / 100) * sum(layers.map(({ weights }) => weights)));
  const counts = fill(layers, total);
  if (counts.includes(0))
    throw new InvalidOption(`sparsity: expected one that leaves weights to every layer, got ${sparsity}`);
  return Object.fromEntries(layers.map((layer, i) => [layer.name, counts[i]]));
}

function sharesOf({ task, layers }: Architecture, sparsity: number): Share[] {
  const shares = layers.map((layer) => ({
    name: layer.name,
    weights: weightCount(layer),
    relative: RELATIVE_DENSITY[task][layer.name],
  }));
  if (task === "car" && sparsity > LAST_LAYER_UNTIL)
    shares[shares.length - 1].relative *= (100 - LAST_LAYER_UNTIL) / (100 - sparsity);
  return shares;
}

/** Counts in the ratio of the relative densities, no layer overfull, that sum up to `total` exactly. */
function fill(layers: readonly Share[], total: number): number[] {
  const countsAt = (density: number) =>
    layers.map(({ weights, relative }) => Math.min(weights, Math.floor(weights * relative * density)));
  let low = 0;
  let high = 1 / Math.min(...layers.map((layer) => layer.relative));
  if (sum(countsAt(high)) > total) {
    // Bisection: 60 halvings reach the last bit of the density.
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (sum(countsAt(middle)) <= total) low = middle;
      else high = middle;
    }
  } else low = high;
  const counts = countsAt(low);
  // Flooring leaves a few weights over: they go to the largest layers first, one each.
  const order = layers.map((_, i) => i).sort((a, b) => layers[b].weights - layers[a].weights);
  for (let i = 0, left = total - sum(counts); left > 0; i = (i + 1) % order.length) {
    if (counts[order[i]] < layers[order[i]].weights) {
      counts[order[i]]++;
      left--;
    }
  }
  return counts;
}
