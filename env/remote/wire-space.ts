/**
 * Spaces of Gymnasium and their elements, as messages of the WebSocket bridge carry them. Elements that do not belong to
 * their space are passed on as they are: the environment at the other end refuses them by its own rules.
 */
import { InvalidOption } from "../errors.ts";
import {
  type Arrays,
  Box,
  Dict,
  Discrete,
  type DType,
  MultiBinary,
  MultiDiscrete,
  type Space,
  Tuple,
} from "../spaces.ts";
import { arrayOf } from "../wrappers/array-observations.ts";
import { Fields } from "./fields.ts";
import { NdArray, ProtocolError, type WireData } from "./message.ts";

/** A space in a message. Bounds of a Box of shape [] arrive as numbers. */
export type WireSpace =
  | { type: "Box"; dtype: string; low: NdArray; high: NdArray }
  | { type: "Discrete"; n: number; start: number }
  | { type: "MultiDiscrete"; nvec: readonly number[] }
  | { type: "MultiBinary"; n: number }
  | { type: "Tuple"; spaces: readonly WireSpace[] }
  | { type: "Dict"; spaces: readonly (readonly [key: string, space: WireSpace])[] };

/** @throws {@link InvalidOption} on a space that the bridge does not carry */
export function spaceToWire(space: Space): WireSpace {
  if (space instanceof Box) {
    const { dtype, shape, low, high } = space;
    return { type: "Box", dtype, low: new NdArray(dtype, shape, low), high: new NdArray(dtype, shape, high) };
  }
  if (space instanceof Discrete) return { type: "Discrete", n: space.n, start: space.start };
  if (space instanceof MultiDiscrete) return { type: "MultiDiscrete", nvec: space.nvec };
  if (space instanceof MultiBinary) return { type: "MultiBinary", n: space.n };
  if (space instanceof Tuple) return { type: "Tuple", spaces: space.spaces.map(spaceToWire) };
  if (space instanceof Dict) {
    const spaces = Object.entries(space.spaces).map(([key, part]) => [key, spaceToWire(part)] as const);
    return { type: "Dict", spaces };
  }
  throw new InvalidOption(`remote: expected a space that the bridge carries, got ${space}`);
}

/** @throws {@link ProtocolError} on a value that describes no space */
export function spaceFromWire(wire: unknown): Space {
  const fields = new Fields(wire);
  switch (fields.get("type")) {
    case "Box":
      return boxFromWire(fields);
    case "Discrete":
      return new Discrete(fields.integer("n", 1), fields.integer("start", Number.MIN_SAFE_INTEGER));
    case "MultiDiscrete":
      return new MultiDiscrete(fields.list("nvec") as number[]);
    case "MultiBinary":
      return new MultiBinary(fields.integer("n", 1));
    case "Tuple":
      return new Tuple(fields.list("spaces").map(spaceFromWire));
    case "Dict":
      return new Dict(
        Object.fromEntries(
          fields.list("spaces").map((pair) => {
            const [key, space] = Array.isArray(pair) ? pair : [];
            return [String(key), spaceFromWire(space)];
          }),
        ),
      );
    default:
      throw new ProtocolError(`message: expected a space, got "${fields.get("type")}"`);
  }
}

function boxFromWire(fields: Fields): Box {
  const dtype = fields.text("dtype") as DType;
  const [low, high] = ["low", "high"].map((key) => {
    const bound = fields.get(key);
    if (bound instanceof NdArray && bound.dtype === dtype) return bound;
    // An array of shape [] arrives as a number.
    if (typeof bound === "number" || typeof bound === "bigint") return { shape: [], data: bound };
    throw new ProtocolError(`message: expected a bound of type ${dtype} as "${key}" of a Box`);
  });
  return new Box({ low: low.data, high: high.data, shape: low.shape, dtype }) as Box;
}

/** An element as messages carry it. */
export function elementToWire(space: Space, x: unknown): unknown {
  if (space instanceof Box && ArrayBuffer.isView(x) && !(x instanceof DataView)) {
    const { dtype, data } = NdArray.vector(x as WireData);
    if (data.length !== space.size) return x;
    return new NdArray(space.dtype === "bool" && dtype === "uint8" ? "bool" : dtype, space.shape, data);
  }
  if (space instanceof Box && Array.isArray(x)) {
    if (x.every((value) => typeof value === "number")) return elementToWire(space, new Float64Array(x));
    if (x.every((value) => typeof value === "bigint")) return elementToWire(space, new BigInt64Array(x));
  }
  if (space instanceof Tuple && Array.isArray(x))
    return x.map((part, i) => (space.spaces[i] ? elementToWire(space.spaces[i], part) : part));
  if (space instanceof Dict && typeof x === "object" && x !== null) {
    const entries = Object.entries(x);
    return Object.fromEntries(
      entries.map(([key, part]) => [
        key,
        Object.hasOwn(space.spaces, key) ? elementToWire(space.spaces[key], part) : part,
      ]),
    );
  }
  return x;
}

/** An element in the types that the space's elements have. */
export function elementFromWire(space: Space, x: unknown): unknown {
  if (space instanceof Box && (typeof x === "number" || typeof x === "bigint" || typeof x === "boolean")) {
    if (space.shape.length > 0) return x;
    return boxElement(space, [x]);
  }
  if (x instanceof NdArray) {
    if (space instanceof MultiDiscrete) return Int32Array.from(x.data as ArrayLike<number | bigint>, Number);
    if (space instanceof MultiBinary) return Int8Array.from(x.data as ArrayLike<number | bigint>, Number);
    return space instanceof Box ? boxElement(space, x.data) : x.data;
  }
  if (typeof x === "bigint") return Number(x);
  if (space instanceof Tuple && Array.isArray(x))
    return x.map((part, i) => (space.spaces[i] ? elementFromWire(space.spaces[i], part) : part));
  if (space instanceof Dict && typeof x === "object" && x !== null) {
    return Object.fromEntries(
      Object.entries(x).map(([key, part]) => [
        key,
        Object.hasOwn(space.spaces, key) ? elementFromWire(space.spaces[key], part) : part,
      ]),
    );
  }
  return x;
}

/** Bigints become numbers in a Box of numbers, and numbers bigints in one of bigints; other types stay as they came. */
function boxElement(space: Box<DType>, values: WireData | readonly (number | bigint | boolean)[]): unknown {
  const isBig = space.dtype === "int64" || space.dtype === "uint64";
  const areBig = values instanceof BigInt64Array || values instanceof BigUint64Array;
  if (ArrayBuffer.isView(values) && (values.length !== space.size || isBig === areBig)) return values;
  const given = Array.from(values as ArrayLike<number | bigint | boolean>);
  if (isBig && given.some((value) => typeof value === "number" && !Number.isInteger(value))) return values;
  const out: Arrays[DType] = arrayOf(space);
  for (const [i, value] of given.entries()) out[i] = (isBig ? BigInt(value) : Number(value)) as never;
  return out;
}

/** Plain data of infos and options, with arrays as typed arrays. */
export function plainFromWire(x: unknown): unknown {
  if (x instanceof NdArray) return x.data;
  if (Array.isArray(x)) return x.map(plainFromWire);
  if (typeof x === "object" && x !== null)
    return Object.fromEntries(Object.entries(x).map(([key, part]) => [key, plainFromWire(part)]));
  return x;
}
