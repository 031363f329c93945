/** Places along a racing line: finds the one nearest to a car and the one ahead, and reads the line's values there. */
import type { CarMotion } from "./car-model.ts";
import type { RacingLine } from "./racing-line.ts";

/** A place on a line, and how far a car is from it. */
export interface LinePlace {
  /** Index of the line's point before the place. */
  index: number;
  /** Share of the way from that point to the next, 0 to 1. */
  share: number;
  /** Distance of the car from the place, units. */
  distance: number;
}

/**
 * Added to the squared distance of segments that run against the car's heading, units squared. Two stretches of road can
 * lie close together, and the car is on the one that runs its way.
 */
const WRONG_WAY = 100;

/**
 * Finds the place of a line nearest to a car.
 * @param line the line
 * @param motion the car's place and heading
 * @param first first segment that is looked at; negative ones count from the end. Default: 0
 * @param count number of segments that are looked at. Default: all
 */
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

/** Finds the place that lies `distance` units further along the line; `distance` is at least 0. */
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

/** Interpolates a value of the line's points (`line.x`, `line.speed`, …) at a place between two of them. */
export function between(values: Float64Array, { index, share }: { index: number; share: number }): number {
  return values[index] * (1 - share) + values[(index + 1) % values.length] * share;
}
