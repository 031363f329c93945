/**
 * Where promising swaps come from. A swap is good when its removal and its addition are, and of these single changes
 * there are far fewer than of their pairs: all are scored, ranked, and paired by chance with a bias to the better ranks.
 */
import type { Random } from "../../../env/random.ts";
import type { Family, Swap } from "../../../policies/ternary/swap.ts";
import type { Measure } from "../engine/fitness.ts";
import type { Edit, FitnessEngine, InputRange } from "../engine/fitness-engine.ts";

/** Pairs measured at once before the best of them are taken. */
const GROUP = 64;
/** A pair must lower the judging loss by this share of it: less is noise. */
export const THRESHOLD = 2e-5;

/** Single changes of weights, best first. */
export interface Singles {
  removals: Edit[];
  /** By the sign of the new weight. */
  plus: Edit[];
  minus: Edit[];
  /** How many were scored. */
  scored: number;
}

/** How many single changes are scored at most, drawn by chance: removals, and additions of each sign. */
export interface MostSingles {
  removals: number;
  additions: number;
}

/** Scores single changes of a layer on a part of the inputs. */
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

/** `count` of the values, or all of them, each equally likely. Reorders `values`. */
function sample(random: Random, values: number[], count: number): number[] {
  const n = Math.min(count, values.length);
  for (let i = 0; i < n; i++) {
    const j = random.integers(i, values.length);
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values.slice(0, n);
}

/** A group of swaps of good removals with good additions, of weights that are not `used`; empty when there are none left. */
export function drawPairs(
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
