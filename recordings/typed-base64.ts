/**
 * Numbers as base64 of their little-endian bytes, the form in which recordings (and the golden episodes) hold
 * actions and rewards: exact to the bit and a third of the size of decimal text.
 */

const types = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

export type ElementType = keyof typeof types;
export type TypedArrayOf<T extends ElementType> = InstanceType<(typeof types)[T]>;

/** Bytes that `String.fromCharCode` takes at once without overflowing the stack. */
const SLICE = 0x8000;

export function encodeBase64(values: Float32Array | Float64Array | Int32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let binary = "";
  for (let i = 0; i < bytes.length; i += SLICE)
    binary += String.fromCharCode(...bytes.subarray(i, i + SLICE));
  return btoa(binary);
}

/**
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
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return null;
  }
  if (binary.length !== byteLength) return null;
  const values = new ArrayType(Uint8Array.from(binary, (c) => c.charCodeAt(0)).buffer);
  return values.every(Number.isFinite) ? (values as TypedArrayOf<T>) : null;
}
