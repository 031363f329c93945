import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidOption } from "../../env/errors.ts";
import { Box, Dict, Discrete, MultiBinary, MultiDiscrete, type Space, Tuple } from "../../env/spaces.ts";

const controls = () => new Box({ low: [-1, 0, 0], high: [1, 1, 1], dtype: "float32" });
const unit = () => new Box({ low: 0, high: 1, shape: [2], dtype: "float32" });

/** Gymnasium 1.4 with numpy 2: `space.seed(42)`, then three samples; printed by `str`. */
const GYMNASIUM: [() => Space, string, number[] | number[][]][] = [
  [
    controls,
    "Box([-1.  0.  0.], 1.0, (3,), float32)",
    [
      [0.5479121208190918, 0.43887844681739807, 0.8585979342460632],
      [0.39473605155944824, 0.09417735040187836, 0.9756223559379578],
      [0.5222793817520142, 0.7860643267631531, 0.12811362743377686],
    ],
  ],
  [
    () => new Box({ low: 0, high: 255, shape: [5], dtype: "uint8" }),
    "Box(0, 255, (5,), uint8)",
    [
      [198, 112, 219, 178, 24],
      [249, 194, 201, 32, 115],
      [94, 237, 164, 210, 113],
    ],
  ],
  [() => new Discrete(5), "Discrete(5)", [0, 3, 3]],
  [() => new Discrete(7, -3), "Discrete(7, start=-3)", [-3, 2, 1]],
  [
    () => new MultiDiscrete([5, 2, 12]),
    "MultiDiscrete([ 5  2 12])",
    [
      [3, 0, 10],
      [3, 0, 11],
      [3, 1, 1],
    ],
  ],
  [
    () => new MultiBinary(7),
    "MultiBinary(7)",
    [
      [1, 0, 1, 0, 1, 1, 0],
      [1, 1, 1, 1, 0, 0, 0],
      [0, 0, 1, 0, 1, 0, 1],
    ],
  ],
];

test.each(GYMNASIUM)("%s prints and samples as in Gymnasium: %s", (make, text, samples) => {
  const space = make();
  expect(String(space)).toBe(text);
  space.seed(42);
  const plain = (x: unknown) => (typeof x === "number" ? x : Array.from(x as number[]));
  expect(samples.map(() => plain(space.sample()))).toEqual(samples);
});

test("composites seed their parts as in Gymnasium", () => {
  const tuple = new Tuple([new Discrete(20), unit()]);
  tuple.seed(5);
  expect(tuple.sample()).toEqual([14, Float32Array.of(0.6314303874969482, 0.12850062549114227)]);
  // A Dict sorts its keys first.
  const dict = new Dict({ b: unit(), a: new Discrete(20) });
  dict.seed(5);
  expect(dict.sample()).toEqual({ a: 14, b: Float32Array.of(0.6314303874969482, 0.12850062549114227) });
  expect(String(dict)).toBe("Dict('a': Discrete(20), 'b': Box(0.0, 1.0, (2,), float32))");
  expect(String(tuple)).toBe("Tuple(Discrete(20), Box(0.0, 1.0, (2,), float32))");
});

test("other bounds print as in Gymnasium", () => {
  const infinite = new Box({ low: -Infinity, high: Infinity, shape: [2], dtype: "float64" });
  expect(String(infinite)).toBe("Box(-inf, inf, (2,), float64)");
  const decimals = new Box({ low: -0.4, high: 0.4, shape: [2], dtype: "float32" });
  expect(String(decimals)).toBe("Box(-0.4, 0.4, (2,), float32)");
  const mixed = new Box({ low: [-1.5, 2], high: [3.25, 4], dtype: "float64" });
  expect(String(mixed)).toBe("Box([-1.5  2. ], [3.25 4.  ], (2,), float64)");
  const frame = new Box({ low: 0, high: 255, shape: [96, 96, 3], dtype: "uint8" });
  expect(String(frame)).toBe("Box(0, 255, (96, 96, 3), uint8)");
});

const leaf = fc.oneof(
  fc.integer({ min: 1, max: 50 }).map((n) => () => new Discrete(n, -7)),
  fc.integer({ min: 1, max: 9 }).map((n) => () => new MultiBinary(n)),
  fc
    .array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 })
    .map((n) => () => new MultiDiscrete(n)),
  fc
    .record({
      low: fc.integer({ min: -100, max: 0 }),
      high: fc.integer({ min: 0, max: 100 }),
      size: fc.integer({ min: 1, max: 6 }),
      dtype: fc.constantFrom("float32", "float64", "int8", "int32"),
    })
    .map(
      ({ low, high, size, dtype }) =>
        () =>
          new Box({ low, high, shape: [size], dtype }),
    ),
);
const anySpace = fc.oneof(
  leaf,
  fc.array(leaf, { minLength: 1, maxLength: 3 }).map((parts) => () => new Tuple(parts.map((part) => part()))),
  fc
    .dictionary(fc.string({ minLength: 1, maxLength: 4 }), leaf, { minKeys: 1, maxKeys: 3 })
    .map((parts) => () => new Dict(Object.fromEntries(Object.entries(parts).map(([k, p]) => [k, p()])))),
);

test("every space contains what it samples, and samples the same again from the same seed", () => {
  fc.assert(
    fc.property(anySpace, fc.bigInt({ min: 0n, max: 2n ** 80n }), (make, seed) => {
      const space = make();
      space.seed(seed);
      const samples = [space.sample(), space.sample(), space.sample()];
      for (const sample of samples) expect(space.contains(sample)).toBe(true);
      const again = make();
      again.seed(seed);
      expect([again.sample(), again.sample(), again.sample()]).toEqual(samples);
    }),
  );
});

test("contains is false for elements outside the space", () => {
  const box = controls();
  expect(box.contains([0.5, 0, 1])).toBe(true);
  expect(box.contains(Float32Array.of(0.5, 0, 1))).toBe(true);
  expect(box.contains(Float64Array.of(0.5, 0, 1))).toBe(false); // as numpy.can_cast
  for (const wrong of [[0, 0], [0, 0, 1.01], [Number.NaN, 0, 0], ["0", 0, 0], 0, null, undefined, "abc"]) {
    expect(box.contains(wrong)).toBe(false);
  }
  expect(new Discrete(5).contains(4)).toBe(true);
  for (const wrong of [5, -1, 1.5, Number.NaN, "1", [1], null])
    expect(new Discrete(5).contains(wrong)).toBe(false);
  expect(new MultiBinary(2).contains([0, 2])).toBe(false);
  expect(new MultiDiscrete([2, 3]).contains([1, 3])).toBe(false);
  expect(new Tuple([new Discrete(2)]).contains([2])).toBe(false);
  expect(new Dict({ a: new Discrete(2) }).contains({ a: 1, b: 1 })).toBe(false);
});

test("impossible spaces are refused", () => {
  expect(() => new Discrete(0)).toThrow(InvalidOption);
  expect(() => new Box({ low: 1, high: 0, dtype: "float32" })).toThrow("low <= high, got 1 and 0");
  expect(() => new Box({ low: 0, high: 256, dtype: "uint8" })).toThrow("bounds that uint8 holds");
  expect(() => new Box({ low: [0, 0], high: [1, 1], shape: [3], dtype: "float32" })).toThrow(
    "expected 3 bounds",
  );
  const unbounded = new Box({ low: 0, high: Infinity, dtype: "float32" });
  expect(() => unbounded.sample()).toThrow("expected a bounded Box");
});

describe("boxes of bigints, of booleans and of shape ()", () => {
  // gymnasium 1.4.0: `space.seed(7)`, then `space.sample()` three times, and `str(space)`.
  const gymnasium = [
    [
      new Box({ low: -5, high: 9, shape: [3], dtype: "int64" }),
      "Box(-5, 9, (3,), int64)",
      "4,8,6,-2,-1,8,-5,7,6",
    ],
    [
      new Box({ low: 0, high: 9, shape: [3], dtype: "uint64" }),
      "Box(0, 9, (3,), uint64)",
      "6,8,7,2,3,8,0,8,7",
    ],
    [
      new Box({ low: 0, high: 1, shape: [4], dtype: "bool" }),
      "Box(False, True, (4,), bool)",
      "1,1,1,0,0,1,0,1,1,0,0,0",
    ],
    [
      new Box({ low: -1, high: 1, shape: [], dtype: "float32" }),
      "Box(-1.0, 1.0, (), float32)",
      "0.25019094347953796,0.7944275736808777,0.5513713955879211",
    ],
    [new Box({ low: 0, high: 7, shape: [], dtype: "int64" }), "Box(0, 7, (), int64)", "5,7,6"],
    [
      new Box({ low: -(2n ** 40n), high: 2n ** 60n, shape: [2], dtype: "int64" }),
      "Box(-1099511627776, 1152921504606846976, (2,), int64)",
      "720685593668877952,1034416972353250048,894304466463297280,259645360438529504,346067395356790272,1007138413591296384",
    ],
    [
      new Box({ low: -(2n ** 63n), high: 2n ** 63n - 1n, shape: [2], dtype: "int64" }),
      "Box(-9223372036854775808, 9223372036854775807, (2,), int64)",
      Array(6).fill("-9223372036854775808").join(),
    ],
    [
      new Box({ low: [0, 0], high: [1, 0], dtype: "bool" }),
      "Box(False, [ True False], (2,), bool)",
      "1,0,1,0,0,0",
    ],
    [
      new Box({ low: [1, 2], high: [3n, 40n], dtype: "int64" }),
      "Box([1 2], [ 3 40], (2,), int64)",
      "2,36,3,10,1,36",
    ],
  ] as const;
  test.each(gymnasium)("%s print and sample as Gymnasium's", (space, text, samples) => {
    expect(String(space)).toBe(text);
    space.seed(7);
    const drawn = Array.from({ length: 3 }, () => space.sample());
    expect(drawn.map(String).join()).toBe(samples);
    for (const sample of drawn) expect(space.contains(sample)).toBe(true);
  });

  test("contain the types that cast to theirs", () => {
    const box = new Box({ low: -(2 ** 62), high: 2n ** 63n - 1n, shape: [1], dtype: "int64" });
    for (const x of [[5], [5n], Int32Array.of(-5), Uint32Array.of(5), BigInt64Array.of(2n ** 62n)])
      expect(box.contains(x)).toBe(true);
    for (const x of [5, ["5"], [-(2 ** 63)], BigUint64Array.of(5n), Float32Array.of(5)])
      expect(box.contains(x)).toBe(false);
    const flags = new Box({ low: 0, high: 1, shape: [2], dtype: "bool" });
    expect(flags.contains(Uint8Array.of(0, 1))).toBe(true);
    expect(flags.contains(Uint8Array.of(0, 2))).toBe(false);
    expect(new Box({ low: 0, high: 9, dtype: "uint8" }).contains(BigUint64Array.of(5n))).toBe(false);
  });

  test.each([
    ["int64", 0.5, "0.5"],
    ["int64", 2n ** 63n, "9223372036854775808"],
    ["uint64", -1, "-1"],
    ["bool", 2, "2"],
    ["uint8", 256n, "256"],
  ] as const)("refuse a bound that %s does not hold: %s", (dtype, high, text) => {
    expect(() => new Box({ low: 0, high, dtype })).toThrow(
      new InvalidOption(`Box: expected bounds that ${dtype} holds, got ${text}`),
    );
  });
});
