/**
 * Our own rule, "climb". Sampling swaps blindly wastes most evaluations: a swap is good when its removal and its
 * addition are. So each step scores single removals and additions by the loss on one part of the data (they are far
 * fewer than their pairs), pairs them by chance with a bias to the better ranks, and takes pairs that lower the loss on
 * another part, so that luck on the first is not rewarded. The loss leads because accuracy moves in plateaus. Where
 * driving reward counts, accuracy, validation and reward have the last word over the step as a whole.
 *
 * This file is the rule for data that are few enough to keep whole; rotation.ts has it for large data.
 */
import type { Random } from "../../../env/random.ts";
import type { Family, Swap } from "../../../policies/ternary/swap.ts";
import type { Measure } from "../engine/fitness.ts";
import type { FitnessEngine, InputRange } from "../engine/fitness-engine.ts";
import type { Cursor } from "./order.ts";
import { drawPairs, type Singles, scoreSingles, THRESHOLD } from "./pairs.ts";
import {
  applyEverywhere,
  guideOf,
  measureOf,
  place,
  type RuleContext,
  type Step,
  type StepResult,
} from "./paper.ts";

/** Share of the inputs that propose; the others judge. */
const PROPOSING = 0.25;
/** Removals, and additions of each sign, that are scored in one step at most. */
export const MOST_SINGLES = { removals: 2000, additions: 2000 };
/** Of this many judging inputs on, an eighth of them sees every pair first: most pairs fall through there. */
const SIEVE_FROM = 1024;

/** One pass over one layer: up to `neighbours` pairs. */
export async function climbStep(context: RuleContext, cursor: Cursor): Promise<StepResult> {
  const { engine, validation, random, fitness, family, neighbours } = context;
  const layer = context.layers[cursor.layer];
  const measure = measureOf(fitness);
  const guide = guideOf(fitness);
  const before = engine.measure(measure);
  const validationBefore = validation?.measure(measure);
  const split = Math.floor((engine.size * PROPOSING) / 8) * 8;
  // Too few inputs to share out: they do both.
  const proposing: InputRange = [0, split || engine.size];
  const judging: InputRange = [split, engine.size];

  const singles = await scoreSingles(engine, random, layer, proposing, MOST_SINGLES, guide);
  const guideBefore = engine.measure(guide, judging);
  const { taken, ...counts } = await takePairs({
    ...{ engine, judging, random, layer, singles, family, neighbours, guide },
    keepAccuracy: fitness === "both",
    apply: (swap) => applyEverywhere(context, swap),
  });
  const gain = engine.measure(guide, judging) - guideBefore;
  if (fitness === "both") {
    // What the step as a whole must not lower; where it does, its later half is taken back, and again.
    const allowed = async (): Promise<boolean> =>
      engine.measure(measure) >= before &&
      (!validation || validation.measure(measure) >= validationBefore!) &&
      (await rewardKept(context));
    while (taken.length > 0 && !(await allowed()))
      await takeBack(context, taken.splice(Math.floor(taken.length / 2)));
  }
  const { evaluations, ...compared } = counts;
  const step: Step = {
    ...place(cursor),
    layerName: layer,
    ...compared,
    accepted: taken.length,
    measure: engine.measure(measure),
    ...(context.reward && { reward: context.bestReward }),
  };
  const scored = singles.scored * (proposing[1] - proposing[0]);
  return { step, taken, layerEnds: false, gain: Math.max(0, gain), evaluations: evaluations + scored };
}

export interface PairOptions {
  engine: FitnessEngine;
  judging: InputRange;
  random: Random;
  layer: string;
  singles: Singles;
  family: Family;
  /** The measure that a pair must raise. */
  guide: Measure;
  /** Neighbours to measure, but for the last group. */
  neighbours: number;
  /** The imitation loss and the action accuracy of the car can disagree: then no swap may lower either. */
  keepAccuracy: boolean;
  apply(swap: Swap): Promise<void>;
}

export interface PairResult {
  taken: Swap[];
  neighbours: number;
  /** Pairs that were better than, equal to and worse than the network at hand when they were drawn. */
  above: number;
  equal: number;
  below: number;
  /** Inputs that neighbours were measured on, in all. */
  evaluations: number;
}

/** Draws pairs of good singles and makes those that raise the guide on the judging inputs, one after another. */
export async function takePairs(options: PairOptions): Promise<PairResult> {
  const { engine, judging, random, layer, singles, family, neighbours, keepAccuracy, guide, apply } = options;
  const [from, to] = judging;
  const isLarge = to - from >= SIEVE_FROM;
  const sieve: InputRange = isLarge ? [from, from + Math.floor((to - from) / 64) * 8] : judging;
  const result: PairResult = { taken: [], neighbours: 0, above: 0, equal: 0, below: 0, evaluations: 0 };
  const used = new Set<number>();
  let current = engine.measure(guide, judging);
  let accuracy = keepAccuracy ? engine.measure("accuracy", judging) : Number.NEGATIVE_INFINITY;
  while (result.neighbours < neighbours) {
    const swaps = drawPairs(random, layer, singles, used, family);
    if (swaps.length === 0) break;
    const atHand = engine.measure(guide, sieve);
    const scores = await engine.scoreNeighbours(guide, layer, swaps, sieve);
    result.neighbours += swaps.length;
    result.evaluations += swaps.length * (sieve[1] - sieve[0]);
    for (const score of scores) result[score > atHand ? "above" : score === atHand ? "equal" : "below"]++;
    const promising = [...swaps.keys()]
      .filter((i) => scores[i] > atHand)
      .sort((a, b) => scores[b] - scores[a] || a - b);
    for (const i of promising) {
      const { remove, add } = swaps[i];
      if (used.has(remove) || used.has(add)) continue;
      // The swaps taken before it in this group changed what it is worth.
      const [score] = engine.neighbours(guide, layer, [swaps[i]], judging);
      result.neighbours++;
      result.evaluations += to - from;
      if (score <= current + Math.abs(current) * THRESHOLD) continue;
      if (keepAccuracy) {
        const [agreeing] = engine.neighbours("accuracy", layer, [swaps[i]], judging);
        if (agreeing < accuracy) continue;
        accuracy = agreeing;
      }
      await apply(swaps[i]);
      result.taken.push(swaps[i]);
      used.add(remove).add(add);
      current = score;
    }
  }
  return result;
}

async function rewardKept(context: RuleContext): Promise<boolean> {
  const reward = await context.reward!(context.engine.network);
  if (reward < context.bestReward) return false;
  context.bestReward = reward;
  return true;
}

/** Undoes swaps, latest first. */
async function takeBack(context: RuleContext, taken: readonly Swap[]): Promise<void> {
  for (const swap of [...taken].reverse()) await applyEverywhere(context, inverse(swap));
}

/** The swap that undoes a swap: it removes what was added. */
export function inverse({ layer, remove, add, sign, removedSign }: Swap): Swap {
  return { layer, remove: add, add: remove, sign: removedSign, removedSign: sign };
}
