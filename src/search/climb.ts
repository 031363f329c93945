/**
 * Our own rule, "climb". Sampling swaps blindly wastes most evaluations: a swap is good when its removal and its
 * addition are. So each step scores single removals and additions by the loss on one part of the data (they are far
 * fewer than their pairs), pairs them by chance with a bias to the better ranks, and takes pairs that lower the loss on
 * another part, so that luck on the first is not rewarded. The loss leads because accuracy moves in plateaus; at the
 * end of the step accuracy, validation and driving reward have the last word over the step as a whole.
 */
import type { Swap } from "../../policies/ternary/swap.ts";
import type { InputRange } from "./fitness-engine.ts";
import { drawPairs, scoreSingles, THRESHOLD } from "./pairs.ts";
import { advance, applyEverywhere, type Cursor, measureOf, type RuleContext, type Step } from "./rules.ts";

/** Share of the inputs that propose; the others judge. */
const PROPOSING = 0.25;
/** Removals, and additions of each sign, that are scored in one step at most. */
const MOST_REMOVALS = 2000;
const MOST_ADDITIONS = 3000;

/** One pass over one layer: up to `neighbours` pairs. */
export async function climbStep(context: RuleContext, cursor: Cursor): Promise<Step> {
  const { engine, validation, random, fitness } = context;
  const layer = context.layers[cursor.layer];
  const measure = measureOf(fitness);
  const before = engine.measure(measure);
  const validationBefore = validation?.measure(measure);
  const split = Math.floor((engine.size * PROPOSING) / 8) * 8;
  // Too few inputs to share out: they do both.
  const proposing: InputRange = [0, split || engine.size];
  const judging: InputRange = [split, engine.size];

  const most = { removals: MOST_REMOVALS, additions: MOST_ADDITIONS };
  const singles = await scoreSingles(engine, random, layer, proposing, most);
  const step: Step = {
    ...cursor,
    layerName: layer,
    neighbours: 0,
    above: 0,
    equal: 0,
    below: 0,
    accepted: 0,
    measure: before,
  };
  const used = new Set<number>();
  const taken: Swap[] = [];
  let current = engine.measure("loss", judging);
  // The imitation loss and the action accuracy of the car can disagree: with "both", no swap may lower either.
  let accuracy = fitness === "both" ? engine.measure("accuracy", judging) : Number.NEGATIVE_INFINITY;
  while (step.neighbours < context.neighbours) {
    const swaps = drawPairs(random, layer, singles, used, context.family);
    if (swaps.length === 0) break;
    const scores = engine.neighbours("loss", layer, swaps, judging);
    step.neighbours += swaps.length;
    for (const score of scores) step[score > current ? "above" : score === current ? "equal" : "below"]++;
    const margin = Math.abs(current) * THRESHOLD;
    const promising = [...swaps.keys()]
      .filter((i) => scores[i] > current + margin)
      .sort((a, b) => scores[b] - scores[a] || a - b);
    for (const i of promising) {
      const { remove, add } = swaps[i];
      if (used.has(remove) || used.has(add)) continue;
      // The swaps taken before it in this group changed what it is worth.
      const [score] = engine.neighbours("loss", layer, [swaps[i]], judging);
      step.neighbours++;
      if (score <= current + margin) continue;
      if (fitness === "both") {
        const [agreeing] = engine.neighbours("accuracy", layer, [swaps[i]], judging);
        if (agreeing < accuracy) continue;
        accuracy = agreeing;
      }
      await applyEverywhere(context, swaps[i]);
      taken.push(swaps[i]);
      used.add(remove).add(add);
      current = score;
    }
  }
  // What the step as a whole must not lower; where it does, its later half is taken back, and again.
  const allowed = async (): Promise<boolean> =>
    engine.measure(measure) >= before &&
    (!validation || validation.measure(measure) >= validationBefore!) &&
    (await rewardKept(context));
  while (taken.length > 0 && !(await allowed()))
    await takeBack(context, taken.splice(Math.floor(taken.length / 2)));
  step.accepted = taken.length;
  step.measure = engine.measure(measure);
  if (context.reward) step.reward = context.bestReward;
  advance(context, cursor, false);
  return step;
}

async function rewardKept(context: RuleContext): Promise<boolean> {
  if (context.fitness !== "both") return true;
  const reward = await context.reward!(context.engine.network);
  if (reward < context.bestReward) return false;
  context.bestReward = reward;
  return true;
}

/** Undoes swaps, latest first: the swap that does so removes what was added. */
async function takeBack(context: RuleContext, taken: readonly Swap[]): Promise<void> {
  for (const { layer, remove, add, sign, removedSign } of [...taken].reverse())
    await applyEverywhere(context, { layer, remove: add, add: remove, sign: removedSign, removedSign: sign });
}
