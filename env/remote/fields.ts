/** Reading a message of the bridge: whatever the other end sent, a field is what it should be, or an error says so. */
import { ProtocolError } from "./message.ts";

/** Takes checked fields out of an untrusted record. */
export class Fields {
  readonly #record: Record<string, unknown>;

  /** @throws {@link ProtocolError} unless `value` is a record */
  constructor(value: unknown) {
    if (!isRecord(value)) throw new ProtocolError("message: expected a record");
    this.#record = value;
  }

  get(key: string): unknown {
    return Object.hasOwn(this.#record, key) ? this.#record[key] : undefined;
  }

  text(key: string): string {
    const value = this.get(key);
    return typeof value === "string" ? value : this.#fail(key, "a text");
  }

  integer(key: string, min = 0): number {
    const value = this.get(key);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min)
      return this.#fail(key, `a whole number from ${min} up`);
    return value;
  }

  /** An empty record where the field is missing or null. */
  record(key: string): Record<string, unknown> {
    const value = this.get(key) ?? {};
    return isRecord(value) ? value : this.#fail(key, "a record");
  }

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
