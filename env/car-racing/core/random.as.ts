/**
 * numpy's PCG64 (PCG XSL-RR 128/64, O'Neill 2014) with its SeedSequence, and those methods of `numpy.random.Generator`
 * that tracks and colours are drawn with. `env/random.ts` is the same generator in TypeScript, for everything else.
 */
import { MAX_SEED_WORDS, RANDOM_AT, SEED_AT } from "./layout.ts";

/** PCG's default multiplier, 0x2360ed051fc65da44385df649fccf645. */
const MULTIPLIER_LOW: u64 = 0x4385df649fccf645;
const MULTIPLIER_HIGH: u64 = 0x2360ed051fc65da4;

/** Upper half of a product of 128 bits. */
@inline
function multiplyHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const middle = aHigh * bLow + ((aLow * bLow) >> 32);
  return aHigh * bHigh + (middle >> 32) + ((aLow * bHigh + (middle & 0xffffffff)) >> 32);
}

/** The generator's state in memory. */
@unmanaged
export class Random {
  stateLow: u64;
  stateHigh: u64;
  incrementLow: u64;
  incrementHigh: u64;
  /** A 32-bit draw takes the low half of an output and keeps the high half for the next 32-bit draw. */
  hasKept: u32;
  kept: u32;

  /** state = state * multiplier + increment, modulo 2^128. */
  advance(): void {
    const low = this.stateLow * MULTIPLIER_LOW;
    const high =
      multiplyHigh(this.stateLow, MULTIPLIER_LOW) +
      this.stateLow * MULTIPLIER_HIGH +
      this.stateHigh * MULTIPLIER_LOW;
    this.stateLow = low + this.incrementLow;
    this.stateHigh = high + this.incrementHigh + u64(this.stateLow < low);
  }

  /** 64 random bits: the state's halves xored, rotated right by its top six bits. */
  next64(): u64 {
    this.advance();
    return rotr<u64>(this.stateHigh ^ this.stateLow, this.stateHigh >> 58);
  }

  next32(): u32 {
    if (this.hasKept) {
      const kept = this.kept;
      this.hasKept = 0;
      return kept; // numpy leaves the used half in its state too
    }
    const bits = this.next64();
    this.hasKept = 1;
    this.kept = u32(bits >> 32);
    return u32(bits);
  }

  /** `Generator.random()`: [0, 1) of 53 random bits. */
  random(): f64 {
    return f64(this.next64() >> 11) * (1.0 / 9007199254740992.0);
  }

  /** `Generator.uniform(low, high)`. */
  uniform(low: f64, high: f64): f64 {
    return low + (high - low) * this.random();
  }

  /** `Generator.integers(count)` by Lemire's method (2019); draws again on the few low halves that would bias it. */
  integers(count: u32): u32 {
    if (count <= 1) return 0;
    let product = u64(this.next32()) * count;
    if (u32(product) < count) {
      const threshold: u32 = (0 - count) % count;
      while (u32(product) < threshold) product = u64(this.next32()) * count;
    }
    return u32(product >> 32);
  }

  /** `default_rng(seed)`: the seed's words, least significant first, are at SEED_AT. */
  seed(words: i32): void {
    mixPool(words);
    let hash: u32 = 0x8b51f9dd;
    for (let i = 0; i < 8; i++) {
      let value = load<u32>(POOL + 4 * (i & 3)) ^ hash;
      hash *= 0x58f38ded;
      value *= hash;
      store<u32>(GENERATED + 4 * i, value ^ (value >> 16));
    }
    // pcg_setseq_128_srandom: one step from 0 leaves the increment; then the seed is added and mixed in.
    const sequenceLow = load<u64>(GENERATED, 24);
    this.incrementLow = (sequenceLow << 1) | 1;
    this.incrementHigh = (load<u64>(GENERATED, 16) << 1) | (sequenceLow >> 63);
    this.stateLow = this.incrementLow + load<u64>(GENERATED, 8);
    this.stateHigh = this.incrementHigh + load<u64>(GENERATED) + u64(this.stateLow < this.incrementLow);
    this.advance();
    this.hasKept = 0;
    this.kept = 0;
  }
}

/** `SeedSequence`'s pool of four words, and the eight that it generates. */
const POOL: usize = memory.data(16, 16);
const GENERATED: usize = memory.data(32, 16);
let poolHash: u32 = 0;

function hashed(value: u32): u32 {
  value ^= poolHash;
  poolHash *= 0x931e8875;
  value *= poolHash;
  return value ^ (value >> 16);
}

function mixInto(to: i32, value: u32): void {
  const mixed = 0xca01f9dd * load<u32>(POOL + 4 * to) - 0x4973f715 * hashed(value);
  store<u32>(POOL + 4 * to, mixed ^ (mixed >> 16));
}

function mixPool(words: i32): void {
  while (words > 0 && load<u32>(SEED_AT + 4 * words - 4) == 0) words--;
  poolHash = 0x43b0d7e5;
  for (let i = 0; i < 4; i++) store<u32>(POOL + 4 * i, hashed(i < words ? load<u32>(SEED_AT + 4 * i) : 0));
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) if (to != from) mixInto(to, load<u32>(POOL + 4 * from));
  }
  for (let i = 4; i < words; i++) {
    for (let to = 0; to < 4; to++) mixInto(to, load<u32>(SEED_AT + 4 * i));
  }
}

/** The environment's generator, Gymnasium's `np_random`. */
export const random: Random = changetype<Random>(RANDOM_AT);

/** @returns 1 if there is no room for that many words, otherwise 0 */
export function seed(words: i32): i32 {
  if (words < 0 || words > MAX_SEED_WORDS) return 1;
  random.seed(words);
  return 0;
}
