/**
 * One message of the WebSocket bridge (protocol.ts), a binary frame:
 *
 *     bytes 0–3      length n of the header, little-endian
 *     bytes 4–3+n    header: JSON, UTF-8
 *     bytes 4+n …    data of the header's arrays, behind each other, little-endian, row-major
 *
 * In the header an array is `{"__ndarray__": [dtype, shape, offset]}`, the offset counted in bytes from the first byte
 * of data. Numbers that JSON cannot hold (NaN, infinities, -0, whole numbers beyond 2^53) are arrays of shape [], and
 * whole numbers beyond 64 bits are `{"__int__": digits}`.
 *
 * Bytes are not trusted: arrays must lie within the data, and together they are never larger than it, so that a message
 * takes no more memory than it has bytes.
 */
import { TritrackError } from "../errors.ts";
import { dtypeOf, type TypedArray } from "../spaces.ts";

/** A message that the protocol does not allow. */
export class ProtocolError extends TritrackError {}

/** The array that holds each element type of messages. A `bool` is a byte, 0 or 1. */
const ARRAYS = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** numpy's name of an element type that messages carry. */
export type WireType = keyof typeof ARRAYS;
/** Elements of an array in a message, in row-major order. */
export type WireData = TypedArray | BigInt64Array | BigUint64Array;

/** numpy's ndarray: a typed array with its shape. */
export class NdArray {
  /** numpy's name of the element type. */
  readonly dtype: WireType;
  /** Length of each axis; [] for a single number. */
  readonly shape: readonly number[];
  /** Elements in row-major order. */
  readonly data: WireData;

  /** @param data one number for each element of the shape, in the array type of `dtype` */
  constructor(dtype: WireType, shape: readonly number[], data: WireData) {
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }

  /** A typed array as an array of one axis. */
  static vector(data: WireData): NdArray {
    return new NdArray(dtypeOf(data), [data.length], data);
  }
}

const ARRAY_KEY = "__ndarray__";
const INTEGER_KEY = "__int__";
/** Digits of a whole number beyond 64 bits. The other end, Python, turns no more than 4300 digits into a number. */
const INTEGER = /^-?\d{1,4000}$/;
/** Levels of lists and records within each other. */
const MAX_DEPTH = 32;
const MAX_AXES = 32;

/**
 * The bytes of a message.
 * @param value plain data, NdArrays and typed arrays
 * @throws {@link ProtocolError} on values that messages do not carry, such as functions
 */
export function encodeMessage(value: unknown): Uint8Array<ArrayBuffer> {
  const arrays: WireData[] = [];
  let dataLength = 0;
  const place = ({ dtype, shape, data }: NdArray) => {
    const placed = { [ARRAY_KEY]: [dtype, shape, dataLength] };
    arrays.push(data);
    dataLength += data.byteLength;
    return placed;
  };
  const toJson = (x: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new ProtocolError(`message: expected at most ${MAX_DEPTH} levels`);
    switch (typeof x) {
      case "string":
      case "boolean":
      case "undefined":
        return x;
      case "number":
        if (Number.isFinite(x) && !Object.is(x, -0)) return x;
        return place(new NdArray("float64", [], Float64Array.of(x)));
      case "bigint":
        if (BigInt.asIntN(64, x) === x) return place(new NdArray("int64", [], BigInt64Array.of(x)));
        if (BigInt.asUintN(64, x) === x) return place(new NdArray("uint64", [], BigUint64Array.of(x)));
        return { [INTEGER_KEY]: checkDigits(x.toString()) };
      case "object":
        if (x === null) return null;
        if (x instanceof NdArray) return place(x);
        if (ArrayBuffer.isView(x)) return place(NdArray.vector(x as WireData));
        if (Array.isArray(x)) return x.map((item) => toJson(item, depth + 1));
        if (Object.hasOwn(x, ARRAY_KEY) || Object.hasOwn(x, INTEGER_KEY))
          throw new ProtocolError(`message: expected other keys than ${ARRAY_KEY} and ${INTEGER_KEY}`);
        return Object.fromEntries(Object.entries(x).map(([key, item]) => [key, toJson(item, depth + 1)]));
      default:
        throw new ProtocolError(`message: expected plain data, got a ${typeof x}`);
    }
  };
  const header = new TextEncoder().encode(JSON.stringify(toJson(value, 0)));
  const bytes = new Uint8Array(4 + header.length + dataLength);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  let at = 4 + header.length;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/**
 * The value of a message. Arrays come as NdArrays that own their memory, those of shape [] as numbers, and whole numbers
 * beyond 2^53 as bigints.
 * @throws {@link ProtocolError} on bytes that are no message
 */
export function decodeMessage(bytes: Uint8Array): unknown {
  if (bytes.length < 4) throw new ProtocolError("message: expected 4 bytes of length first");
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (headerLength > bytes.length - 4)
    throw new ProtocolError(`message: its header of ${headerLength} bytes passes its end`);
  const data = bytes.subarray(4 + headerLength);
  let left = data.length;
  const toArray = (placed: unknown): NdArray | number | bigint => {
    const [dtype, shape, at] = Array.isArray(placed) ? placed : [];
    if (typeof dtype !== "string" || !Object.hasOwn(ARRAYS, dtype) || !isShape(shape) || !isCount(at))
      throw new ProtocolError("message: expected an array as [dtype, shape, offset]");
    const ArrayType = ARRAYS[dtype as WireType];
    const size = shape.reduce((product, n) => product * n, ArrayType.BYTES_PER_ELEMENT);
    left -= size;
    if (at + size > data.length || left < 0)
      throw new ProtocolError(`message: an array of ${size} bytes at ${at} passes the end of its data`);
    const array = new ArrayType(data.slice(at, at + size).buffer);
    return shape.length === 0 ? array[0] : new NdArray(dtype as WireType, shape, array);
  };
  const fromJson = (x: unknown, depth: number): unknown => {
    if (typeof x !== "object" || x === null) return x;
    if (depth > MAX_DEPTH) throw new ProtocolError(`message: expected at most ${MAX_DEPTH} levels`);
    if (Array.isArray(x)) return x.map((item) => fromJson(item, depth + 1));
    if (Object.hasOwn(x, ARRAY_KEY)) return toArray((x as Record<string, unknown>)[ARRAY_KEY]);
    if (Object.hasOwn(x, INTEGER_KEY))
      return BigInt(checkDigits((x as Record<string, unknown>)[INTEGER_KEY]));
    return Object.fromEntries(Object.entries(x).map(([key, item]) => [key, fromJson(item, depth + 1)]));
  };
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(4, 4 + headerLength)),
    );
  } catch {
    throw new ProtocolError("message: expected a header of JSON");
  }
  return fromJson(header, 0);
}

function checkDigits(digits: unknown): string {
  if (typeof digits === "string" && INTEGER.test(digits)) return digits;
  throw new ProtocolError("message: expected a whole number of at most 4000 digits");
}

function isShape(shape: unknown): shape is number[] {
  return Array.isArray(shape) && shape.length <= MAX_AXES && shape.every(isCount);
}

function isCount(n: unknown): n is number {
  return Number.isSafeInteger(n) && (n as number) >= 0;
}
