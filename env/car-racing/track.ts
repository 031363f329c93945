/**
 * The road: `CarRacing._create_track` of Gymnasium. Twelve checkpoints are drawn around the middle, a point wanders
 * from one to the next, the closed part of its path becomes tiles, and hard bends get red and white kerbs. The
 * arithmetic is float64 in Gymnasium's order, so the same draws make the same road: kerb for kerb, and equal in
 * every bit once rounded to the float32 of Box2D.
 */
import { atan2, cos, sin, sinCos } from "../math.ts";
import type { Random } from "../random.ts";

/** Track units to a world unit, in Gymnasium's constants. */
const SCALE = 6;
const TRACK_RADIUS = 900 / SCALE;
/** World units between two points of the road. */
const DETAIL_STEP = 21 / SCALE;
/** Most that the heading turns from one point to the next, radians. */
const TURN_RATE = 0.31;
/** Half the road's width, world units. */
export const TRACK_WIDTH = 40 / SCALE;
/** Width of a kerb, world units. */
const BORDER = 8 / SCALE;
/** Bends over this many points in a row make a kerb. */
const BORDER_MIN_COUNT = 4;
const CHECKPOINTS = 12;
const START_ALPHA = (2 * Math.PI * -0.5) / CHECKPOINTS;
/** Points after which an attempt that does not come round is given up. */
const MAX_POINTS = 2500;

export interface Track {
  /** float64 [n, 4]: angle alpha around the middle, heading beta, x, y of each point; `env.track` of Gymnasium. */
  points: Float64Array;
  /** float64 [n, 8]: corners x, y of tile i: left and right at point i, right and left at the point before. */
  tiles: Float64Array;
  /** float64 [m, 8]: tiles and kerbs in drawing order; `env.road_poly` of Gymnasium. */
  quads: Float64Array;
  /** What each quad is: a tile of one of three shades (0, 1, 2), {@link KERB_WHITE} or {@link KERB_RED}. */
  quadKinds: Uint8Array;
  /** Quad of each tile. */
  tileQuads: Int32Array;
  /** Attempts that failed before this one. */
  retries: number;
}

export const KERB_WHITE = 3;
export const KERB_RED = 4;

/**
 * Draws roads until one closes well, as Gymnasium's `reset` does.
 * @param report called with the lines that Gymnasium prints with `verbose=True`. Default: nobody is told
 */
export function createTrack(random: Random, report?: (line: string) => void): Track {
  for (let retries = 0; ; retries++) {
    const points = attempt(random, report);
    if (points) return build(points, retries);
    // Gymnasium joins its two halves without a blank.
    report?.("retry to generate track (normal if there are not manyinstances of this message)");
  }
}

const checkpointAlpha = new Float64Array(CHECKPOINTS);
const checkpointX = new Float64Array(CHECKPOINTS);
const checkpointY = new Float64Array(CHECKPOINTS);
const path = new Float64Array(4 * MAX_POINTS);
const headingSinCos = new Float64Array(2);

/** @returns the closed loop's points, or null if the path does not close or closes with a jump */
function attempt(random: Random, report?: (line: string) => void): Float64Array | null {
  for (let c = 0; c < CHECKPOINTS; c++) {
    const noise = random.uniform(0, (2 * Math.PI) / CHECKPOINTS);
    let alpha = (2 * Math.PI * c) / CHECKPOINTS + noise;
    let radius = random.uniform(TRACK_RADIUS / 3, TRACK_RADIUS);
    if (c === 0) alpha = 0;
    if (c === CHECKPOINTS - 1) alpha = (2 * Math.PI * c) / CHECKPOINTS;
    if (c === 0 || c === CHECKPOINTS - 1) radius = 1.5 * TRACK_RADIUS;
    checkpointAlpha[c] = alpha;
    checkpointX[c] = radius * cos(alpha);
    checkpointY[c] = radius * sin(alpha);
  }
  const count = wander();

  // The first lap is still settling; the second, between two passes of the start, is the road.
  let first = -1;
  let last = -1;
  for (let i = count - 1; first === -1; i--) {
    if (i === 0) return null;
    if (path[4 * i] > START_ALPHA && path[4 * (i - 1)] <= START_ALPHA) {
      if (last === -1) last = i;
      else first = i;
    }
  }
  report?.(`Track generation: ${first}..${last} -> ${last - first}-tiles track`);
  const points = path.slice(4 * first, 4 * (last - 1));
  for (let i = first; i < last - 1; i++) {
    points[4 * (i - first)] = exactAlpha(path[4 * i - 2], path[4 * i - 1], path[4 * i]);
  }

  // How far the ends are apart, measured along the first heading's normal.
  const end = points.length - 4;
  const dx = cos(points[1]) * (points[2] - points[end + 2]);
  const dy = sin(points[1]) * (points[3] - points[end + 3]);
  return Math.sqrt(dx * dx + dy * dy) > DETAIL_STEP ? null : points;
}

/**
 * Angles along the path decide a lot but are kept for the road alone, a fifth of it. So the engine's own `Math.atan2`
 * does, which may differ from another's in its last bits: in doubt, radians, the exact angle is worked out.
 */
const DOUBT = 1e-9;

/** The angle of (x, y) around the middle, from 0 on, less the whole turns that `near`, about the same, lacks. */
function exactAlpha(x: number, y: number, near: number): number {
  let alpha = atan2(y, x);
  if (alpha < 0) alpha += 2 * Math.PI;
  while (alpha - near > Math.PI) alpha -= 2 * Math.PI;
  return alpha;
}

/**
 * Where the path is, x and y, and its angle around the middle: in an array, since numbers that are passed one by one
 * may end up on the heap, at every point of the path.
 */
const place = new Float64Array(3);

/** Makes the angle exact if it is in doubt on which side of a limit that lies. */
function settle(limit: number): void {
  if (Math.abs(place[2] - limit) < DOUBT) place[2] = exactAlpha(place[0], place[1], place[2]);
}

/** Writes the path around the checkpoints, for about five laps, to `path`; returns its number of points. */
function wander(): number {
  let x = 1.5 * TRACK_RADIUS;
  let y = 0;
  let beta = 0;
  let destination = 0;
  let laps = 0;
  let visitedOtherSide = false;
  for (let count = 0; ; ) {
    let alpha = Math.atan2(y, x); // its sign is exact
    if (visitedOtherSide && alpha > 0) {
      laps++;
      visitedOtherSide = false;
    }
    if (alpha < 0) {
      visitedOtherSide = true;
      alpha += 2 * Math.PI;
    }

    // The next checkpoint ahead; after the last one the search begins a turn lower.
    place[0] = x;
    place[1] = y;
    place[2] = alpha;
    for (;;) {
      settle(checkpointAlpha[destination]);
      if (place[2] <= checkpointAlpha[destination]) break;
      destination = (destination + 1) % CHECKPOINTS;
      if (destination === 0) place[2] -= 2 * Math.PI;
    }

    // The heading (-sin, cos) is at a right angle to (cos, sin): how far the checkpoint lies to that side steers.
    headingSinCos[0] = beta;
    sinCos(headingSinCos);
    const r1y = headingSinCos[0];
    const r1x = headingSinCos[1];
    const side = SCALE * (r1x * (checkpointX[destination] - x) + r1y * (checkpointY[destination] - y));
    settle(beta - 1.5 * Math.PI);
    settle(beta + 1.5 * Math.PI);
    settle(START_ALPHA);
    alpha = place[2];
    while (beta - alpha > 1.5 * Math.PI) beta -= 2 * Math.PI;
    while (beta - alpha < -1.5 * Math.PI) beta += 2 * Math.PI;
    const before = beta;
    if (side > 0.3) beta -= Math.min(TURN_RATE, Math.abs(0.001 * side));
    if (side < -0.3) beta += Math.min(TURN_RATE, Math.abs(0.001 * side));
    x += -r1y * DETAIL_STEP;
    y += r1x * DETAIL_STEP;
    path[4 * count] = alpha;
    path[4 * count + 1] = before * 0.5 + beta * 0.5;
    path[4 * count + 2] = x;
    path[4 * count + 3] = y;
    count++;
    if (laps > 4 || count === MAX_POINTS) return count;
  }
}

/** Points that lie in a row of bends to one side, and those that lead to it: where kerbs go. */
function kerbPoints(points: Float64Array): Uint8Array {
  const n = points.length / 4;
  const beta = (i: number) => points[4 * (i < 0 ? i + n : i) + 1];
  const kerb = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    let hard = true;
    let sides = 0;
    for (let back = 0; back < BORDER_MIN_COUNT; back++) {
      const turn = beta(i - back) - beta(i - back - 1);
      hard &&= Math.abs(turn) > TURN_RATE * 0.2;
      sides += Math.sign(turn);
    }
    kerb[i] = hard && Math.abs(sides) === BORDER_MIN_COUNT ? 1 : 0;
  }
  for (let i = 0; i < n; i++) {
    for (let back = 0; back < BORDER_MIN_COUNT; back++) kerb[i < back ? i - back + n : i - back] |= kerb[i];
  }
  return kerb;
}

function build(points: Float64Array, retries: number): Track {
  const n = points.length / 4;
  const kerb = kerbPoints(points);
  const quadCount = n + kerb.reduce((sum, k) => sum + k, 0);
  const track: Track = {
    points,
    tiles: new Float64Array(8 * n),
    quads: new Float64Array(8 * quadCount),
    quadKinds: new Uint8Array(quadCount),
    tileQuads: new Int32Array(n),
    retries,
  };
  const normalX = new Float64Array(n);
  const normalY = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    normalX[i] = cos(points[4 * i + 1]);
    normalY[i] = sin(points[4 * i + 1]);
  }
  const writeCorner = (out: Float64Array, offset: number, i: number, across: number) => {
    out[offset] = points[4 * i + 2] + across * normalX[i];
    out[offset + 1] = points[4 * i + 3] + across * normalY[i];
  };
  /** The strip between two distances across the road, from point i back to point j before it. */
  const writeQuad = (out: Float64Array, index: number, i: number, j: number, from: number, to: number) => {
    writeCorner(out, 8 * index, i, from);
    writeCorner(out, 8 * index + 2, i, to);
    writeCorner(out, 8 * index + 4, j, to);
    writeCorner(out, 8 * index + 6, j, from);
  };
  let quad = 0;
  for (let i = 0; i < n; i++) {
    const j = i === 0 ? n - 1 : i - 1;
    writeQuad(track.tiles, i, i, j, -TRACK_WIDTH, TRACK_WIDTH);
    for (let k = 0; k < 8; k++) track.quads[8 * quad + k] = track.tiles[8 * i + k];
    track.quadKinds[quad] = i % 3;
    track.tileQuads[i] = quad++;
    if (kerb[i]) {
      const side = Math.sign(points[4 * j + 1] - points[4 * i + 1]);
      writeQuad(track.quads, quad, i, j, side * TRACK_WIDTH, side * (TRACK_WIDTH + BORDER));
      track.quadKinds[quad++] = i % 2 === 0 ? KERB_WHITE : KERB_RED;
    }
  }
  return track;
}
