/**
 * Our own rule, "climb". Blind sampling wastes most evaluations, since a swap is good when its removal and its addition
 * are. So each step scores single removals and additions by the loss on one part of the data (there are far fewer of them
 * than of their pairs), pairs them by chance with a bias to the better ranks, and takes pairs that lower the loss on the
 * other part, so that luck on the first is not rewarded. The loss leads because accuracy moves in plateaus. Where driving
 * reward counts, accuracy, validation and reward have the last word over the step as a whole.
 *
 * This file is the rule for data that are few enough to keep whole; `rotation.ts` has it for large data.
 */
import type { Swap } from "../../../policies/ternary/swap.ts";
import type { Measure } from "../engine/fitness.ts";
import { type FitnessName, measureOf, type Rule } from "../rule.ts";
import {
  applyEverywhere,
  inverse,
  type LayerRuleSettings,
  type LayerStep,
  type LayerStepResult,
  type LayerWork,
  layerRule,
} from "./layer-rule.ts";
import type { Cursor } from "./order.ts";
import { type MostSingles, scoreSingles, sharedOut, sieveOf, takePairs } from "./pairs.ts";

/** Share of the inputs that propose; the others judge. */
export const PROPOSING = 0.25;
/** Single changes that are scored in one step at most. */
export const MOST_SINGLES: MostSingles = { removals: 2000, additions: 2000 };

/** Rule "climb" for data that are kept whole. */
export function climbRule(settings: LayerRuleSettings): Rule<LayerStep> {
  return layerRule("climb", settings, climbStep);
}

/** The measure that leads: accuracy moves in plateaus, so the loss stands in for it. */
export function guideOf(fitness: FitnessName): Measure {
  return fitness === "margin" ? "margin" : "loss";
}

/** One pass over one layer: up to `neighbours` pairs. */
async function climbStep(work: LayerWork, cursor: Cursor): Promise<LayerStepResult> {
  const { judge, random, fitness, family, neighbours } = work;
  const engine = work.engine!;
  const layer = work.layers[cursor.layer];
  const measure = measureOf(fitness);
  const guide = guideOf(fitness);
  const before = { measure: engine.measure(measure), validation: judge?.measure(measure) };
  const { proposing, judging } = sharedOut(engine.size, PROPOSING);
  const singles = await scoreSingles(engine, random, layer, proposing, MOST_SINGLES, guide);
  const guideBefore = engine.measure(guide, judging);
  const { taken, evaluations, ...compared } = await takePairs({
    ...{ engine, judging, random, layer, singles, family, neighbours, guide },
    sieve: sieveOf(judging),
    keepAccuracy: fitness === "both",
    apply: (swap) => applyEverywhere(work, swap),
  });
  const gain = engine.measure(guide, judging) - guideBefore;
  if (fitness === "both") await takeBackWorse(work, taken, before);
  const { round, neighbourhood } = cursor;
  const step: LayerStep = {
    ...{ round, layer: cursor.layer, neighbourhood, layerName: layer },
    ...compared,
    accepted: taken.length,
    measure: engine.measure(measure),
    ...(fitness === "both" && { reward: work.bestReward }),
  };
  const scored = singles.scored * (proposing[1] - proposing[0]);
  return { step, taken, layerEnds: false, gain: Math.max(0, gain), evaluations: evaluations + scored };
}

/**
 * Undoes the later half of the swaps, and again, for as long as what is left lowers accuracy, validation or reward.
 * Shortens `taken`.
 */
async function takeBackWorse(
  work: LayerWork,
  taken: Swap[],
  before: { measure: number; validation: number | undefined },
): Promise<void> {
  const engine = work.engine!;
  const { judge } = work;
  const measure = measureOf(work.fitness);
  const isAllowed = async (): Promise<boolean> =>
    engine.measure(measure) >= before.measure &&
    (!judge || judge.measure(measure) >= before.validation!) &&
    (await rewardKept(work));
  while (taken.length > 0 && !(await isAllowed()))
    await takeBack(work, taken.splice(Math.floor(taken.length / 2)));
}

async function rewardKept(work: LayerWork): Promise<boolean> {
  const reward = await work.reward!(work.network);
  if (reward < work.bestReward) return false;
  work.bestReward = reward;
  return true;
}

/** Undoes swaps, the latest first. */
async function takeBack(work: LayerWork, taken: readonly Swap[]): Promise<void> {
  for (const swap of taken.toReversed()) await applyEverywhere(work, inverse(swap));
}
