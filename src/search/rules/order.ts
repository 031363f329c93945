/**
 * Which layer a search turns to next, and how many steps it makes in all: `rounds` rounds of `neighbourhoods` steps for
 * each layer. "fixed" makes a layer's steps one after another, "alternating" one in each layer in turn, and "yield"
 * turns to the layer whose last step gained most for its work. Work is counted, not timed, so that a search is the same
 * on every machine.
 */
import { layerIndex, type TernaryNetwork } from "../../../policies/ternary/network.ts";

export type Order = "fixed" | "alternating" | "yield";

/** Where a search is. */
export interface Cursor {
  /** Times through the layers, or as many steps as that takes. */
  round: number;
  /** Index into the layers that are searched. */
  layer: number;
  /** Steps made in this round: with "fixed" in this layer, otherwise in all. */
  neighbourhood: number;
  /** "yield": what a step in each layer promises; the best comes next. */
  yields?: number[];
}

export interface Plan {
  order: Order;
  layers: readonly string[];
  neighbourhoods: number;
  rounds: number;
}

/** What a layer that was passed over is taken to have gained by waiting: it comes up again. */
const WAITING = 1.1;

/** @param costs of a neighbour in each layer; "yield" begins with the cheapest */
export function firstCursor({ order }: Pick<Plan, "order">, costs: readonly number[]): Cursor {
  const start = { round: 0, layer: 0, neighbourhood: 0 };
  if (order !== "yield") return start;
  // Nothing is known yet: the same gain from each neighbour.
  const yields = costs.map((cost) => 1 / cost);
  return { ...start, layer: largest(yields), yields };
}

/**
 * Moves on after a step.
 * @param layerEnds whether a layer in "fixed" order is done before its last neighbourhood
 * @param yielded gain a unit of work, from 0 up
 */
export function advance(
  cursor: Cursor,
  plan: Plan,
  costs: readonly number[],
  layerEnds: boolean,
  yielded: number,
): void {
  const { order, layers, neighbourhoods } = plan;
  cursor.neighbourhood++;
  if (order === "fixed") {
    if (!layerEnds && cursor.neighbourhood < neighbourhoods) return;
    cursor.neighbourhood = 0;
    cursor.layer = (cursor.layer + 1) % layers.length;
    if (cursor.layer === 0) cursor.round++;
    return;
  }
  if (cursor.neighbourhood === neighbourhoods * layers.length) {
    cursor.neighbourhood = 0;
    cursor.round++;
  }
  if (order === "alternating") cursor.layer = (cursor.layer + 1) % layers.length;
  else chooseByYield(cursor, costs, yielded);
}

function chooseByYield(cursor: Cursor, costs: readonly number[], yielded: number): void {
  const yields = cursor.yields!;
  // The first step tells what to expect of layers that were not tried.
  const isFirst = cursor.round === 0 && cursor.neighbourhood === 1;
  yields.forEach((promised, layer) => {
    if (layer === cursor.layer) yields[layer] = yielded;
    else yields[layer] = isFirst ? (yielded * costs[cursor.layer]) / costs[layer] : promised * WAITING;
  });
  // Where none promises anything they take turns: waiting adds nothing to nothing.
  const none = yields.every((promised) => promised === 0);
  cursor.layer = none ? (cursor.layer + 1) % yields.length : largest(yields);
}

/** Index of the largest value: of equal ones the first. */
function largest(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}

/** Share of the steps that lie behind, 0 to 1: with "fixed" a layer may end before its last neighbourhood. */
export function doneShare({ round, layer, neighbourhood }: Cursor, plan: Plan): number {
  const { order, layers, neighbourhoods, rounds } = plan;
  const steps = order === "fixed" ? layer * neighbourhoods + neighbourhood : neighbourhood;
  return (round + steps / (layers.length * neighbourhoods)) / rounds;
}

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
