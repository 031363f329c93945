/** Tests of the WebSocket bridge's messages: values survive the round trip, and other bytes do no harm. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeMessage, encodeMessage, NdArray, ProtocolError } from "../../../env/remote/message.ts";

const arrays = fc.oneof(
  fc.uint8Array().map((data) => NdArray.vector(data)),
  fc.float64Array().map((data) => new NdArray("float64", [data.length, 1], data)),
  fc.bigInt64Array().map((data) => NdArray.vector(data)),
  fc.array(fc.boolean()).map((flags) => new NdArray("bool", [flags.length], Uint8Array.from(flags, Number))),
);
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.string({ unit: "grapheme" }),
    arrays,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== "__ndarray__"),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
})).value;

/** A message with the given header and some data after it. */
function forge(header: unknown, data = new Uint8Array(64)): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(4 + text.length + data.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(data, 4 + text.length);
  return bytes;
}

test("decodeMessage reverses encodeMessage, for NaN, -0 and empty arrays too", () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(decodeMessage(encodeMessage({ value }))).toEqual({ value });
    }),
  );
});

test("bytes that are no message throw ProtocolError and nothing else", () => {
  const sound = encodeMessage({ id: 1, call: "step", action: Float32Array.of(1, 2, 3) });
  const damaged = fc.tuple(fc.nat(sound.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = sound.slice();
    bytes[at] = byte;
    return bytes;
  });
  const truncated = fc.nat(sound.length - 1).map((length) => sound.subarray(0, length));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged, truncated), (bytes) => {
      try {
        decodeMessage(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 500 },
  );
});

describe("a forged header is refused before memory is taken:", () => {
  const array = (dtype: unknown, shape: unknown, at: unknown) => ({ __ndarray__: [dtype, shape, at] });
  const forged: Record<string, unknown> = {
    "an array past the end": array("uint8", [65], 0),
    "an offset past the end": array("uint8", [1], 64),
    "a huge shape": array("float64", [2 ** 26, 2 ** 26], 0),
    "a shape whose product overflows": array("uint8", [2 ** 52, 2 ** 52, 0.5], 0),
    "a negative axis": array("uint8", [-1], 0),
    "an unknown type": array("object", [1], 0),
    "a type of the prototype": array("constructor", [1], 0),
    "the same data over and over": Array.from({ length: 100 }, () => array("uint8", [64], 0)),
    "depth without end": Array.from({ length: 100 }).reduce((inner) => [inner], 1),
  };
  for (const [name, header] of Object.entries(forged)) {
    test(name, () => {
      expect(() => decodeMessage(forge(header))).toThrow(ProtocolError);
    });
  }
});

test("values that messages cannot carry are refused", () => {
  expect(() => encodeMessage({ f: () => 1 })).toThrow(ProtocolError);
  const circle: unknown[] = [];
  circle.push(circle);
  expect(() => encodeMessage(circle)).toThrow(ProtocolError);
});
