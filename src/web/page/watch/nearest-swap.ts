/** Turns a click on a weight into a swap. */
import type { TernaryNetwork } from "../../../../policies/ternary/network.ts";
import type { Swap } from "../../../../policies/ternary/swap.ts";
import { weightLayout } from "./weight-layout.ts";

/**
 * The first neighbour in which a weight has changed places with the nearest one of the other kind in its unit: a nonzero
 * weight moves to the nearest zero, or the nearest nonzero weight moves here. The sign stays, so the network stays in its
 * family; the unit stays, so every bound on its integer sums holds.
 * @param k index of the layer
 * @param index of the weight within its layer
 * @returns null if the unit has no weight of the other kind
 */
export function nearestSwap(network: TernaryNetwork, k: number, index: number): Swap | null {
  const { name } = network.architecture.layers[k];
  const weights = network.weights[name];
  const { fanIn, unit } = weightLayout(network.architecture, k);
  const first = index - (index % fanIn);
  const place = (i: number) => {
    const within = (i - first) % (unit.width * unit.height);
    const [column, row] = unit.origin(Math.floor((i - first) / (unit.width * unit.height)));
    return [column + (within % unit.width), row + Math.floor(within / unit.width)];
  };
  const [column, row] = place(index);
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let i = first; i < first + fanIn; i++) {
    if ((weights[i] === 0) === (weights[index] === 0)) continue;
    const [x, y] = place(i);
    const distance = (x - column) ** 2 + (y - row) ** 2;
    if (distance >= least) continue;
    least = distance;
    nearest = i;
  }
  if (nearest < 0) return null;
  const [remove, add] = weights[index] === 0 ? [nearest, index] : [index, nearest];
  const sign = weights[remove] as 1 | -1;
  return { layer: name, remove, add, sign, removedSign: sign };
}
