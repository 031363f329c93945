/**
 * Reading untrusted JSON: every field is checked for type and range before it is used, and an error names the file,
 * the field and what it must be.
 */
import type { Seed } from "../env/api.ts";
import { describe } from "../env/describe.ts";
import { CorruptFile } from "../env/errors.ts";
import { isRecord } from "../env/is-record.ts";
import { jsonFits } from "../env/json-scan.ts";
import { decodeBase64, type ElementType } from "./typed-base64.ts";
import { VERSION } from "./version.ts";

/** Most decimal digits of a seed: numpy takes any length, a file need not. */
const MAX_SEED_DIGITS = 100;

/** Most values of a file's JSON, and levels of lists and objects in it: beyond the first it would take too much memory. */
const MAX_VALUES = 2_000_000;
const MAX_DEPTH = 64;

/**
 * Parses text that must be one JSON object. A byte order mark before it, as editors on Windows write it, is passed over.
 * @param name what error messages call it
 * @throws CorruptFile on other text, and on more than two million values or 64 levels
 */
export function parseJson(text: string, name: string): Record<string, unknown> {
  if (!jsonFits(text, MAX_VALUES, MAX_DEPTH))
    throw new CorruptFile(`${name}: expected JSON of at most ${MAX_VALUES} values and ${MAX_DEPTH} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
  } catch {
    throw new CorruptFile(`${name} is not a recording: expected JSON (truncated or damaged?)`);
  }
  if (!isRecord(value)) throw new CorruptFile(`${name} is not a recording: expected a JSON object`);
  return value;
}

/** Takes fields out of an untrusted JSON object: each getter returns the checked value or throws `CorruptFile`. */
export class FieldReader {
  /** The object as it was parsed. */
  readonly fields: Record<string, unknown>;
  readonly #name: string;

  /** @param name what error messages call the object */
  constructor(fields: Record<string, unknown>, name: string) {
    this.fields = fields;
    this.#name = name;
  }

  /**
   * Checks the fields `format` and `version`.
   * @param newest version that can be read; so can all from 1 on
   */
  format(format: string, newest: number): void {
    if (this.fields.format !== format)
      throw new CorruptFile(
        `${this.#name} is not a recording: expected "format": "${format}", got ${describe(this.fields.format)}`,
      );
    const found = this.integer("version", 1, Number.MAX_SAFE_INTEGER);
    if (found > newest)
      throw new CorruptFile(
        `${this.#name} has recording version ${found}; tritrack ${VERSION} reads up to version ${newest}: update tritrack`,
      );
  }

  /** A text of any length. */
  text(key: string): string {
    const value = this.fields[key];
    return typeof value === "string" ? value : this.#fail(key, "a text");
  }

  /** A whole number from `min` to `max`. */
  integer(key: string, min: number, max: number): number {
    const value = this.fields[key];
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min || value > max)
      this.#fail(key, `a whole number from ${min} to ${max}`);
    return value;
  }

  /** A number from `min` to `max`. */
  number(key: string, min: number, max: number): number {
    const value = this.fields[key];
    if (typeof value !== "number" || !(value >= min && value <= max))
      this.#fail(key, `a number from ${min} to ${max}`);
    return value;
  }

  /** One of some texts. */
  oneOf<T extends string>(key: string, values: readonly T[]): T {
    const value = values.find((candidate) => candidate === this.fields[key]);
    return value ?? this.#fail(key, `one of ${values.join(", ")}`);
  }

  /** A SHA-256 of 64 hexadecimal digits. */
  sha256(key: string): string {
    const value = this.fields[key];
    if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) this.#fail(key, "64 hexadecimal digits");
    return value;
  }

  /** A seed: a whole number from 0 up, or its digits from 2^53 on. */
  seed(key: string): Seed {
    const value = this.fields[key];
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    if (typeof value === "string" && value.length <= MAX_SEED_DIGITS && /^[1-9]\d*$/.test(value)) {
      const seed = BigInt(value);
      if (seed > BigInt(Number.MAX_SAFE_INTEGER)) return seed;
    }
    return this.#fail(key, "a whole number from 0 up (as a string of digits from 2^53 on)");
  }

  /** An object, whose fields are read in turn. */
  record(key: string): FieldReader {
    const value = this.fields[key];
    if (!isRecord(value)) return this.#fail(key, "an object");
    return new FieldReader(value, `${this.#name}: ${key}`);
  }

  /** Ranges [first, end) of whole numbers below `limit`, none empty, in ascending order and apart from each other. */
  ranges(key: string, limit: number): [first: number, end: number][] {
    const value = this.fields[key];
    const expected = `ranges [first, end] in ascending order, up to ${limit}`;
    if (!Array.isArray(value)) return this.#fail(key, expected);
    let last = -1;
    for (const range of value) {
      const [first, end] = Array.isArray(range) && range.length === 2 ? range : [];
      const whole = Number.isSafeInteger(first) && Number.isSafeInteger(end);
      if (!whole || first <= last || end <= first || end > limit) this.#fail(key, expected);
      last = end;
    }
    return value;
  }

  /** Base64 of exactly `length` finite numbers. */
  numbers<T extends ElementType>(key: string, type: T, length: number) {
    const values = decodeBase64(this.text(key), type, length);
    return values ?? this.#fail(key, `base64 of ${length} finite ${type} numbers`);
  }

  #fail(key: string, expected: string): never {
    throw new CorruptFile(`${this.#name}: ${key}: expected ${expected}, got ${describe(this.fields[key])}`);
  }
}
