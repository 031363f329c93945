/** Reads fields of a message of the bridge. The other end is not trusted: a field of another type is an error. */
import { ProtocolError } from "./message.ts";

/** Takes checked fields out of an untrusted record. */
export class Fields {
  readonly #record: Record<string, unknown>;

  /** @throws {@link ProtocolError} unless `value` is a record */
  constructor(value: unknown) {
    if (!isRecord(value)) throw new ProtocolError("message: expected a record");
    this.#record = value;
  }

  /** A field of any type; undefined if it is missing. */
  get(key: string): unknown {
    return Object.hasOwn(this.#record, key) ? this.#record[key] : undefined;
  }

  /** A field that is a text. @throws {@link ProtocolError} on another */
  text(key: string): string {
    const value = this.get(key);
    return typeof value === "string" ? value : this.#fail(key, "a text");
  }

  /** A field that is a whole number. @param min its least value @throws {@link ProtocolError} on another */
  integer(key: string, min = 0): number {
    const value = this.get(key);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min)
      return this.#fail(key, `a whole number from ${min} up`);
    return value;
  }

  /** A field that is a record; an empty one if it is missing or null. @throws {@link ProtocolError} on another */
  record(key: string): Record<string, unknown> {
    const value = this.get(key) ?? {};
    return isRecord(value) ? value : this.#fail(key, "a record");
  }

  /** A field that is a list. @throws {@link ProtocolError} on another */
  list(key: string): readonly unknown[] {
    const value = this.get(key);
    return Array.isArray(value) ? value : this.#fail(key, "a list");
  }

  #fail(key: string, expected: string): never {
    throw new ProtocolError(`message: expected ${expected} as "${key}"`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
