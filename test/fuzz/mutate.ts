/**
 * Damaged inputs, the same for the same seed: a genuine file with a few changes of the kinds that break parsers. Bits and
 * bytes, numbers at the edges of their types, pieces cut, doubled, moved and taken from another file, and, in text, other
 * values and brackets without end.
 */
import type { Random } from "../../env/random.ts";

/** Most changes to one input. */
const MOST_CHANGES = 4;

/** Numbers where parsers go wrong, as little- and big-endian bytes of 1, 2, 4 and 8. */
const EDGES = [
  0n,
  1n,
  127n,
  128n,
  255n,
  32767n,
  65535n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  -1n,
];

/** Texts that stand for values elsewhere. */
const TOKENS = [
  "null",
  "true",
  "-1",
  "0.5",
  "1e999",
  "NaN",
  "1e15",
  "18446744073709551616",
  '""',
  '"\\ud800"',
  '"\\u001b]0;x\\u0007"',
  "[]",
  "{}",
  '{"__proto__":1}',
  "[".repeat(200),
  "[".repeat(200) + "]".repeat(200),
  "[0,".repeat(50),
  '"'.repeat(3),
  "\ufeff",
  "\n",
  "\0",
];

/** Makes damaged inputs of genuine ones. */
export class Mutator {
  readonly #random: Random;
  readonly #samples: readonly Uint8Array[];
  readonly #isText: boolean;

  /**
   * @param samples genuine inputs, at least one
   * @param isText whether they are text, which is changed by values too
   */
  constructor(random: Random, samples: readonly Uint8Array[], isText: boolean) {
    this.#random = random;
    this.#samples = samples;
    this.#isText = isText;
  }

  /** The next input. */
  next(): Uint8Array {
    let bytes: Uint8Array = this.#pick(this.#samples).slice();
    for (let left = 1 + this.#random.integers(MOST_CHANGES); left > 0; left--) bytes = this.#change(bytes);
    return bytes;
  }

  #change(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return Uint8Array.of(this.#random.integers(256));
    const kinds = this.#isText ? 9 : 7;
    const at = this.#place(bytes.length);
    switch (this.#random.integers(kinds)) {
      case 0: // a bit
        bytes[at] ^= 1 << this.#random.integers(8);
        return bytes;
      case 1: // a byte
        bytes[at] = this.#random.integers(256);
        return bytes;
      case 2: // the end is missing
        return bytes.slice(0, at);
      case 3: // a number at the edge
        this.#writeEdge(bytes, at);
        return bytes;
      case 4: // a piece is missing
        return joined(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + this.#length())));
      case 5: // a piece comes twice
        return joined(bytes.subarray(0, at + this.#length()), bytes.subarray(at));
      case 6: {
        // a piece of another file
        const other = this.#pick(this.#samples);
        const from = this.#place(other.length);
        const piece = other.subarray(from, from + this.#length());
        return joined(
          bytes.subarray(0, at),
          piece,
          bytes.subarray(Math.min(bytes.length, at + piece.length)),
        );
      }
      case 7: // another value, in place of one or between others
        return this.#replaceValue(bytes, at);
      default: // a digit
        return this.#changeDigit(bytes, at);
    }
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.integers(items.length)];
  }

  /** Half of all changes go into the first kilobyte, where headers are. */
  #place(length: number): number {
    return this.#random.integers(this.#random.integers(2) === 0 ? Math.min(length, 1024) : length);
  }

  /** Bytes of a piece: mostly few. */
  #length(): number {
    return 1 + this.#random.integers(1 << (1 + this.#random.integers(10)));
  }

  #writeEdge(bytes: Uint8Array, at: number): void {
    const size = 1 << this.#random.integers(4);
    const isBig = this.#random.integers(2) === 0;
    const value = BigInt.asUintN(8 * size, this.#pick(EDGES));
    for (let i = 0; i < size && at + i < bytes.length; i++)
      bytes[at + i] = Number((value >> BigInt(8 * (isBig ? size - 1 - i : i))) & 255n);
  }

  #replaceValue(bytes: Uint8Array, at: number): Uint8Array {
    const isEnd = (byte: number) => ",:[]{}\n".includes(String.fromCharCode(byte));
    let from = at;
    while (from > 0 && !isEnd(bytes[from - 1])) from--;
    let end = at;
    while (end < bytes.length && !isEnd(bytes[end])) end++;
    const token = new TextEncoder().encode(this.#pick(TOKENS));
    return joined(
      bytes.subarray(0, from),
      token,
      bytes.subarray(this.#random.integers(3) === 0 ? from : end),
    );
  }

  #changeDigit(bytes: Uint8Array, at: number): Uint8Array {
    for (let i = at; i < bytes.length; i++) {
      if (bytes[i] < 48 || bytes[i] > 57) continue;
      bytes[i] = 48 + this.#random.integers(10);
      break;
    }
    return bytes;
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
