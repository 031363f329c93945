/**
 * Rule "climb" for more inputs than maps can be kept of: each step draws its inputs anew, some that propose and others
 * that judge, so that no swap is taken for its luck on inputs that were seen before. The batches grow from step to
 * step, because what is left to gain becomes smaller than the noise of a small batch.
 */

import type { Random } from "../../../env/random.ts";
import { describe } from "../../../policies/ternary/describe.ts";
import { countExamples, type Examples, pickExamples } from "../../data/examples.ts";

import type { EngineMaker } from "../engine/fitness-engine.ts";
import { MOST_SINGLES, takePairs } from "./climb.ts";
import type { Cursor } from "./order.ts";
import { scoreSingles } from "./pairs.ts";
import { guideOf, measureOf, place, type RuleContext, type Step, type StepResult } from "./paper.ts";

/** More inputs than this are drawn in batches. */
export const MOST_WHOLE = 12_000;
/** Judging inputs of the first step, those that each step adds, and the most: 0.6 GB of maps for layer 2.0 of MNIST. */
const FIRST_BATCH = 4000;
const GROWTH = 240;
const LARGEST_BATCH = 20_000;
/** Proposing inputs, as a share of the judging ones. */
const PROPOSING = 0.25;
/** A layer whose neighbours cost this much more than the cheapest layer's gets a quarter of the inputs. */
const COSTLY = 20;

export interface RotationContext
  extends Omit<RuleContext, "engine" | "validation" | "reward" | "bestReward"> {
  network: RuleContext["engine"]["network"];
  data: Examples;
  engines: EngineMaker;
  /** Of a neighbour in each layer. */
  costs: readonly number[];
}

/** One pass over one layer: up to `neighbours` pairs. @param steps made so far */
export async function rotatingStep(
  context: RotationContext,
  cursor: Cursor,
  steps: number,
): Promise<StepResult> {
  const { network, data, engines, random, fitness, family, costs } = context;
  const layer = context.layers[cursor.layer];
  const guide = guideOf(fitness);
  const isCostly = costs[cursor.layer] > COSTLY * Math.min(...costs);
  const batch = Math.min(LARGEST_BATCH, FIRST_BATCH + GROWTH * steps) / (isCostly ? 4 : 1);
  const forward = describe(network).reduce((sum, { additions }) => sum + additions, 0);
  const total = countExamples(data);
  const judges = Math.min(batch, Math.floor(total / (1 + PROPOSING)));
  const proposers = Math.floor(judges * PROPOSING);
  const numbers = drawNumbers(random, total, proposers + judges);

  const proposing = await engines(network, pickExamples(data, numbers.subarray(0, proposers)), [layer]);
  const singles = await scoreSingles(proposing, random, layer, [0, proposers], MOST_SINGLES, guide);
  proposing.close();
  const engine = await engines(network, pickExamples(data, numbers.subarray(proposers)), [layer]);
  try {
    const before = engine.measure(guide);
    const { taken, evaluations, ...counts } = await takePairs({
      ...{ engine, judging: [0, judges], random, layer, singles, family, guide, keepAccuracy: false },
      neighbours: context.neighbours / (isCostly ? 4 : 1),
      apply: (swap) => engine.apply(swap),
    });
    const step: Step = {
      ...place(cursor),
      layerName: layer,
      ...counts,
      accepted: taken.length,
      measure: engine.measure(measureOf(fitness)),
    };
    return {
      ...{ step, taken, layerEnds: false },
      gain: Math.max(0, engine.measure(guide) - before),
      // Laying out a batch counts too: in the last layer it takes longer than its neighbours.
      evaluations:
        evaluations + singles.scored * proposers + (forward * numbers.length) / costs[cursor.layer],
    };
  } finally {
    engine.close();
  }
}

/** `count` different numbers below `total`, each set of them equally likely. */
function drawNumbers(random: Random, total: number, count: number): Int32Array {
  const numbers = Int32Array.from({ length: total }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = random.integers(i, total);
    const number = numbers[i];
    numbers[i] = numbers[j];
    numbers[j] = number;
  }
  return numbers.subarray(0, count);
}
