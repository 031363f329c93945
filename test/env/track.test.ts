import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TRACK_WIDTH } from "../../env/car-racing/core/constants.ts";
import { createTrack, type Track } from "../../env/car-racing/track.ts";
import { Random } from "../../env/random.ts";
import { goldenNames, loadGolden } from "../golden.ts";
import { trackSha256 } from "./track-sha256.ts";

test("tracks of seeds 0 to 199 are Gymnasium's: retries, tiles, kerbs and, in float32, every bit", () => {
  const file = join(import.meta.dirname, "..", "golden", "tracks.json");
  const rows: [number, number, number, number, string][] = JSON.parse(readFileSync(file, "utf8"));
  expect(rows).toHaveLength(200);
  const ours = rows.map(([seed]) => {
    const track = createTrack(new Random(seed));
    const { points, tileQuads, quads, retries } = track;
    expect(tileQuads).toHaveLength(points.length / 4);
    return [seed, retries, points.length / 4, quads.length / 8, trackSha256(points)];
  });
  expect(ours).toEqual(rows);
});

test("in float64 the golden tracks differ by less than 1e-12", () => {
  for (const golden of goldenNames.map(loadGolden)) {
    if (golden.kwargs.domainRandomize) continue; // its colours are drawn first
    const { points } = createTrack(new Random(golden.seed));
    expect(points).toHaveLength(golden.track.length);
    const worst = points.reduce((max, value, i) => Math.max(max, Math.abs(value - golden.track[i])), 0);
    expect(worst).toBeLessThan(1e-12);
  }
});

function distance(quads: Float64Array, a: number, b: number): number {
  return Math.hypot(quads[a] - quads[b], quads[a + 1] - quads[b + 1]);
}

test("tiles are as wide as the road, share their edges, and come in drawing order with their kerbs", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n }), (seed) => {
      const { quads, quadColors, tileQuads, points }: Track = createTrack(new Random(seed));
      const n = points.length / 4;
      const m = quads.length / 8;
      const color = (quad: number) => [...quadColors.slice(3 * quad, 3 * quad + 3)];
      expect(tileQuads).toHaveLength(n);
      expect(quadColors).toHaveLength(3 * m);
      for (let i = 0; i < n; i++) {
        const quad = tileQuads[i];
        expect(distance(quads, 8 * quad, 8 * quad + 2)).toBeCloseTo(2 * TRACK_WIDTH, 9);
        const before = 8 * tileQuads[(i + n - 1) % n];
        const back = [...quads.slice(8 * quad + 6, 8 * quad + 8), ...quads.slice(8 * quad + 4, 8 * quad + 6)];
        expect(back).toEqual([...quads.slice(before, before + 4)]);
        expect(color(quad)).toEqual(Array(3).fill([102, 104, 107][i % 3]));
        const next = i + 1 < n ? tileQuads[i + 1] : m;
        if (next === quad + 2) expect(color(quad + 1)).toEqual(i % 2 === 0 ? [255, 255, 255] : [255, 0, 0]);
        else expect(next).toBe(quad + 1);
      }
    }),
    { numRuns: 50 },
  );
});
