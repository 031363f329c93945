/**
 * Examples: what networks learn from and are measured on. Inputs are frames of the car with the action wanted on each
 * ("targets"), or images of MNIST with their digit ("labels"). Examples are plain records of typed arrays; the functions
 * here check, count, slice, pick and join them. They come from `recorded-frames.ts`, `mnist-node.ts` and
 * `episodes/labelled-frames.ts`.
 */
import { InvalidOption } from "../../env/errors.ts";
import { CROP_BYTES } from "../../policies/ternary/crop.ts";

/** Frames of the car and the action that is wanted on each. */
export interface CarExamples {
  /** Task of the networks that these examples are for. */
  task: "car";
  /** uint8 [n, 83, 83, 3]: frames as `cropPanel` cuts them. */
  inputs: Uint8Array;
  /** float32 [n, 3]: steer in [-1, 1], gas and brake in [0, 1], as the demonstrator chose them. */
  targets: Float32Array;
  /** uint8 [n]: how often each frame counts in the imitation loss, from 1 up. Default: 1 each. */
  weights?: Uint8Array;
  /**
   * Weights of the squared errors of steer, gas and brake in the imitation loss: whole numbers from 0 up.
   * Default: `OUTPUT_WEIGHTS`.
   */
  outputWeights?: readonly [steer: number, gas: number, brake: number] | undefined;
}

/** Images of MNIST and their digits. */
export interface MnistExamples {
  /** Task of the networks that these examples are for. */
  task: "mnist";
  /** uint8 [n, 28, 28]: 0 is background, 255 is ink. */
  inputs: Uint8Array;
  /** uint8 [n]: digits 0–9. */
  labels: Uint8Array;
}

/** Inputs with the answer wanted on each, for one of the two tasks. */
export type Examples = CarExamples | MnistExamples;

/** Bytes of one input of each task. */
export const INPUT_BYTES = { car: CROP_BYTES, mnist: 28 * 28 } as const;

/**
 * Counts examples and checks that their arrays belong together.
 * @returns the number of inputs, 1 or more
 * @throws {@link InvalidOption} where there is no input, or where answers or weights do not fit the inputs
 */
export function countExamples(examples: Examples): number {
  const bytes = INPUT_BYTES[examples.task];
  const n = examples.inputs.length / bytes;
  if (n === 0) throw new InvalidOption("examples: expected at least one input, got none");
  const answers = examples.task === "car" ? examples.targets.length / 3 : examples.labels.length;
  if (n !== answers)
    throw new InvalidOption(
      `examples: expected ${bytes} bytes of inputs for each target, got ${examples.inputs.length} bytes for ${answers} targets`,
    );
  if (examples.task === "car" && examples.weights && examples.weights.length !== n)
    throw new InvalidOption(
      `examples: expected a weight for each of ${n} frames, got ${examples.weights.length}`,
    );
  return n;
}

/** The examples `from` up to `to` (not included), as views of the same memory. */
export function sliceExamples<T extends Examples>(examples: T, from: number, to: number): T {
  const bytes = INPUT_BYTES[examples.task];
  const inputs = examples.inputs.subarray(from * bytes, to * bytes);
  if (examples.task === "mnist") return { ...examples, inputs, labels: examples.labels.subarray(from, to) };
  const targets = examples.targets.subarray(from * 3, to * 3);
  const weights = examples.weights?.subarray(from, to);
  return { ...examples, inputs, targets, ...(weights && { weights }) };
}

/** Pages that are not cross-origin isolated have no SharedArrayBuffer. */
const Memory = typeof SharedArrayBuffer === "undefined" ? ArrayBuffer : SharedArrayBuffer;

/** A copy of the examples of these numbers, in memory that threads can share without copying it again. */
export function pickExamples<T extends Examples>(examples: T, numbers: ArrayLike<number>): T {
  const rows = <Values extends Uint8Array | Float32Array>(values: Values, width: number): Values => {
    // Not `values.constructor`: files are read as Buffers, and `new Buffer` is deprecated with a warning.
    const Rows = values instanceof Float32Array ? Float32Array : Uint8Array;
    const memory = new Memory(numbers.length * width * Rows.BYTES_PER_ELEMENT);
    const picked = new Rows(memory as ArrayBuffer) as Values;
    for (let i = 0; i < numbers.length; i++)
      picked.set(values.subarray(numbers[i] * width, (numbers[i] + 1) * width), i * width);
    return picked;
  };
  const inputs = rows(examples.inputs, INPUT_BYTES[examples.task]);
  if (examples.task === "mnist") return { ...examples, inputs, labels: rows(examples.labels, 1) };
  const targets = rows(examples.targets, 3);
  const weights = examples.weights && rows(examples.weights, 1);
  return { ...examples, inputs, targets, ...(weights && { weights }) };
}

/**
 * Sets of one task, one after the other in new memory.
 * @param sets at least one; weights and output weights are those of the first set, so all sets must have them or none
 * @throws {@link InvalidOption} without a set
 */
export function joinExamples<T extends Examples>(sets: readonly T[]): T {
  if (sets.length === 0) throw new InvalidOption("examples to join: expected at least one set, got none");
  const [first] = sets;
  const inputs = joinArrays(
    Uint8Array,
    sets.map((set) => set.inputs),
  );
  if (first.task === "mnist") {
    const labels = joinArrays(
      Uint8Array,
      sets.map((set) => (set as MnistExamples).labels),
    );
    return { ...first, inputs, labels };
  }
  const cars = sets as readonly CarExamples[];
  const targets = joinArrays(
    Float32Array,
    cars.map((set) => set.targets),
  );
  const weights =
    first.weights &&
    joinArrays(
      Uint8Array,
      cars.map((set) => set.weights ?? new Uint8Array()),
    );
  return { ...first, inputs, targets, ...(weights && { weights }) };
}

function joinArrays<T extends Uint8Array | Float32Array>(Type: new (length: number) => T, parts: T[]): T {
  const joined = new Type(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** No frames of the car: the set to begin with where sets are joined one by one. */
export const NO_FRAMES: CarExamples = {
  task: "car",
  inputs: new Uint8Array(0),
  targets: new Float32Array(0),
};

/** Number of frames, 0 for none; checks nothing. */
export function frameCount({ targets }: CarExamples): number {
  return targets.length / 3;
}
