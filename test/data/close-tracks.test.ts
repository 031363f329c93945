/** Tests of the choice of tracks whose road runs beside itself. */
import { expect, test } from "vitest";
import { createTrack } from "../../env/car-racing/track.ts";
import { Random } from "../../env/random.ts";
import { chooseTracks, closeness } from "../../src/data/close-tracks.ts";

/** A closed road through corners, a point every 3.5 units. */
function road(corners: readonly (readonly [number, number])[]): Float64Array {
  const points: number[] = [];
  corners.forEach(([x, y], i) => {
    const [nextX, nextY] = corners[(i + 1) % corners.length];
    const steps = Math.round(Math.hypot(nextX - x, nextY - y) / 3.5);
    for (let k = 0; k < steps; k++) {
      points.push(0, 0, x + ((nextX - x) * k) / steps, y + ((nextY - y) * k) / steps);
    }
  });
  return Float64Array.from(points);
}

const rectangle = (width: number, height: number) =>
  road([
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ]);

test("a wide rectangle is beside itself nowhere, a narrow one almost everywhere", () => {
  expect(closeness(rectangle(300, 200))).toBe(0);
  expect(closeness(rectangle(300, 28))).toBe(0);
  expect(closeness(rectangle(300, 20))).toBeGreaterThan(0.8);
});

test("a share of the chosen tracks is closer than all others, which come in order", () => {
  const chosen = chooseTracks("validation", 10, 0.3);
  const share = (seed: number) => closeness(createTrack(new Random(seed)).points);
  expect(new Set(chosen).size).toBe(10);
  const close = chosen.slice(0, 3);
  expect(chosen.slice(3)).toEqual(
    Array.from({ length: 10 }, (_, i) => 19_000 + i)
      .filter((seed) => !close.includes(seed))
      .slice(0, 7),
  );
  for (const seed of close) expect(share(seed)).toBeGreaterThan(0.1);
  expect(chooseTracks("validation", 4, 0)).toEqual([19_000, 19_001, 19_002, 19_003]);
});
