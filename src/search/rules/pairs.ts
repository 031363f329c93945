/**
 * Promising swaps, for rule "climb" and for rounds. A swap is good when its removal and its addition are, and there are far
 * fewer of these single changes than of their pairs: singles are scored on some inputs, ranked, and paired by chance with
 * a bias to the better ranks; pairs that are better on other inputs are kept, one after another.
 */
import type { Random } from "../../../env/random.ts";
import type { Family, Swap } from "../../../policies/ternary/swap.ts";
import type { Measure } from "../engine/fitness.ts";
import type { Edit, FitnessEngine, InputRange } from "../engine/fitness-engine.ts";

/** Pairs measured together before the best of them are taken. */
const GROUP = 64;
/** A pair must lower the judging loss by this share of it: less is noise. */
const THRESHOLD = 2e-5;
/** Number of judging inputs from which on a sieve saves time. */
const SIEVE_FROM = 1024;

/** Single changes of weights, each list best first. */
export interface Singles {
  /** Nonzero weights that become 0. */
  removals: Edit[];
  /** Zero weights that become +1. */
  plus: Edit[];
  /** Zero weights that become -1. */
  minus: Edit[];
  /** Number of changes that were scored. */
  scored: number;
}

/** Most single changes that are scored; they are drawn at random. */
export interface MostSingles {
  /** Nonzero weights, each removed. */
  removals: number;
  /** Zero weights, each set to +1 and to -1. */
  additions: number;
}

/**
 * Shares inputs out among those that propose and those that judge; too few to share out do both.
 * @param share of the inputs that propose, 0 to 1
 */
export function sharedOut(size: number, share: number): { proposing: InputRange; judging: InputRange } {
  const split = Math.floor((size * share) / 8) * 8;
  return { proposing: [0, split || size], judging: [split, size] };
}

/** An eighth of many judging inputs, which sees every pair first because most pairs fail there; undefined for few. */
export function sieveOf([from, to]: InputRange): InputRange | undefined {
  return to - from >= SIEVE_FROM ? [from, from + Math.floor((to - from) / 64) * 8] : undefined;
}

/** Scores single changes of a layer by the guide, on a range of the inputs. */
export async function scoreSingles(
  engine: FitnessEngine,
  random: Random,
  layer: string,
  range: InputRange,
  most: MostSingles,
  guide: Measure = "loss",
): Promise<Singles> {
  const weights = engine.network.weights[layer];
  const nonzeros: number[] = [];
  const zeros: number[] = [];
  weights.forEach((w, i) => {
    (w === 0 ? zeros : nonzeros).push(i);
  });
  const removals = sample(random, nonzeros, most.removals).map((index) => ({
    index,
    change: -weights[index],
  }));
  const added = sample(random, zeros, most.additions);
  const plus = added.map((index) => ({ index, change: 1 }));
  const minus = added.map((index) => ({ index, change: -1 }));
  const edits = [...removals, ...plus, ...minus];
  const scores = await engine.score(
    guide,
    layer,
    edits.map((edit) => [edit]),
    range,
  );
  const ranked = (from: number, count: number): Edit[] =>
    Array.from({ length: count }, (_, i) => from + i)
      .sort((a, b) => scores[b] - scores[a] || a - b)
      .map((i) => edits[i]);
  return {
    removals: ranked(0, removals.length),
    plus: ranked(removals.length, plus.length),
    minus: ranked(removals.length + plus.length, minus.length),
    scored: removals.length + 2 * added.length,
  };
}

/** Draws `count` of the values, or all of them, each equally likely. Reorders `values`. */
function sample(random: Random, values: number[], count: number): number[] {
  const n = Math.min(count, values.length);
  for (let i = 0; i < n; i++) {
    const j = random.integers(i, values.length);
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values.slice(0, n);
}

/** Draws a group of swaps that pair good removals with good additions, without `used` weights; empty if none is left. */
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
  // Weights that were used are drawn in vain: after too many of them the group stays small or empty.
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

/** How `takePairs` goes about it. */
export interface PairOptions {
  /** Measures the network at work. */
  engine: FitnessEngine;
  /** Inputs by which pairs are judged. */
  judging: InputRange;
  /** Inputs that see every pair first; a pair that is no better there is not judged. Default: the judging inputs. */
  sieve?: InputRange | undefined;
  /** Draws the pairs. */
  random: Random;
  /** Name of the layer. */
  layer: string;
  /** Ranked halves of the pairs. */
  singles: Singles;
  /** Swaps that are allowed. */
  family: Family;
  /** The measure that a pair must raise. */
  guide: Measure;
  /** Neighbours to measure; the last group may take it beyond. */
  neighbours: number;
  /**
   * True if a pair must not lower accuracy either. For the car, imitation loss and action accuracy can disagree.
   * Default: false.
   */
  keepAccuracy?: boolean;
  /** Makes a swap in the network and in all that is kept of it. */
  apply(swap: Swap): Promise<void>;
}

/** The outcome of `takePairs`. */
export interface PairResult {
  /** Swaps that were made, in their order. */
  taken: Swap[];
  /** Neighbours measured. */
  neighbours: number;
  /** Pairs that were better than the network at work when they were drawn. */
  above: number;
  /** Pairs that were equally good. */
  equal: number;
  /** Pairs that were worse. */
  below: number;
  /** Inputs that neighbours were measured on, summed over the neighbours. */
  evaluations: number;
}

/** Draws pairs of good singles and makes those that raise the guide on the judging inputs, one after another. */
export async function takePairs(options: PairOptions): Promise<PairResult> {
  const { engine, judging, sieve = judging, random, layer, singles, family, guide, keepAccuracy } = options;
  const width = judging[1] - judging[0];
  const result: PairResult = { taken: [], neighbours: 0, above: 0, equal: 0, below: 0, evaluations: 0 };
  const used = new Set<number>();
  let current = engine.measure(guide, judging);
  let accuracy = keepAccuracy ? engine.measure("accuracy", judging) : Number.NEGATIVE_INFINITY;
  while (result.neighbours < options.neighbours) {
    const swaps = drawPairs(random, layer, singles, used, family);
    if (swaps.length === 0) break;
    const atHand = sieve === judging ? current : engine.measure(guide, sieve);
    const scores = await engine.scoreNeighbours(guide, layer, swaps, sieve);
    result.neighbours += swaps.length;
    result.evaluations += swaps.length * (sieve[1] - sieve[0]);
    for (const score of scores) result[score > atHand ? "above" : score === atHand ? "equal" : "below"]++;
    for (const swap of bestFirst(swaps, scores, atHand)) {
      if (used.has(swap.remove) || used.has(swap.add)) continue;
      // Measured again, because the swaps made before it in this group changed what it is worth.
      const [score] = engine.neighbours(guide, layer, [swap], judging);
      result.neighbours++;
      result.evaluations += width;
      if (score <= current + Math.abs(current) * THRESHOLD) continue;
      if (keepAccuracy) {
        const [agreeing] = engine.neighbours("accuracy", layer, [swap], judging);
        if (agreeing < accuracy) continue;
        accuracy = agreeing;
      }
      await options.apply(swap);
      result.taken.push(swap);
      used.add(swap.remove).add(swap.add);
      current = score;
    }
  }
  return result;
}

/** The swaps whose score is above a value, the best first, of equal ones the first drawn. */
function bestFirst(swaps: readonly Swap[], scores: Float64Array, value: number): Swap[] {
  return [...swaps.keys()]
    .filter((i) => scores[i] > value)
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .map((i) => swaps[i]);
}
