/** How error messages show a value that they did not expect. */

/** Longest text that a message shows of a value. */
const MOST = 80;
/** Deepest list within lists that is shown. */
const MAX_DEPTH = 3;

/**
 * A value on one line of at most 80 characters: the first eight elements of a list, texts in quotes and bigints with
 * their n, so that they do not pass for numbers. Control characters are escaped.
 */
export function describe(value: unknown): string {
  return shortened(textOf(value, 0));
}

/** A text on one line of at most 80 characters, with control characters escaped. */
export function shortened(text: string): string {
  const line = text.slice(0, 2 * MOST).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => {
    return `\\u${c.codePointAt(0)!.toString(16).padStart(4, "0")}`;
  });
  return line.length <= MOST ? line : `${line.slice(0, MOST - 1)}…`;
}

function textOf(value: unknown, depth: number): string {
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    if (depth === MAX_DEPTH) return "[…]";
    const list = value as ArrayLike<unknown>;
    const texts = Array.from({ length: Math.min(8, list.length) }, (_, i) => textOf(list[i], depth + 1));
    return `[${texts.join(", ")}${list.length > 8 ? ", …" : ""}]`;
  }
  if (typeof value === "string") return JSON.stringify(value.slice(0, 2 * MOST));
  if (typeof value === "bigint") return `${value}n`;
  try {
    return String(value);
  } catch {
    return typeof value; // an object without a text of its own, such as one without a prototype
  }
}
