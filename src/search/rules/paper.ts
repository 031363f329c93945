/**
 * Algorithm 1 of the paper ("Stochastic search and succeed", section 4.3) and its stricter sibling, Algorithm 2: draw
 * first neighbours of one layer at random and go to the best of them. `rules/reference` in the tests is the algorithm as
 * the paper writes it, with full evaluations.
 */
import { cloneNetwork } from "../../../policies/ternary/network.ts";
import { applySwap, type Swap, SwapDrawer } from "../../../policies/ternary/swap.ts";
import { measureOf, type Rule } from "../rule.ts";
import {
  applyEverywhere,
  type LayerRuleSettings,
  type LayerStep,
  type LayerStepResult,
  type LayerWork,
  layerRule,
} from "./layer-rule.ts";
import type { Cursor } from "./order.ts";

/**
 * Neighbours that drive in one step of fitness "both", at most: those of the highest accuracy among the ones whose
 * accuracy is not below the network's.
 */
const MOST_DRIVEN = 3;

/** Rule "paper", or "strict". */
export function paperRule(name: "paper" | "strict", settings: LayerRuleSettings): Rule<LayerStep> {
  return layerRule(name, settings, (work, cursor) => paperStep(work, cursor, name === "strict"));
}

/**
 * One neighbourhood: draws the step's neighbours of one layer and goes to the best of them unless the network is better
 * than it (`strict`: unless the network is as good), which ends the layer. Among equally good ones the first drawn is taken.
 */
async function paperStep(work: LayerWork, cursor: Cursor, strict: boolean): Promise<LayerStepResult> {
  const { engine, network, random, family, fitness } = work;
  const layer = work.layers[cursor.layer];
  const measure = measureOf(fitness);
  const drawer = new SwapDrawer(network, layer);
  const swaps = Array.from({ length: work.neighbours }, () => drawer.draw(random, family));
  const byReward = fitness === "reward";
  const before = byReward ? work.bestReward : engine!.measure(measure);
  const scores = byReward ? await rewards(work, swaps) : await engine!.scoreNeighbours(measure, layer, swaps);
  const candidates = [...swaps.keys()]
    .filter((i) => (strict ? scores[i] > before : scores[i] >= before))
    .sort((a, b) => scores[b] - scores[a] || a - b);

  const taken = await firstAllowed(work, swaps, candidates);
  if (taken >= 0) {
    if (byReward) work.bestReward = scores[taken];
    await applyEverywhere(work, swaps[taken]);
  }
  const { round, neighbourhood } = cursor;
  const countsReward = byReward || fitness === "both";
  const step: LayerStep = {
    ...{ round, layer: cursor.layer, neighbourhood, layerName: layer },
    neighbours: swaps.length,
    above: scores.filter((score) => score > before).length,
    equal: scores.filter((score) => score === before).length,
    below: scores.filter((score) => score < before).length,
    accepted: taken >= 0 ? 1 : 0,
    measure: engine ? engine.measure(measure) : work.bestReward,
    ...(countsReward && { reward: work.bestReward }),
  };
  return {
    step,
    taken: taken < 0 ? [] : [swaps[taken]],
    layerEnds: taken < 0,
    gain: Math.max(0, (byReward ? work.bestReward : step.measure) - before),
    evaluations: swaps.length * (engine?.size ?? 1),
  };
}

/** The first candidate that lowers neither the validation measure nor, for "both", the driving reward; -1 for none. */
async function firstAllowed(
  work: LayerWork,
  swaps: readonly Swap[],
  candidates: readonly number[],
): Promise<number> {
  const { judge, fitness } = work;
  const measure = measureOf(fitness);
  let driven = 0;
  for (const i of candidates) {
    const isKept =
      !judge ||
      (fitness !== "reward" && fitness !== "both") ||
      judge.neighbours(measure, swaps[i].layer, [swaps[i]])[0] >= judge.measure(measure);
    if (!isKept) continue;
    if (fitness !== "both") return i;
    if (driven++ === MOST_DRIVEN) return -1;
    // Every candidate drives the tracks that the network itself has driven: the comparison is paired.
    const [reward] = await rewards(work, [swaps[i]]);
    if (reward < work.bestReward) continue;
    work.bestReward = reward;
    return i;
  }
  return -1;
}

/** Driving rewards of neighbours; all are asked for before any is awaited, so that they may be driven in parallel. */
async function rewards({ network, reward }: LayerWork, swaps: readonly Swap[]): Promise<Float64Array> {
  const neighbours = swaps.map((swap) => {
    const neighbour = cloneNetwork(network);
    applySwap(neighbour, swap);
    return neighbour;
  });
  return Float64Array.from(await Promise.all(neighbours.map((neighbour) => reward!(neighbour))));
}
