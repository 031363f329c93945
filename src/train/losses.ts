/** The two losses, as plain functions of a batch of outputs, which are so few numbers that tensors would cost more. */

/**
 * A loss as a function of a batch of outputs.
 * @param outputs [n, outputs]: the network's outputs
 * @param indices the samples of the batch
 * @param gradient [n, outputs], written: derivative of the mean loss
 * @returns mean loss of the batch
 */
export type Loss = (outputs: Float32Array, indices: Int32Array, gradient: Float32Array) => number;

/** A loss as a record, which can be sent to another thread. */
export type Objective =
  | { kind: "driving"; targets: Float32Array }
  | { kind: "cross-entropy"; labels: Uint8Array; temperature: number };

/** The function that a record stands for. */
export function lossOf(objective: Objective): Loss {
  return objective.kind === "driving"
    ? drivingLoss(objective.targets)
    : crossEntropy(objective.labels, objective.temperature);
}

/** Steering beyond this counts as this, since the front wheels turn by 0.4 rad at most. */
const STEER_STOP = 0.45;

/**
 * Steer, gas, brake. Targets are clipped to [`low`, `high`]; a target at an end is met by any output beyond. Squared
 * errors are multiplied by `weight`: errors of steering and of the brake are small for the harm that they do.
 */
const CONTROLS = [
  { low: -STEER_STOP, high: STEER_STOP, weight: 4 },
  { low: 0, high: 1, weight: 1 },
  { low: 0, high: 1, weight: 2 },
] as const;

/**
 * Weighted squared error of steer, gas and brake, summed over the three and averaged over the samples. An output past
 * a saturated target costs nothing, because the environment clips it.
 * @param targets [n, 3]: steer, gas and brake wanted on each of all samples
 */
export function drivingLoss(targets: Float32Array): Loss {
  return (outputs, indices, gradient) => {
    const samples = indices.length;
    let sum = 0;
    for (let i = 0; i < outputs.length; i++) {
      const control = i % 3;
      const { low, high, weight } = CONTROLS[control];
      const target = Math.min(high, Math.max(low, targets[indices[(i - control) / 3] * 3 + control]));
      const error = outputs[i] - target;
      const free = (target === low && error < 0) || (target === high && error > 0);
      gradient[i] = free ? 0 : (2 * weight * error) / samples;
      if (!free) sum += weight * error * error;
    }
    return sum / samples;
  };
}

/**
 * Cross-entropy of classes, averaged over the samples.
 * @param labels class of each of all samples
 * @param temperature factor of the outputs before softmax: ternary networks have large outputs, and a soft softmax
 *   keeps all samples in play
 */
export function crossEntropy(labels: Uint8Array, temperature: number): Loss {
  return (outputs, indices, gradient) => {
    const samples = indices.length;
    const classes = outputs.length / samples;
    let sum = 0;
    for (let i = 0; i < samples; i++) {
      const row = outputs.subarray(i * classes, (i + 1) * classes);
      const label = labels[indices[i]];
      const top = Math.max(...row);
      let total = 0;
      for (const output of row) total += Math.exp(temperature * (output - top));
      for (let c = 0; c < classes; c++) {
        const probability = Math.exp(temperature * (row[c] - top)) / total;
        gradient[i * classes + c] = (temperature * (probability - (c === label ? 1 : 0))) / samples;
      }
      sum += Math.log(total) - temperature * (row[label] - top);
    }
    return sum / samples;
  };
}
