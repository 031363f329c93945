/**
 * numpy's random numbers, bit for bit: `SeedSequence` (numpy/random/bit_generator.pyx), the generator PCG64
 * (PCG XSL-RR 128/64, O'Neill 2014) and the methods of `numpy.random.Generator` that Gymnasium draws tracks,
 * colours and samples with. The same seed gives the same stream as `numpy.random.default_rng(seed)`.
 *
 * The 128-bit state is four 32-bit words, least significant first: BigInt would be some fifty times slower.
 */
import { describe } from "./describe.ts";
import { InvalidOption } from "./errors.ts";

const TWO_32 = 2 ** 32;

/** PCG's default 128-bit multiplier, 0x2360ed051fc65da44385df649fccf645. */
const M0 = 0x9fccf645;
const M1 = 0x4385df64;
const M2 = 0x1fc65da4;
const M3 = 0x2360ed05;

/** Seeds that are taken: whole numbers from 0 up, `bigint` from 2^53 on, as numpy's SeedSequence does. */
export type Seed = number | bigint;

/** Words of a saved state: 4 of state, 4 of increment, a flag and the kept half of the last 64 bits. */
export const RANDOM_STATE_WORDS = 10;

/** `numpy.random.default_rng(seed)`, bit for bit; without a seed from fresh entropy. */
export class Random {
  /** The number that the stream began from: the given seed, or the 128 bits of entropy drawn without one. */
  readonly seed: bigint;
  // State and increment; Int32 so that V8 keeps words as small integers where it can.
  #s0 = 0;
  #s1 = 0;
  #s2 = 0;
  #s3 = 0;
  #i0 = 0;
  #i1 = 0;
  #i2 = 0;
  #i3 = 0;
  /** The last output: PCG64 hands out 64 bits. */
  #low = 0;
  #high = 0;
  /** A 32-bit draw takes the low half of an output and keeps the high half for the next 32-bit draw. */
  #hasKept = false;
  #kept = 0;

  /** @param seed a whole number from 0 up, of any size; without it the stream begins from fresh entropy */
  constructor(seed?: Seed) {
    this.seed = seed === undefined ? entropy() : checkSeed(seed);
    const words = seedWords(this.seed);
    // numpy joins the words to uint64 pairs: state high, low, increment high, low.
    const [s2, s3, s0, s1, i2, i3, i0, i1] = words;
    this.#i0 = (i0 << 1) | 1;
    this.#i1 = (i1 << 1) | (i0 >>> 31);
    this.#i2 = (i2 << 1) | (i1 >>> 31);
    this.#i3 = (i3 << 1) | (i2 >>> 31);
    // pcg_setseq_128_srandom: one step from 0 leaves the increment; then the seed is added and mixed in.
    this.#setSum(this.#i0, this.#i1, this.#i2, this.#i3, s0, s1, s2, s3);
    this.#step();
  }

  #setSum(
    a0: number,
    a1: number,
    a2: number,
    a3: number,
    b0: number,
    b1: number,
    b2: number,
    b3: number,
  ): void {
    let sum = (a0 >>> 0) + (b0 >>> 0);
    this.#s0 = sum | 0;
    sum = (a1 >>> 0) + (b1 >>> 0) + (sum >= TWO_32 ? 1 : 0);
    this.#s1 = sum | 0;
    sum = (a2 >>> 0) + (b2 >>> 0) + (sum >= TWO_32 ? 1 : 0);
    this.#s2 = sum | 0;
    this.#s3 = (a3 + b3 + (sum >= TWO_32 ? 1 : 0)) | 0;
  }

  /** state = state * multiplier + increment, modulo 2^128. */
  #step(): void {
    const s0 = this.#s0;
    const s1 = this.#s1;
    const s2 = this.#s2;
    const s3 = this.#s3;
    // Column sums stay below 2^35, exact in a double.
    const p0 = Math.imul(s0, M0) >>> 0;
    let sum = mulHigh(s0, M0) + (Math.imul(s0, M1) >>> 0) + (Math.imul(s1, M0) >>> 0);
    const p1 = sum | 0;
    sum =
      Math.floor(sum / TWO_32) +
      mulHigh(s0, M1) +
      mulHigh(s1, M0) +
      (Math.imul(s0, M2) >>> 0) +
      (Math.imul(s1, M1) >>> 0) +
      (Math.imul(s2, M0) >>> 0);
    const p2 = sum | 0;
    const p3 =
      (Math.floor(sum / TWO_32) +
        mulHigh(s0, M2) +
        mulHigh(s1, M1) +
        mulHigh(s2, M0) +
        (Math.imul(s0, M3) >>> 0) +
        (Math.imul(s1, M2) >>> 0) +
        (Math.imul(s2, M1) >>> 0) +
        (Math.imul(s3, M0) >>> 0)) |
      0;
    this.#setSum(p0, p1, p2, p3, this.#i0, this.#i1, this.#i2, this.#i3);
  }

  /** Draws 64 bits into `#low` and `#high`: the state's halves xored, rotated right by its top six bits. */
  #next64(): void {
    this.#step();
    let low = this.#s0 ^ this.#s2;
    let high = this.#s1 ^ this.#s3;
    const rotation = this.#s3 >>> 26;
    if (rotation & 32) [low, high] = [high, low];
    const bits = rotation & 31;
    if (bits === 0) {
      this.#low = low;
      this.#high = high;
    } else {
      this.#low = (low >>> bits) | (high << (32 - bits));
      this.#high = (high >>> bits) | (low << (32 - bits));
    }
  }

  /** 32 random bits, 0 to 2^32 - 1. */
  uint32(): number {
    if (this.#hasKept) {
      this.#hasKept = false;
      return this.#kept >>> 0;
    }
    this.#next64();
    this.#hasKept = true;
    this.#kept = this.#high;
    return this.#low >>> 0;
  }

  /** `Generator.random()`: a double in [0, 1) of 53 random bits. */
  random(): number {
    this.#next64();
    return ((this.#high >>> 0) * 2 ** 21 + (this.#low >>> 11)) * 2 ** -53;
  }

  /** `Generator.uniform(low, high)`: a double in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /**
   * `Generator.integers(low, high)`, of numpy's default dtype int64: a whole number in [low, high).
   * With one argument the range is [0, low). Both are safe integers.
   */
  integers(low: number, high?: number): number {
    const from = high === undefined ? 0 : low;
    const to = high === undefined ? low : high;
    if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from < to)) {
      throw new InvalidOption(`integers: expected safe integers low < high, got ${describe(from)} and ${to}`);
    }
    const count = to - from;
    if (count === 1) return from;
    return from + (count <= TWO_32 ? this.#below32(count) : this.#below64(count));
  }

  /** Lemire's method (2019): the high half of draw × count, drawing again on the few low halves that would bias it. */
  #below32(count: number): number {
    if (count === TWO_32) return this.uint32();
    let draw = this.uint32();
    let low = Math.imul(draw, count) >>> 0;
    if (low < count) {
      const threshold = (TWO_32 - count) % count;
      while (low < threshold) {
        draw = this.uint32();
        low = Math.imul(draw, count) >>> 0;
      }
    }
    return mulHigh(draw, count);
  }

  /** The same on 64 bits; seldom needed, so BigInt will do. */
  #below64(count: number): number {
    const n = BigInt(count);
    const threshold = (2n ** 64n - n) % n;
    for (;;) {
      this.#next64();
      const product = ((BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0)) * n;
      if (BigInt.asUintN(64, product) >= threshold) return Number(product >> 64n);
    }
  }

  /** `Generator.shuffle` of a one-dimensional array: in place, each order equally likely. numpy draws here by mask and rejection. */
  shuffle<Items extends { length: number; [index: number]: unknown }>(items: Items): Items {
    for (let i = items.length - 1; i > 0; i--) {
      const mask = 0xffffffff >>> Math.clz32(i);
      let j = this.uint32() & mask;
      while (j > i) j = this.uint32() & mask;
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }

  /** The whole state: {@link RANDOM_STATE_WORDS} words that `restore` takes. */
  state(): Uint32Array {
    return Uint32Array.of(
      this.#s0,
      this.#s1,
      this.#s2,
      this.#s3,
      this.#i0,
      this.#i1,
      this.#i2,
      this.#i3,
      this.#hasKept ? 1 : 0,
      this.#hasKept ? this.#kept : 0,
    );
  }

  /**
   * Takes a state that `state` returned.
   * @throws {@link InvalidOption} on another number of words
   */
  restore(words: Uint32Array): void {
    if (words.length !== RANDOM_STATE_WORDS) {
      throw new InvalidOption(`random state: expected ${RANDOM_STATE_WORDS} words, got ${words.length}`);
    }
    [this.#s0, this.#s1, this.#s2, this.#s3, this.#i0, this.#i1, this.#i2, this.#i3] = new Int32Array(
      words.slice(0, 8),
    );
    this.#hasKept = words[8] === 1;
    this.#kept = words[9] | 0;
  }
}

/** The upper 32 bits of the product of two 32-bit words, from 16-bit halves. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  return aHigh * bHigh + (middle >>> 16) + ((aLow * bHigh + (middle & 0xffff)) >>> 16);
}

/** @throws {@link InvalidOption} unless the seed is a whole number from 0 up */
export function checkSeed(seed: Seed): bigint {
  if (typeof seed === "bigint" ? seed >= 0n : Number.isSafeInteger(seed) && seed >= 0) return BigInt(seed);
  throw new InvalidOption(
    `seed: expected a whole number from 0 up (a bigint above 2^53), got ${describe(seed)}`,
  );
}

function entropy(): bigint {
  return crypto.getRandomValues(new Uint32Array(4)).reduce((bits, word) => (bits << 32n) | BigInt(word), 0n);
}

/** `SeedSequence(seed).generate_state(8)`: eight words; a pool of four is mixed from the seed's 32-bit words first. */
function seedWords(seed: bigint): Uint32Array {
  const words: number[] = [];
  for (let rest = seed; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));

  let hash = 0x43b0d7e5;
  const hashed = (value: number): number => {
    let v = value ^ hash;
    hash = Math.imul(hash, 0x931e8875);
    v = Math.imul(v, hash);
    return v ^ (v >>> 16);
  };
  const mixed = (x: number, y: number): number => {
    const v = Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y);
    return v ^ (v >>> 16);
  };
  const pool = Uint32Array.from({ length: 4 }, (_, i) => hashed(words[i] ?? 0));
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) if (to !== from) pool[to] = mixed(pool[to], hashed(pool[from]));
  }
  for (const word of words.slice(4)) {
    for (let to = 0; to < 4; to++) pool[to] = mixed(pool[to], hashed(word));
  }

  hash = 0x8b51f9dd;
  return Uint32Array.from({ length: 8 }, (_, i) => {
    let v = pool[i % 4] ^ hash;
    hash = Math.imul(hash, 0x58f38ded);
    v = Math.imul(v, hash);
    return v ^ (v >>> 16);
  });
}
