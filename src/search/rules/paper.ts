/**
 * Algorithm 1 of the paper ("Stochastic search and succeed", section 4.3) and what all rules share. A rule runs one
 * step at a time, so that progress, stopping and checkpoints sit between steps; all it remembers is the cursor.
 */
import type { Random } from "../../../env/random.ts";
import { cloneNetwork, type TernaryNetwork } from "../../../policies/ternary/network.ts";
import { applySwap, type Family, type Swap, SwapDrawer } from "../../../policies/ternary/swap.ts";
import type { Measure } from "../engine/fitness.ts";
import type { FitnessEngine } from "../engine/fitness-engine.ts";
import type { Cursor } from "./order.ts";

/** What is measured on data; "reward" is driving reward alone; "both" is accuracy and driving reward, of which neither may fall. */
export type FitnessName = Measure | "reward" | "both";

/** Drives a network on fixed seeds and returns its mean driving reward: equal networks, equal rewards. */
export type RewardFunction = (network: TernaryNetwork) => number | Promise<number>;

export interface RuleContext {
  /** Holds the network that is searched. */
  engine: FitnessEngine;
  /** The same network on inputs that are not searched on; where driving reward counts, no step may lower their measure. */
  validation: FitnessEngine | undefined;
  random: Random;
  layers: readonly string[];
  family: Family;
  fitness: FitnessName;
  neighbours: number;
  reward: RewardFunction | undefined;
  /** Driving reward of the network as it is, where `fitness` asks for it. */
  bestReward: number;
}

/** What one step did: a line of the log. */
export interface Step extends Omit<Cursor, "yields"> {
  layerName: string;
  /** Neighbours evaluated, and how many were better than, equal to and worse than the network before the step. */
  neighbours: number;
  above: number;
  equal: number;
  below: number;
  /** Swaps taken. */
  accepted: number;
  /** After the step: accuracy or loss on the data, and driving reward where it is searched on. */
  measure: number;
  /** On the validation inputs, where there are any. */
  validation?: number;
  reward?: number;
}

/** A step, the swaps it made, and what the order of layers wants to know. */
export interface StepResult {
  step: Step;
  taken: Swap[];
  /** A layer's steps end early: no neighbour was as good. */
  layerEnds: boolean;
  /** By how much the measure that led rose, from 0 up, and inputs that neighbours were measured on, in all. */
  gain: number;
  evaluations: number;
}

/** Neighbours of fitness "both" that are driven in one step: those of the highest accuracy that is not below the network's. */
const RACED = 3;

/** What leads rule "climb": accuracy moves in plateaus, so the loss does in its place. */
export function guideOf(fitness: FitnessName): Measure {
  return fitness === "margin" ? "margin" : "loss";
}

/** A cursor as steps are logged with it. */
export function place({ round, layer, neighbourhood }: Cursor) {
  return { round, layer, neighbourhood };
}

/** What a fitness measures on data. */
export function measureOf(fitness: FitnessName): Measure {
  return fitness === "reward" || fitness === "both" ? "accuracy" : fitness;
}

/**
 * One neighbourhood: sample `neighbours` first neighbours of one layer, take the best of them unless max-acc is above
 * it (Algorithm 2, `strict`: only if it is above max-acc), otherwise go on with the next layer. Of equally good ones
 * the first drawn is taken. A layer ends after `neighbourhoods` of them too.
 */
export async function paperStep(context: RuleContext, cursor: Cursor, strict: boolean): Promise<StepResult> {
  const { engine, random, family, fitness } = context;
  const layer = context.layers[cursor.layer];
  const drawer = new SwapDrawer(engine.network, layer);
  const swaps = Array.from({ length: context.neighbours }, () => drawer.draw(random, family));
  const byReward = fitness === "reward";
  const before = byReward ? context.bestReward : engine.measure(measureOf(fitness));
  const scores = byReward
    ? await rewards(context, swaps)
    : await engine.scoreNeighbours(measureOf(fitness), layer, swaps);
  const candidates = [...swaps.keys()]
    .filter((i) => (strict ? scores[i] > before : scores[i] >= before))
    .sort((a, b) => scores[b] - scores[a] || a - b);

  const taken = await firstAllowed(context, swaps, candidates);
  if (taken >= 0) {
    if (byReward) context.bestReward = scores[taken];
    await applyEverywhere(context, swaps[taken]);
  }
  const step: Step = {
    ...place(cursor),
    layerName: layer,
    neighbours: swaps.length,
    above: scores.filter((score) => score > before).length,
    equal: scores.filter((score) => score === before).length,
    below: scores.filter((score) => score < before).length,
    accepted: taken >= 0 ? 1 : 0,
    measure: engine.measure(measureOf(fitness)),
    ...(context.reward && { reward: context.bestReward }),
  };
  return {
    step,
    taken: taken < 0 ? [] : [swaps[taken]],
    layerEnds: taken < 0,
    gain: Math.max(0, step.measure - before),
    evaluations: swaps.length * engine.size,
  };
}

/** The first candidate that lowers neither the validation measure nor, for "both", the driving reward; -1 for none. */
async function firstAllowed(
  context: RuleContext,
  swaps: readonly Swap[],
  candidates: readonly number[],
): Promise<number> {
  const { validation, fitness } = context;
  const measure = measureOf(fitness);
  const byReward = fitness === "reward" || fitness === "both";
  let raced = 0;
  for (const i of candidates) {
    const kept =
      !validation ||
      !byReward ||
      validation.neighbours(measure, swaps[i].layer, [swaps[i]])[0] >= validation.measure(measure);
    if (!kept) continue;
    if (fitness !== "both") return i;
    if (raced++ === RACED) return -1;
    // Paired: the seeds that drove the network drive every candidate.
    const [reward] = await rewards(context, [swaps[i]]);
    if (reward < context.bestReward) continue;
    context.bestReward = reward;
    return i;
  }
  return -1;
}

/** Driving rewards of neighbours, all asked for at once: others may drive. */
async function rewards(context: RuleContext, swaps: readonly Swap[]): Promise<Float64Array> {
  const neighbours = swaps.map((swap) => {
    const neighbour = cloneNetwork(context.engine.network);
    applySwap(neighbour, swap);
    return neighbour;
  });
  return Float64Array.from(await Promise.all(neighbours.map(context.reward!)));
}

/** Makes a swap in the network and in all that is kept of it. */
export async function applyEverywhere({ engine, validation }: RuleContext, swap: Swap): Promise<void> {
  await engine.apply(swap);
  await validation?.apply(swap);
}
