/** The work that a neighbour makes, by layer. It is counted, not timed, so that it is the same on every machine. */
import { layerIndex, type TernaryNetwork } from "../../../policies/ternary/network.ts";

/** Vector operations that judging eight inputs takes, beside those that bring their sums up to date. */
const JUDGING = 220;

/** About how many vector operations one neighbour in a layer costs for eight inputs. */
export function neighbourCost(network: TernaryNetwork, name: string): number {
  const { layers, height } = network.architecture;
  const index = layerIndex(network.architecture, name);
  let side = height;
  let cost = JUDGING;
  // Units whose sums change: two of the swapped layer, then those that read them.
  let touched = 2;
  layers.forEach((layer, k) => {
    let positions = 1;
    if (layer.kind === "conv") {
      side = Math.floor((side + 2 * layer.pad - layer.kernel) / layer.stride) + 1;
      positions = side * side;
      side = Math.floor(side / layer.pool);
    }
    if (k < index) return;
    if (k === index) cost += touched * positions;
    else {
      const nonzeros = network.weights[layer.name].reduce((sum, w) => sum + Math.abs(w), 0);
      cost += Math.round((nonzeros * touched) / layers[k - 1].out) * positions;
      touched = layer.out;
    }
  });
  return cost;
}
