import fc from "fast-check";
import { expect, test } from "vitest";
import { atan2, cos, sin, sinCos } from "../../env/math.ts";
import { loadParts } from "./core/parts.ts";

/** Within two units in the last place of a value of at most `scale`. */
function close(actual: number, expected: number, scale = Math.abs(expected)): boolean {
  return Math.abs(actual - expected) <= 2 ** -52 * Math.max(scale, 2 ** -1022);
}

test("sine and cosine agree with the engine's to the last places", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e5, max: 1e5, noNaN: true }), (x) => {
      expect(close(sin(x), Math.sin(x))).toBe(true);
      expect(close(cos(x), Math.cos(x))).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test("the arctangent agrees with the engine's in every quadrant", () => {
  const coordinate = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(coordinate, coordinate, (y, x) => {
      fc.pre(Math.abs(x) > 1e-100 && Math.abs(y) > 1e-100);
      expect(close(atan2(y, x), Math.atan2(y, x))).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

/** Values of glibc 2.36 for arguments at which V8's functions give other bits. */
test("results are those of glibc where V8 differs", () => {
  const sines = [
    [22.768788213814368, -0.7015994488543252],
    [5.414759624458156, -0.7633128286850018],
    [-6.591624164116219, -0.3035715363612587],
    [0.8442673653113886, 0.747484638918955],
    [31.305021247227444, -0.11067807292444369],
  ];
  const cosines = [
    [24.019948058606488, 0.4421579466179529],
    [5.751272215600942, 0.8618383606252337],
    [-29.120834371781335, -0.662608212943014],
    [-3.7605823061990122, -0.8144650885167765],
    [5.474935437502204, 0.6907649732993341],
  ];
  const angles = [
    [129.64477776213914, 249.22807229430452, 0.47966513484005135],
    [250.94257742925743, -284.0473593194417, 2.4179949526265294],
    [292.64444813674606, 291.7431295681431, 0.7869404923043419],
    [63.56336610555775, -13.362061848788642, 1.7779957696355035],
    [24.041678234680603, 70.02300507969409, 0.3307290982997015],
  ];
  expect(sines.map(([x]) => sin(x))).toEqual(sines.map(([, value]) => value));
  expect(cosines.map(([x]) => cos(x))).toEqual(cosines.map(([, value]) => value));
  expect(angles.map(([y, x]) => atan2(y, x))).toEqual(angles.map(([, , value]) => value));
});

test("axes and zeros are as in Math.atan2", () => {
  for (const y of [0, -0, 1, -1]) {
    for (const x of [0, -0, 2, -2]) expect(atan2(y, x)).toBe(Math.atan2(y, x));
  }
  expect(sin(-0)).toBe(-0);
  expect(cos(0)).toBe(1);
});

test("sinCos equals sin and cos bit for bit", () => {
  const both = new Float64Array(2);
  const expectBoth = (x: number) => {
    both[0] = x;
    sinCos(both);
    expect([...both]).toEqual([sin(x), cos(x)]);
  };
  for (let quarters = -9; quarters <= 9; quarters++) expectBoth((quarters * Math.PI) / 4);
  for (const x of [0, -0, 1e-300]) expectBoth(x);
  fc.assert(fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), expectBoth));
});

test("the core's sine, cosine and arctangent have the same bits, its rough arctangent is within 1e-10", async () => {
  const core = await loadParts();
  const expectSame = (x: number, y: number) => {
    core.sinCos(x);
    expect([core.sine.value, core.cosine.value, core.atan2(y, x)]).toEqual([sin(x), cos(x), atan2(y, x)]);
    const rough = core.roughAtan2(y, x);
    expect(Math.abs(rough - atan2(y, x))).toBeLessThan(1e-10);
    expect(Math.sign(rough)).toBe(Math.sign(atan2(y, x)));
  };
  for (const x of [0, -0, 1, -1]) for (const y of [0, -0, 2, -2]) expectSame(x, y);
  for (let quarters = -9; quarters <= 9; quarters++) expectSame((quarters * Math.PI) / 4, 1);
  const coordinate = fc.double({ min: -1e5, max: 1e5, noNaN: true });
  const inRange = fc.tuple(coordinate, coordinate).filter(([x, y]) => Math.abs(x * y) > 1e-200);
  fc.assert(
    fc.property(inRange, ([x, y]) => expectSame(x, y)),
    { numRuns: 3000 },
  );
});
