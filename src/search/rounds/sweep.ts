/**
 * One sweep over one layer in a round: single changes are scored on a third of the frames, pairs of them are judged on the
 * others, and those that lower the imitation loss are kept. It is rule "climb" without guards: if no swap might lower
 * action accuracy either, one in ten would be left, and what a sweep is worth shows when the network drives.
 */
import type { Random } from "../../../env/random.ts";
import type { Family } from "../../../policies/ternary/swap.ts";
import type { FitnessEngine } from "../engine/fitness-engine.ts";
import { scoreSingles, sharedOut, takePairs } from "../rules/pairs.ts";
import type { SweepPlan } from "./plan.ts";

/** The outcome of a sweep. */
export interface SweepResult {
  /** Neighbours evaluated: single changes and pairs. */
  neighbours: number;
  /** Swaps made. */
  accepted: number;
}

/** Share of the frames that propose; the others judge. */
const PROPOSING_THIRD = 1 / 3;

/** Makes one sweep, which changes the engine's network. */
export async function sweep(
  engine: FitnessEngine,
  random: Random,
  { layer, family, singles: most, pairs }: SweepPlan & { family: Family },
): Promise<SweepResult> {
  const { proposing, judging } = sharedOut(engine.size, PROPOSING_THIRD);
  const singles = await scoreSingles(engine, random, layer, proposing, most);
  const { taken, neighbours } = await takePairs({
    ...{ engine, judging, random, layer, singles, family, guide: "loss", neighbours: pairs },
    apply: (swap) => engine.apply(swap),
  });
  return { neighbours: singles.scored + neighbours, accepted: taken.length };
}
