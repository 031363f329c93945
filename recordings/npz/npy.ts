/**
 * numpy's array file, `.npy` (numpy/lib/format.py): a magic string, a version, a header that is the text of a Python
 * dict, and the elements. Arrays of numbers and booleans are read, in C or Fortran order and either byte order, and
 * single texts; pickled objects, which could run code, and structured types never are.
 */
import { describe, shorten } from "../../env/describe.ts";
import { CorruptFile } from "../../env/errors.ts";
import type { PieceReader } from "../byte-source.ts";
import {
  type ArrayForm,
  countOf,
  type ForeignData,
  halfToNumber,
  shapeText,
  typeName,
} from "../foreign-arrays.ts";

const TYPES = {
  b1: Uint8Array,
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: BigUint64Array,
  i8: BigInt64Array,
  f2: Uint16Array,
  f4: Float32Array,
  f8: Float64Array,
} as const;
type NumberType = keyof typeof TYPES;

/** An array with its shape, row-major, or a text. */
export type Npy =
  | {
      shape: readonly number[];
      data: ForeignData;
      /** True for booleans, which `data` holds as bytes of 0 and 1. */
      bool?: boolean;
    }
  | string;

/** The header of a file: form and order of its array. */
export interface NpyHeader extends ArrayForm {
  /** True if an element's first byte is its most significant one. */
  isBigEndian: boolean;
  /** True if the first axis varies fastest. */
  isFortran: boolean;
}

const MAGIC = "\x93NUMPY";
const MAX_AXES = 32;
/** Longer ones are of structured types, which are not read. Bytes. */
const MAX_HEADER = 4096;

/** The bytes of a `.npy` file: little-endian, in C order. */
export function writeNpy(value: Npy): Uint8Array {
  const { descr, shape, bytes } = typeof value === "string" ? textBytes(value) : arrayBytes(value);
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shapeText(shape)}, }`;
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

/** Bytes of the array's elements; NaN for types that are not read. */
export function byteLength({ type, shape }: NpyHeader): number {
  const size = Object.hasOwn(TYPES, type)
    ? TYPES[type as NumberType].BYTES_PER_ELEMENT
    : type[0] === "U"
      ? 4 * Number(type.slice(1))
      : Number.NaN;
  return countOf(shape) * size;
}

/**
 * Takes the header off a file's bytes. The keys may come in any order, as numpy reads them.
 * @throws CorruptFile on what is no such header
 */
export function readNpyHeader(reader: PieceReader): NpyHeader {
  const start = reader.take(10);
  if (String.fromCharCode(...start.subarray(0, 6)) !== MAGIC) throw new CorruptFile("expected a numpy array");
  const length =
    start[6] === 1
      ? start[8] + 256 * start[9]
      : new DataView(Uint8Array.of(start[8], start[9], ...reader.take(2)).buffer).getUint32(0, true);
  if (length > MAX_HEADER)
    throw new CorruptFile(`expected a header of at most ${MAX_HEADER} bytes, got ${length}`);
  const text = new TextDecoder("latin1").decode(reader.take(length));
  const fields = parseHeader(text);
  const descr = /^(['"])([<>|=])(\w+)\1$/.exec(fields.descr ?? "");
  const shape = /^\(([\d,\sL]*)\)$/.exec(fields.shape ?? "");
  if (!descr || !shape || !/^(True|False)$/.test(fields.fortran_order ?? ""))
    throw new CorruptFile(`expected the header of an array of numbers or text, got ${describe(text.trim())}`);
  const axes = shape[1]
    .split(",")
    .map((n) => n.trim().replace(/L$/, ""))
    .filter((n) => n !== "")
    .map(Number);
  if (axes.length > MAX_AXES || !axes.every(Number.isSafeInteger) || !Number.isSafeInteger(countOf(axes)))
    throw new CorruptFile(`expected a shape of at most ${MAX_AXES} axes, got ${shorten(shapeText(axes))}`);
  return {
    type: descr[3],
    isBigEndian: descr[2] === ">",
    isFortran: fields.fortran_order === "True",
    shape: axes,
  };
}

/** The three values of the dict, as the texts that they are written as; nothing of it is evaluated. */
function parseHeader(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1] ?? "";
  const pair =
    /\s*(['"])(descr|fortran_order|shape)\1\s*:\s*('[^']*'|"[^"]*"|\([\d,\sL]*\)|True|False)\s*(,|$)/y;
  for (let match = pair.exec(body); match; match = pair.exec(body)) {
    if (Object.hasOwn(fields, match[2])) return {};
    fields[match[2]] = match[3];
    if (/^\s*$/.test(body.slice(pair.lastIndex))) return fields;
  }
  return {};
}

/**
 * Takes an array's elements, all of them, off a file's bytes.
 * @param maxBytes larger arrays are refused before memory is taken
 * @throws CorruptFile on types that are not read, on more bytes than that, and where bytes are missing or left over
 */
export function readNpyData(reader: PieceReader, header: NpyHeader, maxBytes: number): Npy {
  const { type, shape, isBigEndian, isFortran } = header;
  const size = byteLength(header);
  if (Number.isNaN(size)) throw new CorruptFile(`expected numbers or text, got ${typeName(type)}`);
  if (size > maxBytes) throw new CorruptFile(`expected at most ${maxBytes} bytes, got ${size}`);
  if (type[0] === "U" && shape.length > 0)
    throw new CorruptFile(`expected a single text, got ${shapeText(shape)}`);
  const bytes = reader.take(size);
  reader.finish();
  const count = countOf(shape);
  if (isBigEndian && count > 0) swapBytes(bytes, type[0] === "U" ? 4 : size / count);
  if (type[0] === "U") return textOf(bytes);
  const stored = new TYPES[type as NumberType](bytes.buffer);
  const data = type === "f2" ? Float32Array.from(stored as Uint16Array, halfToNumber) : stored;
  return {
    shape,
    data: isFortran && shape.length > 1 ? toRowMajor(data, shape) : data,
    bool: type === "b1",
  };
}

function textOf(bytes: Uint8Array<ArrayBuffer>): string {
  const points = new Uint32Array(bytes.buffer);
  if (points.some((point) => point > 0x10ffff)) throw new CorruptFile("expected text in UTF-32");
  const text: string[] = [];
  for (const point of points) text.push(String.fromCodePoint(point));
  return text.join("").replace(/\0+$/, "");
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** An array whose first axis is the fastest, as one whose last axis is. */
function toRowMajor<Data extends ForeignData>(data: Data, shape: readonly number[]): Data {
  const out = data.slice() as Data;
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => countOf(shape.slice(0, axis)));
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

function arrayBytes({ shape, data, bool }: Exclude<Npy, string>) {
  const type = bool
    ? "b1"
    : Object.entries(TYPES).find(([key, Type]) => key !== "b1" && key !== "f2" && data instanceof Type)![0];
  const descr = `${data.BYTES_PER_ELEMENT === 1 ? "|" : "<"}${type}`;
  return { descr, shape, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function textBytes(text: string) {
  const points = Uint32Array.from(text, (character) => character.codePointAt(0)!);
  return { descr: `<U${points.length}`, shape: [], bytes: new Uint8Array(points.buffer) };
}
