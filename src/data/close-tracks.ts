/**
 * Tracks whose road runs beside itself. A network that sees one frame takes the wrong one of two roads there: almost
 * all of its rare failures are of that kind, and few tracks teach better.
 */
import { createTrack, TRACK_WIDTH } from "../../env/car-racing/track.ts";
import { Random } from "../../env/random.ts";

/** Roads whose middles are nearer than this, units, are seen together; 2 widths leave a strip of grass between. */
const NEAR = 4 * TRACK_WIDTH;
/** Points of the road, 3.5 units each, that belong to the same stretch. */
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

/** Seeds that close tracks are picked from: one track in ten has any road beside road, one in a hundred much. */
const AMONG = 400;

/**
 * Seeds of `count` tracks to learn from.
 * @param first the first seed that may be taken; none beyond the 400th is
 * @param closeShare share of them, 0 to 1, that are the closest of those; the others come in order
 */
export function chooseTracks(first: number, count: number, closeShare: number): number[] {
  const seeds = Array.from({ length: Math.max(AMONG, count) }, (_, i) => first + i);
  const close = seeds
    .map((seed) => ({ seed, share: closeness(createTrack(new Random(seed)).points) }))
    .sort((a, b) => b.share - a.share)
    .slice(0, Math.round(closeShare * count))
    .map(({ seed }) => seed);
  const others = seeds.filter((seed) => !close.includes(seed));
  return [...close, ...others.slice(0, count - close.length)];
}
