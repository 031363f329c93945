/**
 * The measures of a search. Each is a sum over inputs that is larger for better networks. `delta-engine.ts` computes it in
 * its kernel; the functions here are the definition, and take the outputs of a full forward pass.
 */

import { InvalidOption } from "../../../env/errors.ts";
import { actionAccuracy } from "../../data/actions.ts";
import type { CarExamples, Examples } from "../../data/examples.ts";

/**
 * "accuracy": share of images classified right (the first of equal outputs counts), or of frames on which steer bin,
 * gas and brake all agree with the demonstrator (action accuracy). "loss": minus the mean cross-entropy, or minus the
 * mean weighted squared error of the clipped action (imitation loss). "margin", of images only: the mean lead of the
 * right output over the largest other one, clipped to [-1, 1].
 */
export type Measure = "accuracy" | "loss" | "margin";

/** All measures; threads name one by its index. */
export const measures: readonly Measure[] = ["accuracy", "loss", "margin"];

/** Weights of the squared errors of steer, gas and brake in the imitation loss, where the examples have none. */
export const OUTPUT_WEIGHTS = [4, 1, 1] as const;

/**
 * Softness of the cross-entropy: output values are divided by it. It is fixed, because a temperature that is fitted to the
 * network sharpens with it, and the search stalls.
 */
export const TEMPERATURE = 0.5;

/** @throws {@link InvalidOption} where the data have no such measure */
export function checkMeasure(data: Examples, measure: Measure): void {
  if (measure === "margin" && data.task === "car")
    throw new InvalidOption(
      "fitness: expected accuracy or loss for a car network, got margin, which only classes have",
    );
}

/** The integer that stands for a demonstrated control, where `unit` stands for 1. */
export function integerTarget(value: number, unit: number): number {
  return Math.round(value * unit);
}

/**
 * The measure, as the mean over the data, from the outputs of a full forward pass.
 * @param outputs int32 [n, outputs]
 * @param unit `unitValue(network)`
 */
export function measureOutputs(outputs: Int32Array, unit: number, data: Examples, measure: Measure): number {
  checkMeasure(data, measure);
  if (data.task === "car")
    return measure === "accuracy"
      ? actionAccuracy(
          Float64Array.from(outputs, (sum) => sum / unit),
          data.targets,
        )
      : -imitationLoss(outputs, unit, data);
  const width = outputs.length / data.labels.length;
  let total = 0;
  data.labels.forEach((label, i) => {
    const row = outputs.subarray(i * width, (i + 1) * width);
    if (measure === "margin") {
      const lead = row[label] - Math.max(...row.filter((_, o) => o !== label));
      total += Math.max(-1, Math.min(1, lead / unit));
    } else if (measure === "accuracy") total += row.indexOf(Math.max(...row)) === label ? 1 : 0;
    else
      total -= Math.log(row.reduce((sum, s) => sum + Math.exp((s - row[label]) / (TEMPERATURE * unit)), 0));
  });
  return total / data.labels.length;
}

function imitationLoss(outputs: Int32Array, unit: number, data: CarExamples): number {
  const { targets, weights, outputWeights = OUTPUT_WEIGHTS } = data;
  let total = 0;
  let count = 0;
  for (let i = 0; i < targets.length; i++) {
    const clipped = Math.max(i % 3 === 0 ? -unit : 0, Math.min(unit, outputs[i]));
    const error = (clipped - integerTarget(targets[i], unit)) / unit;
    const weight = weights?.[Math.floor(i / 3)] ?? 1;
    total += outputWeights[i % 3] * weight * error * error;
    if (i % 3 === 0) count += weight;
  }
  return total / count;
}
