/**
 * Arrays of episodes as Python's tools write them: which types and shapes are an episode's, and which are refused. Reading
 * the arrays from their files is the business of npz/ and minari/.
 */
import { shorten } from "../env/describe.ts";
import { CorruptFile } from "../env/errors.ts";
import type { TypedArray } from "../env/spaces.ts";
import { MAX_RECORDED_STEPS } from "./episode.ts";

/** Elements of an array. */
export type ForeignData = TypedArray | BigInt64Array | BigUint64Array;

/** Type and shape of an array, known before its elements are read. */
export interface ArrayForm {
  /** Kind and bytes of an element, as numpy's codes: "f8", "i8", "u1", "b1"; "O" and others are not numbers. */
  type: string;
  /** Length of each axis. */
  shape: readonly number[];
}

/** Bytes of the longest array of one number a step. */
export const MAX_VECTOR_BYTES = 8 * MAX_RECORDED_STEPS;

/** A shape as Python writes it: "(3,)", "(60, 4)". */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** A form for messages: "float64 of shape (60, 4)". */
export function formText({ type, shape }: ArrayForm): string {
  return `${typeName(type)} of shape ${shorten(shapeText(shape))}`;
}

/** An element type as numpy names it: "float64" of "f8"; the code itself of others. */
export function typeName(type: string): string {
  const bits = 8 * Number(type.slice(1));
  if (type === "b1") return "bool";
  if (bits > 0 && type[0] in NUMBER_KINDS)
    return `${NUMBER_KINDS[type[0] as keyof typeof NUMBER_KINDS]}${bits}`;
  return OTHER_KINDS[type[0]] ?? shorten(type);
}

const NUMBER_KINDS = { f: "float", i: "int", u: "uint" };
const OTHER_KINDS: Record<string, string> = { O: "Python objects", U: "text", S: "bytes", V: "records" };

/** Number of elements in an array of this shape. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/**
 * Checks the form of actions: numbers [T, 3], or whole numbers [T] or [T, 1] where they are discrete.
 * @param name what error messages call the file
 * @returns how many steps there are, and whether actions are discrete
 * @throws CorruptFile on others, with their shape, and on none or more than a million
 */
export function checkActions(form: ArrayForm, name: string): { steps: number; isDiscrete: boolean } {
  const { shape, type } = form;
  const [steps] = shape;
  const isControls = shape.length === 2 && shape[1] === 3 && /^[fiub]/.test(type);
  const isDiscrete = (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) && /^[iu]/.test(type);
  if (!isControls && !isDiscrete)
    throw new CorruptFile(
      `${name}: actions: expected numbers of shape (T, 3), or whole numbers of shape (T,) or (T, 1) where they are discrete, got ${formText(form)}`,
    );
  if (!(steps >= 1 && steps <= MAX_RECORDED_STEPS))
    throw new CorruptFile(
      `${name}: actions: expected 1 to ${MAX_RECORDED_STEPS} steps, got ${formText(form)}`,
    );
  return { steps, isDiscrete };
}

/**
 * Actions of a checked form as a drive takes them. float64 stays what it is: what numpy holds so was driven so.
 * @throws CorruptFile on numbers that are no action, with the step
 */
export function toActions(
  data: ForeignData,
  isDiscrete: boolean,
  name: string,
): Float32Array | Float64Array | Int32Array {
  if (isDiscrete) {
    const values = toNumbers(data);
    const wrong = values.findIndex((value) => value < 0 || value > 4);
    if (wrong >= 0)
      throw new CorruptFile(`${name}: actions of step ${wrong}: expected 0 to 4, got ${values[wrong]}`);
    return Int32Array.from(values);
  }
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  // Whole numbers, which float32 holds unless they are large.
  const values = toNumbers(data);
  return values.every((value) => Math.fround(value) === value) ? Float32Array.from(values) : values;
}

/** @throws CorruptFile unless the array has one number a step */
export function checkVector(form: ArrayForm, steps: number, where: string): void {
  const { shape, type } = form;
  if (shape.length === 1 && shape[0] === steps && /^[fiub]/.test(type)) return;
  throw new CorruptFile(`${where}: expected numbers of shape (${steps},), got ${formText(form)}`);
}

/** @throws CorruptFile unless the array has a frame of CarRacing before the first step and after each */
export function checkFrames(form: ArrayForm, steps: number, where: string): void {
  const expected = shapeText([steps + 1, 96, 96, 3]);
  if (form.type === "u1" && shapeText(form.shape) === expected) return;
  throw new CorruptFile(
    `${where}: expected uint8 of shape ${expected}, as CarRacing-v3 without wrappers gives them, got ${formText(form)}`,
  );
}

/** Numbers as float64, in which 64-bit integers are rounded as numpy's `astype` does. */
export function toNumbers(data: ForeignData): Float64Array {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  return Float64Array.from(data);
}

/** IEEE 754 binary16: a sign, five bits of exponent (15 stands for 2^0), ten of fraction. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The float16 nearest to a number, ties to even, as numpy rounds. */
export function roundToHalf(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  // Steps of float16: 2^-10 of the leading bit, 2^-24 for the smallest.
  const step = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), -14) - 10);
  const whole = value / step;
  const floor = Math.floor(whole);
  const rest = whole - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  return Math.abs(rounded * step) > 65504 ? Math.sign(value) * Number.POSITIVE_INFINITY : rounded * step;
}

/**
 * Rounding for comparisons with rewards that were stored in a narrower type than float64.
 * @returns a function that rounds to the type; undefined if nothing is to be rounded
 */
export function roundingOf(type: string): ((reward: number) => number) | undefined {
  return { f2: roundToHalf, f4: Math.fround }[type];
}
