/**
 * One sweep over one layer: single changes are scored on some frames, pairs of them are judged on others, so that luck
 * on the first is not rewarded, and taken one after another where they lower the imitation loss. Rule "climb" without
 * its guards: where no swap may lower action accuracy either, one in ten is left, and what a sweep is worth shows when
 * the network drives.
 */
import type { Random } from "../../../env/random.ts";
import type { Family, Swap } from "../../../policies/ternary/swap.ts";
import type { FitnessEngine, InputRange } from "../engine/fitness-engine.ts";
import { drawPairs, type MostSingles, scoreSingles, THRESHOLD } from "../rules/pairs.ts";

export interface SweepOptions {
  layer: string;
  family: Family;
  singles: MostSingles;
  /** Pairs that are judged, a few more at the most. */
  pairs: number;
}

export interface SweepResult {
  /** Neighbours evaluated: single changes and pairs. */
  neighbours: number;
  /** Swaps made. */
  accepted: number;
}

/** Share of the frames that propose; the others judge. */
const PROPOSING = 1 / 3;

/** Changes the engine's network. */
export async function sweep(
  engine: FitnessEngine,
  random: Random,
  { layer, family, singles: most, pairs }: SweepOptions,
): Promise<SweepResult> {
  const split = Math.floor((engine.size * PROPOSING) / 8) * 8;
  // Too few frames to share out: they do both.
  const proposing: InputRange = [0, split || engine.size];
  const judging: InputRange = [split, engine.size];
  const singles = await scoreSingles(engine, random, layer, proposing, most);
  const used = new Set<number>();
  let judged = 0;
  let accepted = 0;
  let loss = engine.measure("loss", judging);
  /** The swap's loss, if it is to be made. */
  const worth = (swap: Swap): number | null => {
    judged++;
    const [lower] = engine.neighbours("loss", layer, [swap], judging);
    return lower > loss + Math.abs(loss) * THRESHOLD ? lower : null;
  };
  while (judged < pairs) {
    const swaps = drawPairs(random, layer, singles, used, family);
    if (swaps.length === 0) break;
    const scores = await engine.scoreNeighbours("loss", layer, swaps, judging);
    judged += swaps.length;
    const better = [...swaps.keys()]
      .filter((i) => scores[i] > loss)
      .sort((a, b) => scores[b] - scores[a] || a - b);
    for (const swap of better.map((i) => swaps[i])) {
      if (used.has(swap.remove) || used.has(swap.add)) continue;
      // Measured again: the swaps made before it changed what it is worth.
      const lower = worth(swap);
      if (lower === null) continue;
      await engine.apply(swap);
      used.add(swap.remove).add(swap.add);
      loss = lower;
      accepted++;
    }
  }
  const scored = singles.removals.length + singles.plus.length + singles.minus.length;
  return { neighbours: scored + judged, accepted };
}
