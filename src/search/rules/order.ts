/**
 * Chooses the layer that a search turns to next, and counts its steps: `rounds` rounds of `neighbourhoods` steps for
 * each layer. "fixed" makes a layer's steps one after another, "alternating" one in each layer in turn, and "yield"
 * turns to the layer whose last step gained most for its work. Work is counted, not timed, so that a search is the same
 * on every machine.
 */

/** "fixed": all steps of a layer, then the next layer. "alternating": one step in each layer in turn. "yield": see above. */
export type Order = "fixed" | "alternating" | "yield";

/** The place of a search among its layers. */
export interface Cursor {
  /** Passes made through the layers; with "alternating" and "yield" as many steps as a pass takes count as one. */
  round: number;
  /** Index of the layer that comes next, among those that are searched. */
  layer: number;
  /** Steps made in this pass: with "fixed" in this layer, otherwise in all layers. */
  neighbourhood: number;
  /** Gain per unit of work that a step in each layer promises, for "yield": the largest comes next. */
  yields?: number[];
}

/** Numbers of steps of a search. */
export interface Plan {
  /** Order of the steps. */
  order: Order;
  /** Names of the layers. */
  layers: readonly string[];
  /** Steps in each layer and pass, 1 or more. */
  neighbourhoods: number;
  /** Passes through the layers, 1 or more. */
  rounds: number;
}

/** A layer promises this many times as much for every step that it waits, so that each comes up again. */
const WAITING = 1.1;

/**
 * The cursor before the first step.
 * @param costs work of a neighbour in each layer; "yield" begins with the cheapest
 */
export function firstCursor({ order }: Pick<Plan, "order">, costs: readonly number[]): Cursor {
  const start = { round: 0, layer: 0, neighbourhood: 0 };
  if (order !== "yield") return start;
  // Nothing is known yet: the same gain from each neighbour.
  const yields = costs.map((cost) => 1 / cost);
  return { ...start, layer: largest(yields), yields };
}

/**
 * Moves the cursor on after a step.
 * @param layerEnds whether the layer is done before its last neighbourhood; counts in "fixed" order only
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
  // Layers that were not tried are expected to gain as much per neighbour as the first step did.
  const isFirst = cursor.round === 0 && cursor.neighbourhood === 1;
  yields.forEach((promised, layer) => {
    if (layer === cursor.layer) yields[layer] = yielded;
    else yields[layer] = isFirst ? (yielded * costs[cursor.layer]) / costs[layer] : promised * WAITING;
  });
  // If none promises anything the layers take turns, since waiting multiplies.
  const none = yields.every((promised) => promised === 0);
  cursor.layer = none ? (cursor.layer + 1) % yields.length : largest(yields);
}

/** Index of the largest value, the first of equal ones. */
function largest(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}

/** Share of the planned steps that lie behind, 0 to 1; layers that end early count as whole. */
export function doneShare({ round, layer, neighbourhood }: Cursor, plan: Plan): number {
  const { order, layers, neighbourhoods, rounds } = plan;
  const steps = order === "fixed" ? layer * neighbourhoods + neighbourhood : neighbourhood;
  return (round + steps / (layers.length * neighbourhoods)) / rounds;
}
