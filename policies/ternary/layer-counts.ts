/** Exact counts of nonzero weights for each layer, from one sparsity: what training prunes to and random drivers begin with. */
import { InvalidOption } from "../../env/errors.ts";
import { type Architecture, weightCount } from "./network.ts";

/**
 * Relative densities of the layers. For the car the small first and last layers keep more (30 / 10 / 8.2 / 50 % at
 * a sparsity of 90 %): equal densities leave the steering four weights. MNIST does well with equal ones.
 */
const relativeDensity: Record<Architecture["task"], Record<string, number>> = {
  mnist: { "1.0": 1, "2.0": 1, fc: 1 },
  car: { "1.0": 3, "2.0": 1, fc1: 0.82, fc2: 5 },
};

/**
 * Beyond this sparsity the car's last layer stays as dense as it is there, half: its 300 weights are soon too few for
 * three controls, and hardly count among 113,804.
 */
const LAST_LAYER_UNTIL = 90;

/**
 * Nonzero weights of each layer such that all together they are exactly `round((1 - sparsity / 100) * weights)`.
 *
 * @param sparsity share of zero weights in the whole network, percent, 0 ≤ sparsity < 100
 */
export function layerCounts(architecture: Architecture, sparsity: number): Record<string, number> {
  if (!(sparsity >= 0 && sparsity < 100)) {
    throw new InvalidOption(
      `a sparsity is a percentage from 0 up to, but not including, 100; got ${sparsity}`,
    );
  }
  const layers = architecture.layers.map((layer) => ({
    name: layer.name,
    weights: weightCount(layer),
    relative: relativeDensity[architecture.task][layer.name],
  }));
  if (architecture.task === "car" && sparsity > LAST_LAYER_UNTIL)
    layers[layers.length - 1].relative *= (100 - LAST_LAYER_UNTIL) / (100 - sparsity);
  const total = Math.round((1 - sparsity / 100) * layers.reduce((sum, layer) => sum + layer.weights, 0));
  const countsAt = (density: number) =>
    layers.map(({ weights, relative }) => Math.min(weights, Math.floor(weights * relative * density)));
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
  let low = 0;
  let high = 1 / Math.min(...layers.map((layer) => layer.relative));
  if (sum(countsAt(high)) > total) {
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
  if (counts.includes(0)) throw new InvalidOption(`a sparsity of ${sparsity} leaves a layer without weights`);
  return Object.fromEntries(layers.map((layer, i) => [layer.name, counts[i]]));
}
