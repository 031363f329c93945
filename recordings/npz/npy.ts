/**
 * numpy's array file, `.npy` (numpy/lib/format.py): a magic string, a version, a header that is the text of a Python
 * dict, and the elements. Read here are little-endian arrays of plain numbers, booleans and text in C order; pickled
 * objects, which could run code, never are.
 */
import { CorruptFile } from "../../env/errors.ts";
import type { TypedArray } from "../../env/spaces.ts";

const TYPES = {
  "|b1": Uint8Array,
  "|u1": Uint8Array,
  "|i1": Int8Array,
  "<u2": Uint16Array,
  "<i2": Int16Array,
  "<u4": Uint32Array,
  "<i4": Int32Array,
  "<u8": BigUint64Array,
  "<i8": BigInt64Array,
  "<f4": Float32Array,
  "<f8": Float64Array,
} as const;
type Descr = keyof typeof TYPES;
export type NpyData = TypedArray | BigInt64Array | BigUint64Array;

/** An array with its shape, or a text. */
export type Npy = { shape: readonly number[]; data: NpyData; bool?: boolean } | string;

const MAGIC = "\x93NUMPY";
const MAX_AXES = 32;
/** Longer ones are of structured types, which are not read. Bytes. */
const MAX_HEADER = 4096;

export function writeNpy(value: Npy): Uint8Array {
  const { descr, shape, bytes } = typeof value === "string" ? textBytes(value) : arrayBytes(value);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Magic, version, length and header together are a multiple of 64 bytes; the header ends with a line feed.
  const headerLength = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const header = new TextEncoder().encode(`${dict.padEnd(headerLength - 1)}\n`);
  const file = new Uint8Array(10 + headerLength + bytes.length);
  file.set(Uint8Array.from(MAGIC, (c) => c.charCodeAt(0)));
  file[6] = 1;
  new DataView(file.buffer).setUint16(8, headerLength, true);
  file.set(header, 10);
  file.set(bytes, 10 + headerLength);
  return file;
}

/** @throws CorruptFile on anything that is no such file */
export function readNpy(file: Uint8Array, name: string): Npy {
  const fail = (expected: string): never => {
    throw new CorruptFile(`${name}: expected ${expected}`);
  };
  if (file.length < 12 || String.fromCharCode(...file.subarray(0, 6)) !== MAGIC) fail("a numpy array");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const [lengthBytes, headerLength] =
    file[6] === 1 ? [2, view.getUint16(8, true)] : [4, view.getUint32(8, true)];
  const start = 8 + lengthBytes + headerLength;
  if (headerLength > MAX_HEADER || start > file.length) fail("a short header");
  const header = new TextDecoder("latin1").decode(file.subarray(8 + lengthBytes, start));
  const match =
    /^\{\s*'descr':\s*'([<>|=]\w+)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d,\s]*)\),?\s*\}\s*$/.exec(
      header,
    );
  if (!match) return fail("an array of plain numbers or text");
  const [, descr, fortran, axes] = match;
  const shape = axes
    .split(",")
    .map((n) => n.trim())
    .filter((n) => n !== "")
    .map(Number);
  if (shape.length > MAX_AXES || !shape.every(Number.isSafeInteger)) fail("a shape of at most 32 axes");
  if (fortran === "True" && shape.length > 1) fail("an array in C order");
  const count = shape.reduce((product, n) => product * n, 1);
  const text = /^<U(\d{1,9})$/.exec(descr);
  const size = text
    ? 4 * Number(text[1])
    : Object.hasOwn(TYPES, descr)
      ? TYPES[descr as Descr].BYTES_PER_ELEMENT
      : 0;
  if (size === 0) fail(`an element type of ${Object.keys(TYPES).join(", ")} or text, got ${descr}`);
  if (count * size !== file.length - start) fail(`${count * size} bytes of data, got ${file.length - start}`);
  const buffer = file.slice(start).buffer;
  if (text) {
    if (shape.length > 0) fail("a single text");
    const points = Array.from(new Uint32Array(buffer));
    if (points.some((point) => point > 0x10ffff)) fail("text in UTF-32");
    return points
      .map((point) => String.fromCodePoint(point))
      .join("")
      .replace(/\0+$/, "");
  }
  return { shape, data: new TYPES[descr as Descr](buffer), bool: descr === "|b1" };
}

function arrayBytes({ shape, data, bool }: Exclude<Npy, string>) {
  const descr = bool
    ? "|b1"
    : Object.entries(TYPES).find(([key, type]) => key !== "|b1" && data instanceof type)?.[0];
  return { descr, shape, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function textBytes(text: string) {
  const points = Uint32Array.from(text, (character) => character.codePointAt(0)!);
  return { descr: `<U${points.length}`, shape: [], bytes: new Uint8Array(points.buffer) };
}
