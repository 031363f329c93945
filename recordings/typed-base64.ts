/**
 * Numbers as base64 of their little-endian bytes, the form in which recordings (and the golden episodes) hold
 * actions and rewards: exact to the bit and a third of the size of decimal text.
 */

const types = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

/** Types of numbers that are written so. */
export type ElementType = keyof typeof types;
/** Array of a type of numbers. */
export type TypedArrayOf<T extends ElementType> = InstanceType<(typeof types)[T]>;

/** Bytes that `String.fromCharCode` takes at once without overflowing the stack. */
const SLICE = 0x8000;

/** The base64 text of an array. */
export function encodeBase64(values: Float32Array | Float64Array | Int32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let binary = "";
  for (let i = 0; i < bytes.length; i += SLICE)
    binary += String.fromCharCode(...bytes.subarray(i, i + SLICE));
  return btoa(binary);
}

/**
 * The array of a base64 text.
 * @param length how many numbers the text must hold: anything else is refused before memory is taken
 * @returns the numbers, or null when the text is not base64 of exactly that many finite numbers
 */
export function decodeBase64<T extends ElementType>(
  text: string,
  type: T,
  length: number,
): TypedArrayOf<T> | null {
  const ArrayType = types[type];
  const byteLength = length * ArrayType.BYTES_PER_ELEMENT;
  if (text.length !== Math.ceil(byteLength / 3) * 4) return null;
  const bytes = decodeBytes(text, byteLength);
  if (!bytes) return null;
  const values = new ArrayType(bytes.buffer);
  return values.every(Number.isFinite) ? (values as TypedArrayOf<T>) : null;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** Six bits of each character by its code; -1 for those that are not of the alphabet. */
const SIX_BITS = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)));

/** Bytes of a text of the right length, four characters to three bytes; `atob` would take four times the memory. */
function decodeBytes(text: string, length: number): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(length);
  for (let at = 0, from = 0; at < length; at += 3, from += 4) {
    const count = Math.min(3, length - at);
    let bits = 0;
    for (let i = 0; i < 4; i++) {
      const code = text.charCodeAt(from + i);
      // The last group is filled with "=" where it stands for fewer than three bytes.
      const six = i > count ? (code === 61 ? 0 : -1) : code < 128 ? SIX_BITS[code] : -1;
      if (six < 0) return null;
      bits = (bits << 6) | six;
    }
    for (let i = 0; i < count; i++) bytes[at + i] = bits >> (16 - 8 * i);
  }
  return bytes;
}
