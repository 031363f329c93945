/** Places along a racing line: which one is nearest to a car, which lies ahead, and what the line says there. */
import type { CarMotion } from "./car-model.ts";
import type { RacingLine } from "./racing-line.ts";

/** A place on a line: `share` of the way from point `index` to the next, and how far the car is from it, units. */
export interface LinePlace {
  index: number;
  share: number;
  distance: number;
}

/** Parts of the line that run against the car's heading count as this much farther, units squared: roads run close to each other. */
const WRONG_WAY = 100;

/** The place of a line nearest to the car, among `count` segments from segment `first` on: all of them unless told. */
export function locate(
  line: RacingLine,
  { x, y, forwardX, forwardY }: CarMotion,
  first = 0,
  count = line.length,
): LinePlace {
  const n = line.length;
  const place = { index: 0, share: 0, distance: 0 };
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < count; k++) {
    const i = (first + k + n) % n;
    const j = i + 1 === n ? 0 : i + 1;
    const alongX = line.x[j] - line.x[i];
    const alongY = line.y[j] - line.y[i];
    const awayX = x - line.x[i];
    const awayY = y - line.y[i];
    const share = Math.min(1, Math.max(0, (awayX * alongX + awayY * alongY) / (line.step[i] * line.step[i])));
    const dx = awayX - share * alongX;
    const dy = awayY - share * alongY;
    const square = dx * dx + dy * dy;
    const wrongWay = alongX * forwardX + alongY * forwardY < 0 ? WRONG_WAY : 0;
    if (square + wrongWay < least) {
      least = square + wrongWay;
      place.index = i;
      place.share = share;
      place.distance = Math.sqrt(square);
    }
  }
  return place;
}

/** The place that lies `distance` further along the line. */
export function walk(
  line: RacingLine,
  { index, share }: LinePlace,
  distance: number,
): { index: number; share: number } {
  let i = index;
  let left = distance + share * line.step[i];
  while (left > line.step[i]) {
    left -= line.step[i];
    i = (i + 1) % line.length;
  }
  return { index: i, share: left / line.step[i] };
}

/** A value of the line's points at a place between two of them. */
export function between(values: Float64Array, { index, share }: { index: number; share: number }): number {
  return values[index] * (1 - share) + values[(index + 1) % values.length] * share;
}
