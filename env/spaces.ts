/**
 * Gymnasium's spaces: what an environment's observations and actions look like. The same seed samples the same
 * values as Gymnasium's (numpy's streams, see random.ts), and `toString` prints what Gymnasium prints.
 *
 * Arrays are flat typed arrays, row-major, with the shape kept in the space. Not here: sampling with masks, and
 * sampling of unbounded boxes.
 */
import { describe, shorten } from "./describe.ts";
import { InvalidOption } from "./errors.ts";
import { Random, type Seed } from "./random.ts";

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
} as const;

/** Array of each element type, over any buffer. */
export interface Arrays {
  float32: Float32Array;
  float64: Float64Array;
  uint8: Uint8Array;
  int8: Int8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
}

export type DType = keyof Arrays;
export type TypedArray = Arrays[DType];

/** What elements look like (`gymnasium.spaces.Space`): tells whether a value is one, and draws random ones. */
export abstract class Space<T = unknown> {
  /** Shape of an array-valued element; [] for a scalar, null for a composite. */
  abstract readonly shape: readonly number[] | null;
  abstract readonly dtype: string | null;
  #random: Random | undefined;

  /** The generator that `sample` draws from; begun from fresh entropy unless `seed` was called. */
  get random(): Random {
    this.#random ??= new Random();
    return this.#random;
  }

  /** Starts the space's generator anew. */
  seed(seed?: Seed): void {
    this.#random = new Random(seed);
  }

  /** A random element. Array elements are the caller's to keep. */
  abstract sample(): T;
  abstract contains(x: unknown): x is T;
  /** Gymnasium's `repr`. */
  abstract toString(): string;
}

/** Bounds and types of a {@link Box}; a number stands for every element. */
export interface BoxOptions<D extends DType> {
  low: number | ArrayLike<number>;
  high: number | ArrayLike<number>;
  /** May be left out when a bound is an array: its length then is the shape. */
  shape?: readonly number[];
  dtype: D;
}

/** Arrays within bounds, both included (`gymnasium.spaces.Box`). */
export class Box<D extends DType = DType> extends Space<Arrays[D]> {
  readonly shape: readonly number[];
  readonly dtype: D;
  readonly low: Arrays[D];
  readonly high: Arrays[D];
  /** How many numbers an element holds. */
  readonly size: number;

  constructor({ low, high, shape, dtype }: BoxOptions<D>) {
    super();
    const length = typeof low === "number" ? (typeof high === "number" ? 1 : high.length) : low.length;
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

  /** Uniform between the bounds; whole numbers include both ends. Unbounded boxes cannot be sampled. */
  sample(): Arrays[D] {
    const whole = !this.dtype.startsWith("float");
    const out = new ARRAYS[this.dtype](this.size) as Arrays[D];
    for (let i = 0; i < this.size; i++) {
      const low = this.low[i];
      const high = this.high[i] + (whole ? 1 : 0);
      if (!Number.isFinite(high - low))
        throw new InvalidOption(`sample: expected a bounded Box, got ${shorten(String(this))}`);
      const value = this.random.uniform(low, high);
      out[i] = whole ? Math.floor(value) : value;
    }
    return out;
  }

  /** Typed arrays of a type that casts to this one without loss, or plain arrays of numbers, within the bounds. */
  contains(x: unknown): x is Arrays[D] {
    if (!isNumbers(x) || x.length !== this.size) return false;
    if (ArrayBuffer.isView(x) && !castsTo(dtypeOf(x as TypedArray), this.dtype)) return false;
    for (let i = 0; i < this.size; i++) {
      // What an array of this type would hold; NaN fails both comparisons.
      const value = this.dtype === "float32" ? Math.fround(x[i]) : x[i];
      if (!(value >= this.low[i] && value <= this.high[i])) return false;
    }
    return true;
  }

  override toString(): string {
    return `Box(${boundText(this.low)}, ${boundText(this.high)}, ${tupleText(this.shape)}, ${this.dtype})`;
  }
}

/** Whole numbers start, …, start + n - 1 (`gymnasium.spaces.Discrete`). */
export class Discrete extends Space<number> {
  readonly shape: readonly number[] = [];
  readonly dtype = "int64";
  readonly n: number;
  readonly start: number;

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
  readonly nvec: readonly number[];

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
  readonly n: number;

  constructor(n: number) {
    super();
    this.n = checkCount("MultiBinary", n);
    this.shape = [n];
  }

  /** numpy draws int8 four to a 32-bit word, lowest byte first; a coin's toss is a byte's top bit. */
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
  readonly spaces: readonly Space[];

  constructor(spaces: readonly Space[]) {
    super();
    this.spaces = spaces;
  }

  /** Seeds the parts too, with draws from the tuple's own generator. */
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
  readonly spaces: Readonly<Record<string, Space>>;

  constructor(spaces: Readonly<Record<string, Space>>) {
    super();
    this.spaces = Object.fromEntries(Object.entries(spaces).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Seeds the parts too, with draws from the record's own generator. */
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

function filled<D extends DType>(dtype: D, value: number | ArrayLike<number>, size: number): Arrays[D] {
  const out = new ARRAYS[dtype](size);
  if (typeof value === "number") out.fill(value);
  else if (value.length === size) out.set(value);
  else throw new InvalidOption(`Box: expected ${size} bounds for its shape, got ${value.length}`);
  const given = typeof value === "number" ? [value] : Array.from(value);
  if (!dtype.startsWith("float") && given.some((bound, i) => bound !== out[i])) {
    throw new InvalidOption(`Box: expected bounds that ${dtype} holds, got ${describe(given)}`);
  }
  return out as Arrays[D];
}

function isNumbers(x: unknown): x is ArrayLike<number> {
  return (
    (ArrayBuffer.isView(x) && !(x instanceof DataView) && !(x instanceof BigInt64Array)) ||
    (Array.isArray(x) && x.every((value) => typeof value === "number"))
  );
}

/** numpy's name of an array's type: "float32" of a Float32Array; "uint8" of a clamped one too. */
export function dtypeOf(array: TypedArray): DType {
  return array.constructor.name.replace("Array", "").replace("Clamped", "").toLowerCase() as DType;
}

/** `numpy.can_cast(from, to)`, the rule "safe": every value of `from` is one of `to`. */
function castsTo(from: DType, to: DType): boolean {
  return from === to || SAFE_CASTS[from].includes(to);
}

const SAFE_CASTS: Record<DType, readonly DType[]> = {
  uint8: ["int16", "uint16", "int32", "uint32", "float32", "float64"],
  int8: ["int16", "int32", "float32", "float64"],
  int16: ["int32", "float32", "float64"],
  uint16: ["int32", "uint32", "float32", "float64"],
  int32: ["float64"],
  uint32: ["float64"],
  float32: ["float64"],
  float64: [],
};

/** numpy prints floats with a point, the shortest digits that read back, and inf; equal bounds once. */
function boundText(bounds: TypedArray): string {
  const float = bounds instanceof Float32Array || bounds instanceof Float64Array;
  const digits = (value: number, alone: boolean): string => {
    if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
    if (!float) return String(value);
    const text = bounds instanceof Float32Array ? shortestFloat32(value) : String(value);
    return /[.e]/.test(text) ? text : alone ? `${text}.0` : `${text}.`;
  };
  if (bounds.length > 0 && bounds.every((value) => value === bounds[0])) return digits(bounds[0], true);
  return vectorText(Array.from(bounds), (value) => digits(value, false));
}

function shortestFloat32(value: number): string {
  for (let precision = 1; precision < 9; precision++) {
    const text = Number(value.toPrecision(precision));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}

/** numpy's print of a vector: the points of its numbers stand under each other, padded with blanks on both sides. */
function vectorText(values: readonly number[], digits: (value: number) => string): string {
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
