/**
 * First neighbours (section 3.2 of the paper): in one layer a nonzero weight becomes 0 and a zero weight becomes -1
 * or +1, so sparsity stays what it is.
 */
import { InvalidOption } from "../../env/errors.ts";
import type { Random } from "../../env/random.ts";
import { layerIndex, type TernaryNetwork } from "./network.ts";

/** Rule of signs. "same": the new weight takes the old one's, so a layer's counts of -1, 0, +1 stay; "free": either. */
export type Family = "same" | "free";

/** One swap: a first neighbour of a network. */
export interface Swap {
  /** Name of the layer. */
  layer: string;
  /** Index of the weight that becomes 0. */
  remove: number;
  /** Index of the weight that becomes `sign`. */
  add: number;
  /** The new weight. */
  sign: 1 | -1;
  /** The weight that is removed, so that the swap can be undone. */
  removedSign: 1 | -1;
}

/** Draws first neighbours of one layer, all equally likely. It follows the layer through `apply` and `undo`. */
export class SwapDrawer {
  /** Name of the layer. */
  readonly layer: string;
  readonly #weights: Int8Array;
  /** Indices of all weights, the nonzero ones first. */
  readonly #order: Int32Array;
  readonly #place: Int32Array;
  readonly #nonzeros: number;

  /** @throws InvalidOption when the layer has no zero or no nonzero weight to swap; InvalidNetwork on an unknown layer */
  constructor(network: TernaryNetwork, layer: string) {
    layerIndex(network.architecture, layer);
    this.layer = layer;
    this.#weights = network.weights[layer];
    const count = this.#weights.length;
    this.#order = new Int32Array(count);
    this.#place = new Int32Array(count);
    this.#nonzeros = this.#weights.reduce((sum, w) => sum + Math.abs(w), 0);
    if (this.#nonzeros === 0 || this.#nonzeros === count)
      throw new InvalidOption(
        `layer "${layer}" has no first neighbour: ${this.#nonzeros} of ${count} weights are nonzero`,
      );
    // In the order of indices, so that equal networks draw equal swaps.
    let nonzero = 0;
    let zero = this.#nonzeros;
    this.#weights.forEach((w, i) => {
      const place = w !== 0 ? nonzero++ : zero++;
      this.#order[place] = i;
      this.#place[i] = place;
    });
  }

  /** Draws a swap; nothing changes until it is applied. */
  draw(random: Random, family: Family): Swap {
    const remove = this.#order[random.integers(this.#nonzeros)];
    const add = this.#order[random.integers(this.#nonzeros, this.#order.length)];
    const removedSign = this.#weights[remove] as 1 | -1;
    const sign = family === "same" || random.integers(2) === 0 ? removedSign : (-removedSign as 1 | -1);
    return { layer: this.layer, remove, add, sign, removedSign };
  }

  /** Makes the swap in the network's weights. */
  apply(swap: Swap): void {
    this.#weights[swap.remove] = 0;
    this.#weights[swap.add] = swap.sign;
    this.#exchange(swap);
  }

  /** Takes the swap back. */
  undo(swap: Swap): void {
    this.#weights[swap.add] = 0;
    this.#weights[swap.remove] = swap.removedSign;
    this.#exchange(swap);
  }

  #exchange({ remove, add }: Swap): void {
    const removePlace = this.#place[remove];
    const addPlace = this.#place[add];
    this.#order[removePlace] = add;
    this.#order[addPlace] = remove;
    this.#place[add] = removePlace;
    this.#place[remove] = addPlace;
  }
}

/** Makes a swap in a network's weights. */
export function applySwap(network: TernaryNetwork, swap: Swap): void {
  network.weights[swap.layer][swap.remove] = 0;
  network.weights[swap.layer][swap.add] = swap.sign;
}

/** Takes a swap back. */
export function undoSwap(network: TernaryNetwork, swap: Swap): void {
  network.weights[swap.layer][swap.add] = 0;
  network.weights[swap.layer][swap.remove] = swap.removedSign;
}
