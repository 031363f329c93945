/**
 * Tracks whose road runs beside itself. A network that sees one frame takes the wrong one of two roads there. Almost
 * all of its rare failures are of that kind, and such tracks are rare, so training picks them on purpose.
 */
import { TRACK_WIDTH } from "../../env/car-racing/core/constants.ts";
import { createTrack } from "../../env/car-racing/track.ts";
import { Random } from "../../env/random.ts";
import { type TrackPurpose, tracks } from "./tracks.ts";

/** Roads whose middles are nearer than this, units, are seen together; two widths leave a strip of grass between them. */
const NEAR = 4 * TRACK_WIDTH;
/** Points of the road, 3.5 units apart, that are so near along the road that they belong to the same stretch. */
const SAME_STRETCH = 15;

/**
 * Share of a track's road, 0 to 1, that has other road beside it.
 * @param points float64 [n, 4]: alpha, beta, x, y, as `CarRacing.track`
 */
export function closeness(points: Float64Array): number {
  const n = points.length / 4;
  let close = 0;
  for (let i = 0; i < n; i++) {
    for (let apart = SAME_STRETCH; apart <= n - SAME_STRETCH; apart++) {
      const j = (i + apart) % n;
      const dx = points[4 * i + 2] - points[4 * j + 2];
      const dy = points[4 * i + 3] - points[4 * j + 3];
      if (dx * dx + dy * dy < NEAR * NEAR) {
        close++;
        break;
      }
    }
  }
  return close / n;
}

/** Tracks that close ones are picked from: one in ten has any road beside road, one in a hundred has much. */
const AMONG = 400;

/**
 * Seeds of `count` tracks to learn from, picked among the first 400 of a purpose.
 * @param closeShare share of the tracks, 0 to 1, that are the closest of the 400; the others come in order of their seeds
 * @param round of the purpose. Default: 0.
 * @throws {@link InvalidOption} as `tracks` does
 */
export function chooseTracks(purpose: TrackPurpose, count: number, closeShare: number, round = 0): number[] {
  const seeds = tracks(purpose, Math.max(AMONG, count), round);
  const closest = Math.round(closeShare * count);
  if (closest === 0) return seeds.slice(0, count);
  const close = seeds
    .map((seed) => ({ seed, share: closeness(createTrack(new Random(seed)).points) }))
    .sort((a, b) => b.share - a.share)
    .slice(0, closest)
    .map(({ seed }) => seed);
  const others = seeds.filter((seed) => !close.includes(seed));
  return [...close, ...others.slice(0, count - close.length)];
}
