/**
 * Shows values in error messages, after "got": on one line, cut to 80 characters, and without
 * characters that a terminal would obey. Messages quote files, folders and clients of strangers, so every value in one
 * goes through `describe` or `shorten`; `TritrackError` passes its whole message through `printable` besides.
 */

/** Longest value in a message, characters. */
const MAX_SHOWN = 80;
/** Values of a list that are shown, and lists within lists that are opened. */
const MAX_LISTED = 8;
const MAX_DEPTH = 3;

/**
 * Control characters (C0, DEL, C1), line and paragraph separators, and the marks that change the direction of text:
 * a terminal obeys the first, and the last can make a name read as another one.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const SHORT_ESCAPES: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text with characters that a terminal would obey written as escapes, such as `\x1b` for ESC. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return SHORT_ESCAPES[character] ?? (code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, "0")}`);
  });
}

/** JSON text with the same characters as JSON's own escapes: it still says the same. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    /\s/.test(character) && character < " "
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A printable text of at most 80 characters: a longer one is cut and ends in "…". */
export function shorten(text: string): string {
  // Cut before escaping too: a text of a gigabyte need not be escaped to its end.
  const shown = printable(text.slice(0, MAX_SHOWN + 1));
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN - 1)}…` : shown;
}

/**
 * Any value, in at most 80 printable characters: the first eight of a list or object; text in quotes and bigints with
 * their n, so that they do not pass for numbers.
 */
export function describe(value: unknown): string {
  return shorten(textOf(value, 0));
}

function textOf(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, MAX_SHOWN));
  if (typeof value === "bigint") return `${value}n`;
  if ((Array.isArray(value) || ArrayBuffer.isView(value)) && !(value instanceof DataView)) {
    if (depth === MAX_DEPTH) return "[…]";
    const { length } = value as unknown as ArrayLike<unknown>;
    const shown = Array.from({ length: Math.min(length, MAX_LISTED) }, (_, i) =>
      textOf((value as unknown as ArrayLike<unknown>)[i], depth + 1),
    );
    return `[${shown.join(", ")}${length > MAX_LISTED ? ", …" : ""}]`;
  }
  if (isPlain(value)) {
    if (depth === MAX_DEPTH) return "{…}";
    const keys = Object.keys(value);
    const shown = keys
      .slice(0, MAX_LISTED)
      .map((key) => `${key.slice(0, MAX_SHOWN)}: ${textOf(value[key], depth + 1)}`);
    return `{${shown.join(", ")}${keys.length > MAX_LISTED ? ", …" : ""}}`;
  }
  try {
    return String(value);
  } catch {
    return "an object"; // one whose toString throws
  }
}

/** True if a value is a plain object, as literals and JSON make them. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
