/**
 * Our own rule, "climb". Sampling swaps blindly wastes most evaluations: a swap is good when its removal and its
 * addition are. So each step scores single removals and additions by the loss on one part of the data (they are far
 * fewer than their pairs), pairs them by chance with a bias to the better ranks, and takes pairs that lower the loss on
 * another part, so that luck on the first is not rewarded. The loss leads because accuracy moves in plateaus; at the
 * end of the step accuracy, validation and driving reward have the last word over the step as a whole.
 */
import type { Random } from "../../env/random.ts";
import type { Family, Swap } from "../../policies/ternary/swap.ts";
import type { Edit, InputRange } from "./fitness-engine.ts";
import { advance, applyEverywhere, type Cursor, measureOf, type RuleContext, type Step } from "./rules.ts";

/** Share of the inputs that propose; the others judge. */
const PROPOSING = 0.25;
/** Removals and additions scored in one step at most. */
const MOST_REMOVALS = 2000;
const MOST_ADDITIONS = 6000;
/** Pairs measured at once before the best of them are taken. */
const GROUP = 64;
/** A pair must lower the judging loss by this share of it: less is noise. */
const THRESHOLD = 2e-5;

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

  const singles = await scoreSingles(context, layer, proposing);
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

/** Single changes of weights, best first. */
interface Singles {
  removals: Edit[];
  /** By the sign of the new weight. */
  plus: Edit[];
  minus: Edit[];
}

async function scoreSingles(context: RuleContext, layer: string, range: InputRange): Promise<Singles> {
  const { engine, random } = context;
  const weights = engine.network.weights[layer];
  const nonzeros: number[] = [];
  const zeros: number[] = [];
  weights.forEach((w, i) => {
    (w === 0 ? zeros : nonzeros).push(i);
  });
  const removals = sample(random, nonzeros, MOST_REMOVALS).map((index) => ({
    index,
    change: -weights[index],
  }));
  const added = sample(random, zeros, MOST_ADDITIONS / 2);
  const plus = added.map((index) => ({ index, change: 1 }));
  const minus = added.map((index) => ({ index, change: -1 }));
  const sorted = async (edits: Edit[]): Promise<Edit[]> => {
    const scores = await engine.score(
      "loss",
      layer,
      edits.map((edit) => [edit]),
      range,
    );
    const order = [...edits.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
    return order.map((i) => edits[i]);
  };
  return { removals: await sorted(removals), plus: await sorted(plus), minus: await sorted(minus) };
}

/** `count` of the values, or all of them, each equally likely. Reorders `values`. */
function sample(random: Random, values: number[], count: number): number[] {
  const n = Math.min(count, values.length);
  for (let i = 0; i < n; i++) {
    const j = random.integers(i, values.length);
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values.slice(0, n);
}

/** A group of swaps of good removals with good additions; empty when there are none left. */
function drawPairs(
  random: Random,
  layer: string,
  singles: Singles,
  used: ReadonlySet<number>,
  family: Family,
): Swap[] {
  // Rank n * u^4, u uniform: half of the draws are among the best 6 %. (No pow: engines round it differently.)
  const pick = (edits: Edit[]): Edit | undefined => {
    const u = random.random();
    return edits[Math.floor(edits.length * (u * u * u * u))];
  };
  const swaps: Swap[] = [];
  // Places that were used are drawn in vain: after many in a row the step is over.
  for (let tries = 0; tries < GROUP * 8 && swaps.length < GROUP; tries++) {
    const removal = pick(singles.removals);
    if (!removal) break;
    const removedSign = -removal.change as 1 | -1;
    const sign = family === "same" || random.integers(2) === 0 ? removedSign : (-removedSign as 1 | -1);
    const addition = pick(sign > 0 ? singles.plus : singles.minus);
    if (!addition || used.has(removal.index) || used.has(addition.index)) continue;
    swaps.push({ layer, remove: removal.index, add: addition.index, sign, removedSign });
  }
  return swaps;
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
