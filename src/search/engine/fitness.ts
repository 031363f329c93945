/**
 * What search measures. Each measure is a sum over inputs that is larger for better networks; `engine.ts` computes
 * it in its kernel, the functions here are the definition: they take the outputs of a full forward pass.
 */
import { InvalidOption } from "../../../env/errors.ts";
import { fingerprint } from "../fingerprint.ts";

/** Demonstration frames of the car. */
export interface CarData {
  task: "car";
  /** n × 83×83×3 bytes: frames as crop.ts cuts them. */
  inputs: Uint8Array;
  /** n × (steer [-1, 1], gas [0, 1], brake [0, 1]): what the demonstrator did. */
  targets: Float32Array;
  /** Whole weights from 1 up by which a frame counts in the imitation loss; default 1. */
  weights?: Uint8Array;
  /** How much squared errors of steer, gas and brake count in the imitation loss; default `OUTPUT_WEIGHTS`. Whole, from 0 up. */
  outputWeights?: readonly [steer: number, gas: number, brake: number] | undefined;
}

/** Labelled images of MNIST. */
export interface MnistData {
  task: "mnist";
  /** n × 28×28 bytes. */
  inputs: Uint8Array;
  /** n digits 0–9. */
  labels: Uint8Array;
}

export type SearchData = CarData | MnistData;

/**
 * "accuracy": share of images classified right (the first of equal outputs counts), or of frames on which steer bin,
 * gas and brake all agree with the demonstrator (action accuracy). "loss": minus the mean cross-entropy, or minus the
 * mean weighted squared error of the clipped action (imitation loss). "margin", of images only: the mean lead of the
 * right output over the largest other one, clipped to [-1, 1].
 */
export type Measure = "accuracy" | "loss" | "margin";

/** Steering within ±0.1 is straight, beyond it left or right. */
export const STEER_CUT = 0.1;
/** Gas above 0.25 is on. */
export const GAS_CUT = 0.25;
/** Brake above 0.05 is on. */
export const BRAKE_CUT = 0.05;

/** How much a squared error of steering counts beside one of gas and of brake in the imitation loss. */
export const OUTPUT_WEIGHTS = [4, 1, 1] as const;

/**
 * Softness of the cross-entropy: output values are divided by it. Fixed: refitted to the network it sharpens and
 * the search stalls.
 */
export const TEMPERATURE = 0.5;

/** Throws `InvalidOption` unless the arrays belong together and hold at least one input; returns their number. */
export function dataSize(data: SearchData): number {
  const bytes = data.task === "car" ? 83 * 83 * 3 : 28 * 28;
  const n = data.inputs.length / bytes;
  if (n === 0) throw new InvalidOption("the data hold no input: at least one is needed");
  const answers = data.task === "car" ? data.targets.length / 3 : data.labels.length;
  if (n !== answers)
    throw new InvalidOption(
      `${data.inputs.length} bytes of inputs for ${answers} targets, expected ${bytes} each`,
    );
  if (data.task === "car" && data.weights && data.weights.length !== n)
    throw new InvalidOption(`${data.weights.length} weights for ${n} frames`);
  return n;
}

/** Throws `InvalidOption` where the data have no such measure. */
export function checkMeasure(data: SearchData, measure: Measure): void {
  if (measure === "margin" && data.task === "car")
    throw new InvalidOption("a margin is of classes: car networks have accuracy and loss");
}

/** Inputs `from` up to `to` (not included), without a copy. */
export function slice<Data extends SearchData>(data: Data, from: number, to: number): Data {
  const bytes = data.task === "car" ? 83 * 83 * 3 : 28 * 28;
  const inputs = data.inputs.subarray(from * bytes, to * bytes);
  if (data.task === "mnist") return { ...data, inputs, labels: data.labels.subarray(from, to) };
  const targets = data.targets.subarray(from * 3, to * 3);
  return { ...data, inputs, targets, ...(data.weights && { weights: data.weights.subarray(from, to) }) };
}

/** Of a browser's page that is not isolated there is none. */
const Memory = typeof SharedArrayBuffer === "undefined" ? ArrayBuffer : SharedArrayBuffer;

/** A copy of the inputs of these numbers, in memory that threads can share: to them it is not copied again. */
export function pick<Data extends SearchData>(data: Data, numbers: ArrayLike<number>): Data {
  const bytes = data.task === "car" ? 83 * 83 * 3 : 28 * 28;
  const rows = <Values extends Uint8Array | Float32Array>(values: Values, width: number): Values => {
    // Not `values.constructor`: files are read as Buffers, and `new Buffer` is deprecated with a warning.
    const Rows = values instanceof Float32Array ? Float32Array : Uint8Array;
    const memory = new Memory(numbers.length * width * Rows.BYTES_PER_ELEMENT);
    const picked = new Rows(memory as ArrayBuffer) as Values;
    for (let i = 0; i < numbers.length; i++)
      picked.set(values.subarray(numbers[i] * width, (numbers[i] + 1) * width), i * width);
    return picked;
  };
  const inputs = rows(data.inputs, bytes);
  if (data.task === "mnist") return { ...data, inputs, labels: rows(data.labels, 1) };
  const targets = rows(data.targets, 3);
  return { ...data, inputs, targets, ...(data.weights && { weights: rows(data.weights, 1) }) };
}

/** Tells data apart. */
export function dataFingerprint(data: SearchData): number {
  if (data.task === "mnist") return fingerprint(data.inputs, data.labels);
  const { inputs, targets, weights = [], outputWeights = OUTPUT_WEIGHTS } = data;
  return fingerprint(inputs, targets, weights, outputWeights);
}

/** Steer -1 left, 0 straight, 1 right; gas and brake -1 on, 0 off (the sign that SIMD comparisons give). */
export function actionBins(steer: number, gas: number, brake: number): [number, number, number] {
  return [
    steer > STEER_CUT ? 1 : steer < -STEER_CUT ? -1 : 0,
    gas > GAS_CUT ? -1 : 0,
    brake > BRAKE_CUT ? -1 : 0,
  ];
}

/**
 * Action accuracy of any driver, 0 to 1.
 * @param actions [n, 3] that were chosen, clipped or not
 * @param targets [n, 3] of the demonstrator
 */
export function actionAccuracy(actions: ArrayLike<number>, targets: ArrayLike<number>): number {
  let agree = 0;
  for (let i = 0; i < targets.length; i += 3) {
    const [steer, gas, brake] = actionBins(actions[i], actions[i + 1], actions[i + 2]);
    const wanted = actionBins(targets[i], targets[i + 1], targets[i + 2]);
    if (steer === wanted[0] && gas === wanted[1] && brake === wanted[2]) agree++;
  }
  return (agree * 3) / targets.length;
}

/** The integer target of a demonstrated control: `unit` stands for 1. */
export function integerTarget(value: number, unit: number): number {
  return Math.round(value * unit);
}

/**
 * The measure, as the mean over the data, from the outputs of a full forward pass.
 * @param outputs int32 [n, outputs]
 * @param unit `unitValue(network)`
 */
export function measureOutputs(
  outputs: Int32Array,
  unit: number,
  data: SearchData,
  measure: Measure,
): number {
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

function imitationLoss(outputs: Int32Array, unit: number, data: CarData): number {
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
