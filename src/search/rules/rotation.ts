/**
 * Rule "climb" for more inputs than maps can be kept of: each step draws its inputs anew, some that propose and others
 * that judge, so that no swap is taken for its luck on inputs that were seen before. The batches grow from step to
 * step, because what is left to gain becomes smaller than the noise of a small batch.
 */

import type { Random } from "../../../env/random.ts";
import { describe } from "../../../policies/ternary/describe.ts";
import { countExamples, pickExamples } from "../../data/examples.ts";

import { measureOf, type Rule } from "../rule.ts";
import { guideOf, MOST_SINGLES, PROPOSING } from "./climb.ts";
import {
  type LayerRuleSettings,
  type LayerStep,
  type LayerStepResult,
  type LayerWork,
  layerRule,
} from "./layer-rule.ts";
import type { Cursor } from "./order.ts";
import { scoreSingles, sieveOf, takePairs } from "./pairs.ts";

/** More inputs than this are drawn in batches. */
export const MOST_WHOLE = 12_000;
/** Judging inputs of the first step. */
const FIRST_BATCH = 4000;
/** Judging inputs that each step adds. */
const GROWTH = 240;
/** Judging inputs of a step at most: 0.6 GB of maps for layer 2.0 of MNIST. */
const LARGEST_BATCH = 20_000;
/** A layer gets a quarter of the inputs and pairs if its neighbours cost this many times those of the cheapest layer. */
const COSTLY = 20;

/** Rule "climb" for data that are drawn in batches. */
export function rotationRule(settings: LayerRuleSettings): Rule<LayerStep> {
  return layerRule("climb", { ...settings, inBatches: true }, rotatingStep);
}

/** One pass over one layer: up to `neighbours` pairs, on a batch of its own. */
async function rotatingStep(work: LayerWork, cursor: Cursor, steps: number): Promise<LayerStepResult> {
  const { network, engines, random, fitness, family, costs } = work;
  const data = work.data!;
  const layer = work.layers[cursor.layer];
  const guide = guideOf(fitness);
  const share = costs[cursor.layer] > COSTLY * Math.min(...costs) ? 4 : 1;
  const { numbers, proposers } = drawBatch(random, countExamples(data), steps, share);
  const judges = numbers.length - proposers;

  const proposing = await engines(network, pickExamples(data, numbers.subarray(0, proposers)), [layer]);
  const singles = await scoreSingles(proposing, random, layer, [0, proposers], MOST_SINGLES, guide);
  proposing.close();
  const engine = await engines(network, pickExamples(data, numbers.subarray(proposers)), [layer]);
  try {
    const before = engine.measure(guide);
    const judging = [0, judges] as const;
    const { taken, evaluations, ...compared } = await takePairs({
      ...{ engine, judging, sieve: sieveOf(judging), random, layer, singles, family, guide },
      neighbours: work.neighbours / share,
      apply: (swap) => engine.apply(swap),
    });
    const { round, neighbourhood } = cursor;
    const step: LayerStep = {
      ...{ round, layer: cursor.layer, neighbourhood, layerName: layer },
      ...compared,
      accepted: taken.length,
      measure: engine.measure(measureOf(fitness)),
    };
    // Laying out a batch is work too: in the last layer it takes longer than the neighbours do.
    const forward = describe(network).reduce((sum, { additions }) => sum + additions, 0);
    const layout = (forward * numbers.length) / costs[cursor.layer];
    return {
      step,
      taken,
      layerEnds: false,
      gain: Math.max(0, engine.measure(guide) - before),
      evaluations: evaluations + singles.scored * proposers + layout,
    };
  } finally {
    engine.close();
  }
}

/**
 * Draws the inputs of a step: numbers of examples, first those that propose, then those that judge.
 * @param steps steps made before
 * @param share a batch of 1 / `share` of the usual size
 */
function drawBatch(
  random: Random,
  total: number,
  steps: number,
  share: number,
): { numbers: Int32Array; proposers: number } {
  const batch = Math.min(LARGEST_BATCH, FIRST_BATCH + GROWTH * steps) / share;
  const judges = Math.min(batch, Math.floor(total / (1 + PROPOSING)));
  const proposers = Math.floor(judges * PROPOSING);
  return { numbers: drawNumbers(random, total, proposers + judges), proposers };
}

/** Draws `count` different numbers below `total`, each set of them equally likely. */
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
