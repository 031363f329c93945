import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createTrack, KERB_RED, KERB_WHITE, TRACK_WIDTH, type Track } from "../../env/car-racing/track.ts";
import { Random } from "../../env/random.ts";
import { goldenNames, loadGolden } from "../golden.ts";
import { trackSha256 } from "./track-sha256.ts";

test("tracks of seeds 0 to 199 are Gymnasium's: retries, tiles, kerbs and, in float32, every bit", () => {
  const file = join(import.meta.dirname, "..", "golden", "tracks.json");
  const rows: [number, number, number, number, string][] = JSON.parse(readFileSync(file, "utf8"));
  expect(rows).toHaveLength(200);
  const ours = rows.map(([seed]) => {
    const track = createTrack(new Random(seed));
    const { points, quadKinds, retries } = track;
    return [seed, retries, points.length / 4, quadKinds.length, trackSha256(points)];
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
      const { tiles, quads, quadKinds, tileQuads, points }: Track = createTrack(new Random(seed));
      const n = points.length / 4;
      expect(tiles).toHaveLength(8 * n);
      expect(quads).toHaveLength(8 * quadKinds.length);
      for (let i = 0; i < n; i++) {
        expect(distance(tiles, 8 * i, 8 * i + 2)).toBeCloseTo(2 * TRACK_WIDTH, 9);
        const before = 8 * ((i + n - 1) % n);
        expect(tiles.slice(8 * i + 6, 8 * i + 8)).toEqual(tiles.slice(before, before + 2));
        const quad = tileQuads[i];
        expect(quadKinds[quad]).toBe(i % 3);
        expect(quads.slice(8 * quad, 8 * quad + 8)).toEqual(tiles.slice(8 * i, 8 * i + 8));
        const next = i + 1 < n ? tileQuads[i + 1] : quadKinds.length;
        if (next === quad + 2) expect(quadKinds[quad + 1]).toBe(i % 2 === 0 ? KERB_WHITE : KERB_RED);
        else expect(next).toBe(quad + 1);
      }
    }),
    { numRuns: 50 },
  );
});
