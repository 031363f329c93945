/**
 * Gymnasium's spaces: the shape and bounds of an environment's observations and actions. The same seed samples the same
 * values as in Gymnasium (numpy's streams, see random.ts), and `toString` prints Gymnasium's `repr`.
 *
 * Arrays are flat typed arrays, row-major, with the shape kept in the space. Not here: sampling with masks, and
 * sampling of unbounded boxes.
 */
import { describe, shorten } from "./describe.ts";
import { InvalidOption } from "./errors.ts";
import { Random, type Seed } from "./random.ts";

/** The array that holds each element type, by numpy's name of the type. */
export interface Arrays {
  /** 32-bit floats. */
  float32: Float32Array;
  /** 64-bit floats. */
  float64: Float64Array;
  /** Whole numbers from 0 to 255. */
  uint8: Uint8Array;
  /** Whole numbers from -128 to 127. */
  int8: Int8Array;
  /** Whole numbers from -2^15 to 2^15 - 1. */
  int16: Int16Array;
  /** Whole numbers from 0 to 2^16 - 1. */
  uint16: Uint16Array;
  /** Whole numbers from -2^31 to 2^31 - 1. */
  int32: Int32Array;
  /** Whole numbers from 0 to 2^32 - 1. */
  uint32: Uint32Array;
  /** False or true, as a byte 0 or 1. */
  bool: Uint8Array;
  /** Bigints from -2^63 to 2^63 - 1. */
  int64: BigInt64Array;
  /** Bigints from 0 to 2^64 - 1. */
  uint64: BigUint64Array;
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const;

/** numpy's name of an element type. */
export type DType = keyof Arrays;
/** An element type whose elements are numbers in JavaScript; those of int64 and uint64 are bigints. */
export type NumberDType = Exclude<DType, "int64" | "uint64">;
/** An array of numbers. */
export type TypedArray = Arrays[NumberDType];

/** The set of an environment's observations or actions (`gymnasium.spaces.Space`). */
export abstract class Space<T = unknown> {
  /** Shape of an array-valued element; [] for a scalar, null for a composite. */
  abstract readonly shape: readonly number[] | null;
  /** numpy's name of the element type; null for a composite. */
  abstract readonly dtype: string | null;
  #random: Random | undefined;

  /** The generator that `sample` draws from; begun from fresh entropy unless `seed` was called. */
  get random(): Random {
    this.#random ??= new Random();
    return this.#random;
  }

  /**
   * Begins the space's generator anew.
   * @param seed a whole number from 0 up. Default: fresh entropy.
   */
  seed(seed?: Seed): void {
    this.#random = new Random(seed);
  }

  /** A random element. Array elements are the caller's to keep. */
  abstract sample(): T;
  /** True if a value is an element of the space. */
  abstract contains(x: unknown): x is T;
  /** Gymnasium's `repr`. */
  abstract toString(): string;
}

/** Bounds and element type of a {@link Box}; a number stands for every element. */
export interface BoxOptions<D extends DType> {
  /** Least value of each element; -Infinity for none. */
  low: Bound;
  /** Largest value of each element; Infinity for none. */
  high: Bound;
  /** Length of each axis. Default: the length of a bound that is an array, otherwise [1]. */
  shape?: readonly number[];
  /** numpy's name of the element type. */
  dtype: D;
}

/** A bound of all elements, or one for each. Bigints are for int64 and uint64. */
export type Bound = number | bigint | ArrayLike<number | bigint>;

/** Arrays within bounds, both included (`gymnasium.spaces.Box`). */
export class Box<D extends DType = NumberDType> extends Space<Arrays[D]> {
  readonly shape: readonly number[];
  readonly dtype: D;
  /** Least value of each element. */
  readonly low: Arrays[D];
  /** Largest value of each element. */
  readonly high: Arrays[D];
  /** Number of values in an element of the space. */
  readonly size: number;

  /** @throws {@link InvalidOption} on bounds that the element type does not hold, or of another length than the shape */
  constructor({ low, high, shape, dtype }: BoxOptions<D>) {
    super();
    const length = typeof low === "object" ? low.length : typeof high === "object" ? high.length : 1;
    this.shape = shape ?? [length];
    this.dtype = dtype;
    this.size = this.shape.reduce((product, n) => product * n, 1);
    this.low = filled(dtype, low, this.size);
    this.high = filled(dtype, high, this.size);
    for (let i = 0; i < this.size; i++) {
      if (!(this.low[i] <= this.high[i])) {
        throw new InvalidOption(
          `Box: expected low <= high, got ${describe(this.low[i])} and ${this.high[i]} at element ${i}`,
        );
      }
    }
  }

  /**
   * Uniform between the bounds; whole numbers include both ends. Bounds of int64 and uint64 beyond 2^53 are rounded to
   * floats first, as numpy does.
   * @throws {@link InvalidOption} on a box without bounds
   */
  sample(): Arrays[D] {
    const out = new ARRAYS[this.dtype](this.size) as TypedArray | BigInt64Array;
    for (let i = 0; i < this.size; i++) {
      const bound = this.high[i];
      // Gymnasium adds the 1 in int64, where the largest value turns into the least.
      const above = typeof bound === "bigint" ? Number(BigInt.asIntN(64, bound + 1n)) : bound + 1;
      const isFloat = this.dtype.startsWith("float");
      const low = Number(this.low[i]);
      const high = isFloat ? Number(bound) : above;
      if (!Number.isFinite(high - low))
        throw new InvalidOption(`sample: expected a bounded Box, got ${shorten(String(this))}`);
      const value = this.random.uniform(low, high);
      out[i] =
        typeof bound === "bigint"
          ? this.#within(BigInt(Math.floor(value)), i)
          : isFloat
            ? value
            : Math.floor(value);
    }
    return out as Arrays[D];
  }

  #within(value: bigint, i: number): bigint {
    const low = this.low[i] as bigint;
    const high = this.high[i] as bigint;
    return value < low ? low : value > high ? high : value;
  }

  /** Typed arrays of a type that casts to this one without loss, or plain arrays of numbers, within the bounds. */
  contains(x: unknown): x is Arrays[D] {
    if (!isNumbers(x, typeof this.low[0] === "bigint") || x.length !== this.size) return false;
    if (ArrayBuffer.isView(x) && !this.#takes(dtypeOf(x as Arrays[DType]))) return false;
    for (let i = 0; i < this.size; i++) {
      // The value that an array of this type would hold; NaN fails both comparisons.
      const value = this.dtype === "float32" ? Math.fround(x[i] as number) : x[i];
      if (!(value >= this.low[i] && value <= this.high[i])) return false;
    }
    return true;
  }

  /** Booleans lie in a Uint8Array, whose bounds of 0 and 1 are checked like any others. */
  #takes(dtype: DType): boolean {
    return castsTo(dtype, this.dtype) || (dtype === "uint8" && this.dtype === "bool");
  }

  override toString(): string {
    return `Box(${boundText(this.dtype, this.low)}, ${boundText(this.dtype, this.high)}, ${tupleText(this.shape)}, ${this.dtype})`;
  }
}

/** Whole numbers start, …, start + n - 1 (`gymnasium.spaces.Discrete`). */
export class Discrete extends Space<number> {
  readonly shape: readonly number[] = [];
  readonly dtype = "int64";
  /** Number of values to choose from. */
  readonly n: number;
  /** The least number. */
  readonly start: number;

  /**
   * @param n how many numbers there are, from 1 up
   * @param start the least number. Default: 0.
   * @throws {@link InvalidOption} on another n
   */
  constructor(n: number, start = 0) {
    super();
    this.n = checkCount("Discrete", n);
    this.start = start;
  }

  sample(): number {
    return this.start + this.random.integers(this.n);
  }

  contains(x: unknown): x is number {
    return Number.isInteger(x) && (x as number) >= this.start && (x as number) < this.start + this.n;
  }

  override toString(): string {
    return this.start === 0 ? `Discrete(${this.n})` : `Discrete(${this.n}, start=${this.start})`;
  }
}

/** Vectors whose element i is a whole number in [0, nvec[i]) (`gymnasium.spaces.MultiDiscrete`). */
export class MultiDiscrete extends Space<Int32Array> {
  readonly shape: readonly number[];
  readonly dtype = "int64";
  /** Number of values that each element can have. */
  readonly nvec: readonly number[];

  /** @param nvec how many values each element has, from 1 up @throws {@link InvalidOption} on others */
  constructor(nvec: readonly number[]) {
    super();
    this.nvec = nvec.map((n) => checkCount("MultiDiscrete", n));
    this.shape = [nvec.length];
  }

  sample(): Int32Array {
    return Int32Array.from(this.nvec, (n) => Math.floor(this.random.random() * n));
  }

  contains(x: unknown): x is Int32Array {
    return (
      isNumbers(x) &&
      x.length === this.nvec.length &&
      this.nvec.every((n, i) => Number.isInteger(x[i]) && x[i] >= 0 && x[i] < n)
    );
  }

  override toString(): string {
    return `MultiDiscrete(${vectorText(this.nvec, String)})`;
  }
}

/** Vectors of zeros and ones (`gymnasium.spaces.MultiBinary`). */
export class MultiBinary extends Space<Int8Array> {
  readonly shape: readonly number[];
  readonly dtype = "int8";
  /** Length of the vectors. */
  readonly n: number;

  /** @param n length of the vectors, from 1 up @throws {@link InvalidOption} on another */
  constructor(n: number) {
    super();
    this.n = checkCount("MultiBinary", n);
    this.shape = [n];
  }

  /** numpy draws four int8 from a 32-bit word, lowest byte first; each coin is the top bit of a byte. */
  sample(): Int8Array {
    const out = new Int8Array(this.n);
    let word = 0;
    for (let i = 0; i < this.n; i++) {
      word = i % 4 === 0 ? this.random.uint32() : word >>> 8;
      out[i] = (word >>> 7) & 1;
    }
    return out;
  }

  contains(x: unknown): x is Int8Array {
    if (!isNumbers(x) || x.length !== this.n) return false;
    for (let i = 0; i < this.n; i++) if (x[i] !== 0 && x[i] !== 1) return false;
    return true;
  }

  override toString(): string {
    return `MultiBinary(${this.n})`;
  }
}

/** Fixed-length lists of elements of other spaces (`gymnasium.spaces.Tuple`). */
export class Tuple extends Space<unknown[]> {
  readonly shape = null;
  readonly dtype = null;
  /** Space of each part. */
  readonly spaces: readonly Space[];

  /** @param spaces space of each part */
  constructor(spaces: readonly Space[]) {
    super();
    this.spaces = spaces;
  }

  /** Begins the generators of the tuple and of its parts anew; their seeds are drawn from the tuple's. */
  override seed(seed?: Seed): void {
    super.seed(seed);
    seedParts(this.random, this.spaces, seed);
  }

  sample(): unknown[] {
    return this.spaces.map((space) => space.sample());
  }

  contains(x: unknown): x is unknown[] {
    return (
      Array.isArray(x) &&
      x.length === this.spaces.length &&
      this.spaces.every((space, i) => space.contains(x[i]))
    );
  }

  override toString(): string {
    return `Tuple(${this.spaces.map(String).join(", ")})`;
  }
}

/** Records of elements of other spaces, in the order of their keys (`gymnasium.spaces.Dict`). */
export class Dict extends Space<Record<string, unknown>> {
  readonly shape = null;
  readonly dtype = null;
  /** Space of each part, in the order of the keys. */
  readonly spaces: Readonly<Record<string, Space>>;

  /** @param spaces space of each part */
  constructor(spaces: Readonly<Record<string, Space>>) {
    super();
    this.spaces = Object.fromEntries(Object.entries(spaces).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Begins the generators of the record and of its parts anew; their seeds are drawn from the record's. */
  override seed(seed?: Seed): void {
    super.seed(seed);
    seedParts(this.random, Object.values(this.spaces), seed);
  }

  sample(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this.spaces).map(([key, space]) => [key, space.sample()]));
  }

  contains(x: unknown): x is Record<string, unknown> {
    if (typeof x !== "object" || x === null) return false;
    const record = x as Record<string, unknown>;
    const keys = Object.keys(this.spaces);
    return (
      Object.keys(record).length === keys.length &&
      keys.every((key) => key in record && this.spaces[key].contains(record[key]))
    );
  }

  override toString(): string {
    const parts = Object.entries(this.spaces).map(([key, space]) => `'${key}': ${space}`);
    return `Dict(${parts.join(", ")})`;
  }
}

function seedParts(random: Random, parts: readonly Space[], seed: Seed | undefined): void {
  const seeds = parts.map(() => (seed === undefined ? undefined : random.integers(2 ** 31 - 1)));
  parts.forEach((part, i) => {
    part.seed(seeds[i]);
  });
}

function checkCount(space: string, n: number): number {
  if (Number.isSafeInteger(n) && n > 0) return n;
  throw new InvalidOption(`${space}: expected a whole number from 1 up, got ${describe(n)}`);
}

function filled<D extends DType>(dtype: D, value: Bound, size: number): Arrays[D] {
  if (typeof value === "object" && value.length !== size)
    throw new InvalidOption(`Box: expected ${size} bounds for its shape, got ${value.length}`);
  const out = new ARRAYS[dtype](size) as TypedArray;
  for (let i = 0; i < size; i++) {
    const bound = typeof value === "object" ? value[i] : value;
    if (!holds(dtype, bound)) {
      const given = typeof value === "object" ? Array.from(value) : [value];
      throw new InvalidOption(
        `Box: expected bounds that ${dtype} holds, got ${shorten(given.map(String).join(", "))}`,
      );
    }
    out[i] = (
      out instanceof BigInt64Array || out instanceof BigUint64Array ? BigInt(bound) : Number(bound)
    ) as number;
  }
  return out as Arrays[D];
}

/** True if an element of the type can have the value; floats take the nearest they have. */
function holds(dtype: DType, value: number | bigint): boolean {
  if (dtype.startsWith("float")) return true;
  if (dtype === "bool") return Number(value) === 0 || Number(value) === 1;
  if (typeof value === "number" && !Number.isInteger(value)) return false;
  const bits = Number(/\d+/.exec(dtype)![0]);
  return (dtype.startsWith("u") ? BigInt.asUintN : BigInt.asIntN)(bits, BigInt(value)) === BigInt(value);
}

/** @param isBig whether bigints count as numbers, among or in place of them */
function isNumbers(x: unknown, isBig = false): x is ArrayLike<number> {
  if (ArrayBuffer.isView(x) && !(x instanceof DataView))
    return isBig || !(x instanceof BigInt64Array || x instanceof BigUint64Array);
  return (
    Array.isArray(x) && x.every((value) => typeof value === "number" || (isBig && typeof value === "bigint"))
  );
}

/** numpy's name of an array's element type: "float32" of a Float32Array, "uint8" of a clamped one too. */
export function dtypeOf(array: Arrays[DType] | Uint8ClampedArray): DType {
  return array.constructor.name.replace(/^Big|Array$|Clamped/g, "").toLowerCase() as DType;
}

/** `numpy.can_cast(from, to)`, the rule "safe": every value of `from` is one of `to`. */
function castsTo(from: DType, to: DType): boolean {
  return from === to || SAFE_CASTS[from].includes(to);
}

const SAFE_CASTS: Record<DType, readonly DType[]> = {
  bool: ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"],
  uint8: ["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"],
  int8: ["int16", "int32", "int64", "float32", "float64"],
  int16: ["int32", "int64", "float32", "float64"],
  uint16: ["int32", "uint32", "int64", "uint64", "float32", "float64"],
  int32: ["int64", "float64"],
  uint32: ["int64", "uint64", "float64"],
  int64: ["float64"],
  uint64: ["float64"],
  float32: ["float64"],
  float64: [],
};

/** numpy prints floats with a point, the shortest digits that read back, and inf; equal bounds once. */
function boundText(dtype: DType, bounds: Arrays[DType]): string {
  const float = dtype.startsWith("float");
  const digits = (value: number | bigint, alone: boolean): string => {
    if (dtype === "bool") return value ? "True" : "False";
    if (typeof value === "bigint") return String(value);
    if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
    if (!float) return String(value);
    const text = bounds instanceof Float32Array ? shortestFloat32(value) : String(value);
    return /[.e]/.test(text) ? text : alone ? `${text}.0` : `${text}.`;
  };
  const values = Array.from(bounds as ArrayLike<number | bigint>);
  if (values.length > 0 && values.every((value) => value === values[0])) return digits(values[0], true);
  return vectorText(values, (value) => digits(value, false));
}

function shortestFloat32(value: number): string {
  for (let precision = 1; precision < 9; precision++) {
    const text = Number(value.toPrecision(precision));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}

/** numpy's print of a vector: blanks on both sides of its numbers put their points under each other. */
function vectorText<T>(values: readonly T[], digits: (value: T) => string): string {
  const texts = values.map(digits);
  const decimals = (text: string) => (text.includes(".") ? text.length - text.indexOf(".") : 0);
  const after = Math.max(...texts.map(decimals));
  const padded = texts.map((text) => text + " ".repeat(after - decimals(text)));
  const width = Math.max(...padded.map((text) => text.length));
  return `[${padded.map((text) => text.padStart(width)).join(" ")}]`;
}

function tupleText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}
