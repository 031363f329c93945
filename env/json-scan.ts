/**
 * Looks over JSON text before it is parsed: a few megabytes of brackets become gigabytes of objects, and deep nesting
 * overflows the stack of whoever walks through it.
 */

/** A piece of JSON text: a string with its quotation marks, or one of `{}[],:`. */
export interface JsonPart {
  /** Its first character. */
  kind: string;
  /** Index of its first character. */
  from: number;
  /** One past its last character. */
  end: number;
}

/** Strings and punctuation of JSON text, in order; numbers and words between them are passed over. */
export function* jsonParts(text: string): Generator<JsonPart, void, undefined> {
  for (let at = 0; at < text.length; at++) {
    const kind = text[at];
    if (kind === '"') {
      const end = endOfString(text, at);
      yield { kind, from: at, end };
      at = end - 1;
    } else if ("{}[],:".includes(kind)) yield { kind, from: at, end: at + 1 };
  }
}

/**
 * Whether JSON text has no more values and levels than it may.
 * @param maxValues numbers, texts, words, lists and objects together
 * @param maxDepth lists and objects within each other
 */
export function jsonFits(text: string, maxValues: number, maxDepth: number): boolean {
  let values = 1;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) at = endOfString(text, at) - 1;
    else if (code === 91 || code === 123) {
      values++;
      if (++depth > maxDepth) return false;
    } else if (code === 93 || code === 125) depth--;
    else if (code === 44) values++;
    if (values > maxValues) return false;
  }
  return true;
}

/** One past the quotation mark that ends the string which begins at `from`; the text's end if none does. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 92) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}
