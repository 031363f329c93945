/** Parts of the core: the car's masses against Box2D's, sine and cosine in float32 against glibc's, memory, score. */
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import * as at from "../../env/car-racing/core/layout.ts";
import { loadParts, type Parts, viewsOf } from "./core/parts.ts";
import { cosf, sinf } from "./oracle/solver-trig-twin.ts";

const f = Math.fround;
let parts: Parts;
beforeAll(async () => {
  parts = await loadParts();
});

test("the compiler's static data end below the memory that is laid out by hand", () => {
  expect(parts.STATIC_END.value).toBeLessThanOrEqual(at.OPTIONS_AT);
});

describe("shapes", () => {
  test("masses and centres are those that pybox2d 2.3.10 shows", () => {
    const { floats } = viewsOf(parts);
    const centerY = floats[at.HULL_LOCAL_CENTER / 4 + 1];
    expect(floats[at.HULL_INV_MASS / 4]).toBe(f(1 / 7.059999942779541));
    expect(floats[at.HULL_LOCAL_CENTER / 4]).toBe(1.4774523826588393e-9);
    expect(centerY).toBe(-0.08253088593482971);
    expect(floats[at.WHEEL_INV_MASS / 4]).toBe(f(1 / 0.06048000603914261));
    expect(floats[at.WHEEL_INV_INERTIA / 4]).toBe(f(1 / 0.007459200918674469));
    // Box2D shows the hull's inertia about its origin.
    const centered = 18.260364532470703 - 7.059999942779541 * centerY ** 2;
    expect(1 / floats[at.HULL_INV_INERTIA / 4]).toBeCloseTo(centered, 5);
  });

  test.each([
    ["a square, whatever its order", [0, 0, 1, 1, 0, 1, 1, 0], [1, 0, 1, 1, 0, 1, 0, 0]],
    ["a point inside", [0, 0, 4, 0, 2, 1, 2, 4], [4, 0, 2, 4, 0, 0]],
    ["a point on an edge", [0, 0, 4, 0, 2, 0, 2, 4], [4, 0, 2, 4, 0, 0]],
    ["a point twice", [0, 0, 4, 0, 4, 0, 2, 4], [4, 0, 2, 4, 0, 0]],
  ])("hull of %s", (_, points, expected) => {
    const { floats } = viewsOf(parts);
    const from = parts.TRACK_INPUT.value;
    floats.set(points, from / 4);
    const count = parts.convexHull(from, points.length / 2, from + 64);
    expect([...floats.subarray(from / 4 + 16, from / 4 + 16 + 2 * count)]).toEqual(expected);
  });
});

// Made with ctypes on glibc 2.36: inputs by a multiplicative hash, spread over `range` radians around 0.
const REFERENCES = [
  { range: 8, sha256: "ad46ace37ce6c4f0d468f22cd53e02292abca846eb4943c6372471589498ac9b" },
  { range: 260, sha256: "fbd2d1789e59bb1cf939c64c19f97b2b482294f5874ad5ab220de6c9ea713962" },
  { range: 20000, sha256: "88e8f94cf2b03d01891f35e1bd52e43a3a8ece5f794be4a29b28d3570a6eafac" },
];
const COUNT = 100_000;

function spread(i: number, range: number): number {
  return f(((Math.imul(i, 2654435761) >>> 0) / 2 ** 32 - 0.5) * range);
}

describe("sinf and cosf", () => {
  test.each(REFERENCES)("equal glibc's within $range radians", ({ range, sha256 }) => {
    const twin = new Float32Array(2 * COUNT);
    const kernel = new Float32Array(2 * COUNT);
    for (let i = 0; i < COUNT; i++) {
      const angle = spread(i, range);
      twin[2 * i] = sinf(angle);
      twin[2 * i + 1] = cosf(angle);
      parts.sincos(angle);
      kernel[2 * i] = parts.sinf.value;
      kernel[2 * i + 1] = parts.cosf.value;
    }
    expect(createHash("sha256").update(twin).digest("hex")).toBe(sha256);
    expect(createHash("sha256").update(kernel).digest("hex")).toBe(sha256);
  });

  // The first is one of 34 floats below 120 on which the rounding of a multiple of pi / 2 shows.
  test.each([
    [17.277200698852539, 0xbf7fffec, 0xbacc53d8],
    [0.75, 0x3f2e7fe1, 0x3f3b4ff6],
    [2 ** -12, 0x39800000, 0x3f800000],
    [120, 0x3f14a2ef, 0x3f506e2a],
    [1e10, 0xbef99a64, 0x3f5f84c5],
    [3.4028234663852886e38, 0xbf0599b3, 0x3f5a5f96],
    [-0, 0x80000000, 0x3f800000],
  ])("at %d", (x, sine, cosine) => {
    const bits = new Uint32Array(Float32Array.of(sinf(x), cosf(x), sinf(-x), cosf(-x)).buffer);
    expect([...bits]).toEqual([sine, cosine, (sine ^ 0x80000000) >>> 0, cosine]);
  });
});

test("the action none leaves controls and reward as they are, and the car rolls on", async () => {
  const core = await loadParts();
  const { doubles, floats } = viewsOf(core);
  expect(core.stepNone()).toBe(-1);
  core.create();
  expect(core.stepNone()).toBe(-2);
  core.reset(1);
  for (let k = 0; k < 20; k++) core.step(0.2, 0.5, 0);
  const reward = doubles[at.EPISODE_AT / 8 + 1];
  const wheels = doubles.slice(at.WHEELS_AT / 8 + 2, at.WHEELS_AT / 8 + 5);
  const x = floats[at.BODIES_AT / 4];
  expect(core.stepNone()).toBe(0);
  expect(doubles[at.EPISODE_AT / 8]).toBe(0);
  // Tiles that the car comes onto count all the same.
  expect([reward, reward + 1000 / viewsOf(core).ints[at.EPISODE_AT / 4 + 10]]).toContain(
    doubles[at.EPISODE_AT / 8 + 1],
  );
  expect(doubles.slice(at.WHEELS_AT / 8 + 2, at.WHEELS_AT / 8 + 5)).toEqual(wheels);
  expect(floats[at.BODIES_AT / 4]).not.toBe(x);
});
