/** Spaces of Gymnasium and their elements, as messages of the WebSocket bridge carry them. */
import { InvalidOption } from "../errors.ts";
import {
  Box,
  Dict,
  Discrete,
  type DType,
  MultiBinary,
  MultiDiscrete,
  type Space,
  Tuple,
  type TypedArray,
} from "../spaces.ts";
import { Fields } from "./fields.ts";
import { NdArray, ProtocolError } from "./message.ts";

export type WireSpace =
  | { type: "Box"; dtype: string; low: NdArray; high: NdArray }
  | { type: "Discrete"; n: number; start: number }
  | { type: "MultiDiscrete"; nvec: readonly number[] }
  | { type: "MultiBinary"; n: number }
  | { type: "Tuple"; spaces: readonly WireSpace[] }
  | { type: "Dict"; spaces: readonly (readonly [key: string, space: WireSpace])[] };

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

/** @throws {@link ProtocolError} on what is no space */
export function spaceFromWire(wire: unknown): Space {
  const fields = new Fields(wire);
  switch (fields.get("type")) {
    case "Box": {
      const low = fields.get("low");
      const high = fields.get("high");
      const dtype = fields.text("dtype") as DType;
      if (!(low instanceof NdArray && high instanceof NdArray && low.dtype === dtype && high.dtype === dtype))
        throw new ProtocolError(`message: expected bounds of type ${dtype} in a Box`);
      const { shape } = low;
      return new Box({ low: low.data as TypedArray, high: high.data as TypedArray, shape, dtype });
    }
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

/** An element as messages carry it. What is none of the space goes as it is: the environment will refuse it. */
export function elementToWire(space: Space, x: unknown): unknown {
  if (space instanceof Box && ArrayBuffer.isView(x) && !(x instanceof DataView)) {
    const { dtype, data } = NdArray.vector(x as TypedArray);
    return data.length === space.size ? new NdArray(dtype, space.shape, data) : x;
  }
  if (space instanceof Box && Array.isArray(x) && x.every((value) => typeof value === "number"))
    return elementToWire(space, new Float64Array(x));
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

/** An element as the space has it. What is none of the space comes as it is, for the environment to refuse. */
export function elementFromWire(space: Space, x: unknown): unknown {
  if (x instanceof NdArray) {
    if (space instanceof MultiDiscrete) return Int32Array.from(x.data as ArrayLike<number | bigint>, Number);
    return x.data;
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

/** Infos and options carry arrays of any kind: as typed arrays. */
export function plainFromWire(x: unknown): unknown {
  if (x instanceof NdArray) return x.data;
  if (Array.isArray(x)) return x.map(plainFromWire);
  if (typeof x === "object" && x !== null)
    return Object.fromEntries(Object.entries(x).map(([key, part]) => [key, plainFromWire(part)]));
  return x;
}
