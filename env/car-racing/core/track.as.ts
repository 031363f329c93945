/**
 * The road: `CarRacing._create_track` of Gymnasium. Twelve checkpoints are drawn around the middle, a point wanders
 * from one to the next, the closed part of its path becomes tiles, and hard bends get red and white kerbs. The
 * arithmetic is float64 in Gymnasium's order, so the same draws make the same road: kerb for kerb, and equal in
 * every bit once rounded to the float32 of Box2D.
 */
import { SCALE, TRACK_WIDTH } from "./constants.ts";
import { episode, ROAD_COLOR } from "./episode.as.ts";
import {
  ATTEMPTS_AT,
  BEGUN_AT,
  CONTACTS_PLACE,
  HULL_BEGUN_AT,
  MAX_ATTEMPTS,
  MAX_TILES,
  TILE_BYTES,
  TILE_COUNT,
  TILES,
  TRACK_INPUT_AT,
} from "./layout.ts";
import { atan2, cosine, PI, roughAtan2, sign, sinCos, sine } from "./math.as.ts";
import { random } from "./random.as.ts";

/** Radius of the circle that checkpoints are drawn around, world units. */
const TRACK_RAD: f64 = <f64>900 / SCALE;
/** World units between two points of the road. */
const TRACK_DETAIL_STEP: f64 = <f64>21 / SCALE;
/** Most that the heading turns from one point to the next, radians. */
const TRACK_TURN_RATE: f64 = 0.31;
/** Width of a kerb, world units. */
const BORDER: f64 = <f64>8 / SCALE;
/** Bends over this many points in a row make a kerb. */
const BORDER_MIN_COUNT: i32 = 4;
const CHECKPOINTS: i32 = 12;
const START_ALPHA: f64 = (2 * PI * -0.5) / CHECKPOINTS;
/** Points after which an attempt that does not come round is given up. */
const MAX_POINTS: i32 = 2500;
/** Fewest points of a track. */
const MIN_TILES: i32 = 3;

/** A point of the road or of the path around the checkpoints: angle around the middle, heading, place. */
@unmanaged
class TrackPoint {
  alpha: f64;
  beta: f64;
  x: f64;
  y: f64;
}

@unmanaged
class Checkpoint {
  alpha: f64;
  x: f64;
  y: f64;
}

const CHECKPOINT_LIST: usize = memory.data(CHECKPOINTS * offsetof<Checkpoint>(), 16);
/** The path around the checkpoints, or a track that the host has given. */
const PATH: usize = TRACK_INPUT_AT;
/** Scratch of `build`: cosine and sine of each point's heading. */
const NORMALS: usize = BEGUN_AT;
/** Scratch of `build`: 1 for each point that lies on a kerb. */
const KERBS: usize = HULL_BEGUN_AT;

@inline
function checkpoint(i: i32): Checkpoint {
  return changetype<Checkpoint>(CHECKPOINT_LIST + offsetof<Checkpoint>() * i);
}

@inline
function pathPoint(i: i32): TrackPoint {
  return changetype<TrackPoint>(PATH + offsetof<TrackPoint>() * i);
}

@inline
function trackPoint(i: i32): TrackPoint {
  return changetype<TrackPoint>(episode.track + offsetof<TrackPoint>() * i);
}

/** Draws roads until one closes well, as Gymnasium's `reset` does. */
export function createTrack(): void {
  store<i32>(ATTEMPTS_AT, 0);
  let retries = 0;
  while (!attempt()) retries++;
  episode.retries = retries;
}

/** True if `count` points at TRACK_INPUT are a track. */
export function isTrack(count: i32): bool {
  if (count < MIN_TILES || count > MAX_TILES) return false;
  for (let at = PATH, end = PATH + offsetof<TrackPoint>() * count; at < end; at += 8) {
    if (!isFinite(load<f64>(at))) return false;
  }
  return true;
}

/** Takes the points at TRACK_INPUT as the track. */
export function takeTrack(count: i32): void {
  store<i32>(ATTEMPTS_AT, 0);
  episode.retries = 0;
  build(0, count);
}

/** Notes which part of a path closed, for `verbose`. */
function noteAttempt(first: i32, last: i32): void {
  const count = load<i32>(ATTEMPTS_AT);
  if (count == MAX_ATTEMPTS) return;
  store<i32>(ATTEMPTS_AT, count + 1);
  store<i32>(ATTEMPTS_AT + 8 * count, first, 4);
  store<i32>(ATTEMPTS_AT + 8 * count, last, 8);
}

/** @returns false if the path does not close or closes with a jump */
function attempt(): bool {
  drawCheckpoints();
  const count = wander();

  // The first lap is still settling; the last, between two passes of the start, is the road.
  let first = -1;
  let last = -1;
  for (let i = count - 1; first == -1; i--) {
    if (i == 0) {
      noteAttempt(-1, -1);
      return false;
    }
    if (pathPoint(i).alpha > START_ALPHA && pathPoint(i - 1).alpha <= START_ALPHA) {
      if (last == -1) last = i;
      else first = i;
    }
  }
  noteAttempt(first, last);

  // The distance between the ends, measured along the first heading's normal.
  const begin = pathPoint(first);
  const end = pathPoint(last - 2);
  sinCos(begin.beta);
  const dx = cosine * (begin.x - end.x);
  const dy = sine * (begin.y - end.y);
  if (sqrt(dx * dx + dy * dy) > TRACK_DETAIL_STEP) return false;
  // Gymnasium notes the angle of the place before a point.
  for (let i = first; i < last - 1; i++) {
    const point = pathPoint(i);
    point.alpha = exactAlpha(pathPoint(i - 1).x, pathPoint(i - 1).y, point.alpha);
  }
  build(first, last - 1 - first);
  return true;
}

function drawCheckpoints(): void {
  for (let c = 0; c < CHECKPOINTS; c++) {
    const noise = random.uniform(0, (2 * PI) / CHECKPOINTS);
    let alpha = (2 * PI * c) / CHECKPOINTS + noise;
    let rad = random.uniform(TRACK_RAD / 3, TRACK_RAD);
    if (c == 0) alpha = 0;
    if (c == CHECKPOINTS - 1) alpha = (2 * PI * c) / CHECKPOINTS;
    if (c == 0 || c == CHECKPOINTS - 1) rad = 1.5 * TRACK_RAD;
    const drawn = checkpoint(c);
    drawn.alpha = alpha;
    sinCos(alpha);
    drawn.x = rad * cosine;
    drawn.y = rad * sine;
  }
}

/**
 * Every angle along the path is compared with others, but only those of the road, a fifth of the path, are kept. A rough
 * angle is enough while it differs by more than this, radians, from the one it is compared with; otherwise the exact angle
 * is computed.
 */
const DOUBT: f64 = 1e-9;

/** The angle of (x, y) around the middle, from 0 on, less the whole turns that `near`, about the same, lacks. */
function exactAlpha(x: f64, y: f64, near: f64): f64 {
  let alpha = atan2(y, x);
  if (alpha < 0) alpha += 2 * PI;
  while (alpha - near > PI) alpha -= 2 * PI;
  return alpha;
}

/** The angle itself, or the exact one if it is in doubt on which side of a limit that lies. */
@inline
function settled(alpha: f64, limit: f64, x: f64, y: f64): f64 {
  return abs(alpha - limit) < DOUBT ? exactAlpha(x, y, alpha) : alpha;
}

/** Writes the path around the checkpoints, for about five laps, to PATH; returns its number of points. */
function wander(): i32 {
  let x: f64 = 1.5 * TRACK_RAD;
  let y: f64 = 0;
  let beta: f64 = 0;
  let destination = 0;
  let laps = 0;
  let visitedOtherSide = false;
  let count = 0;
  while (laps <= 4 && count < MAX_POINTS) {
    let alpha = roughAtan2(y, x);
    if (visitedOtherSide && alpha > 0) {
      laps++;
      visitedOtherSide = false;
    }
    if (alpha < 0) {
      visitedOtherSide = true;
      alpha += 2 * PI;
    }

    // The next checkpoint ahead; after the last one the search begins a turn lower.
    for (;;) {
      alpha = settled(alpha, checkpoint(destination).alpha, x, y);
      if (alpha <= checkpoint(destination).alpha) break;
      destination = (destination + 1) % CHECKPOINTS;
      if (destination == 0) alpha -= 2 * PI;
    }

    // The heading (-sin, cos) is at a right angle to (cos, sin): how far the checkpoint lies to that side steers.
    sinCos(beta);
    const r1x = cosine;
    const r1y = sine;
    const projection = SCALE * (r1x * (checkpoint(destination).x - x) + r1y * (checkpoint(destination).y - y));
    alpha = settled(alpha, beta - 1.5 * PI, x, y);
    alpha = settled(alpha, beta + 1.5 * PI, x, y);
    alpha = settled(alpha, START_ALPHA, x, y);
    while (beta - alpha > 1.5 * PI) beta -= 2 * PI;
    while (beta - alpha < -1.5 * PI) beta += 2 * PI;
    const before = beta;
    if (projection > 0.3) beta -= min(TRACK_TURN_RATE, abs(0.001 * projection));
    if (projection < -0.3) beta += min(TRACK_TURN_RATE, abs(0.001 * projection));
    x += -r1y * TRACK_DETAIL_STEP;
    y += r1x * TRACK_DETAIL_STEP;
    const point = pathPoint(count++);
    point.alpha = alpha;
    point.beta = before * 0.5 + beta * 0.5;
    point.x = x;
    point.y = y;
  }
  return count;
}

/** Points that lie in a row of bends to one side, and those that lead to it. @returns how many */
function findKerbs(n: i32): i32 {
  for (let i = 0; i < n; i++) {
    let good = true;
    let onesided = 0;
    for (let neg = 0; neg < BORDER_MIN_COUNT; neg++) {
      const turn = trackPoint(around(i - neg, n)).beta - trackPoint(around(i - neg - 1, n)).beta;
      if (!(abs(turn) > TRACK_TURN_RATE * 0.2)) good = false;
      onesided += i32(turn > 0) - i32(turn < 0);
    }
    store<u8>(KERBS + i, u8(good && abs(onesided) == BORDER_MIN_COUNT));
  }
  // In place, as in Gymnasium: over the start it goes on further back.
  for (let i = 0; i < n; i++) {
    if (!load<u8>(KERBS + i)) continue;
    for (let neg = 0; neg < BORDER_MIN_COUNT; neg++) store<u8>(KERBS + around(i - neg, n), 1);
  }
  let count = 0;
  for (let i = 0; i < n; i++) count += load<u8>(KERBS + i);
  return count;
}

/** Index of a point that may lie before the first. */
@inline
function around(i: i32, n: i32): i32 {
  while (i < 0) i += n;
  return i;
}

/** Lays out the arrays of a track of n tiles and m quads behind one another. */
export function placeTrack(n: i32, m: i32): void {
  episode.track = TILES + TILE_BYTES * n;
  episode.quads = episode.track + offsetof<TrackPoint>() * n;
  episode.circles = episode.quads + 64 * m;
  episode.tileQuads = episode.circles + 12 * ((m + 3) & ~3);
  episode.quadColors = episode.tileQuads + 4 * n;
  episode.visited = episode.quadColors + 3 * m;
  const end = arraysEnd(n, m);
  memory.fill(episode.circles, 0, end - episode.circles);
  store<usize>(CONTACTS_PLACE, end);
}

/** Address at which they end and the contacts begin. Contacts come last, since the state ends with the present ones. */
export function arraysEnd(n: i32, m: i32): usize {
  const bytes = (TILE_BYTES + offsetof<TrackPoint>() + 4 + 1) * n + (64 + 3) * m + 12 * ((m + 3) & ~3);
  return (TILES + bytes + 15) & ~15;
}

/** The track of `n` points of the path. */
function build(first: i32, n: i32): void {
  episode.tileCount = n;
  store<i32>(TILE_COUNT, n);
  memory.copy(TILES + TILE_BYTES * n, PATH + offsetof<TrackPoint>() * first, offsetof<TrackPoint>() * n);
  episode.track = TILES + TILE_BYTES * n;
  episode.quadCount = n + findKerbs(n);
  placeTrack(n, episode.quadCount);
  for (let i = 0; i < n; i++) {
    sinCos(trackPoint(i).beta);
    store<f64>(NORMALS + 16 * i, cosine);
    store<f64>(NORMALS + 16 * i, sine, 8);
  }
  let quad = 0;
  for (let i = 0; i < n; i++) {
    const j = i == 0 ? n - 1 : i - 1;
    store<i32>(episode.tileQuads + 4 * i, quad);
    // Tiles come in three shades of the road's colour, kerbs in white and red.
    const shade = 0.01 * f64(i % 3) * 255;
    setColor(quad, load<f64>(ROAD_COLOR) + shade, load<f64>(ROAD_COLOR, 8) + shade, load<f64>(ROAD_COLOR, 16) + shade);
    writeQuad(quad++, i, j, -TRACK_WIDTH, TRACK_WIDTH);
    if (!load<u8>(KERBS + i)) continue;
    const side = sign(trackPoint(j).beta - trackPoint(i).beta);
    setColor(quad, 255, i & 1 ? 0 : 255, i & 1 ? 0 : 255);
    writeQuad(quad++, i, j, side * TRACK_WIDTH, side * (TRACK_WIDTH + BORDER));
  }
}

/** Gives a quad its colour, cut to bytes. */
export function setColor(quad: i32, red: f64, green: f64, blue: f64): void {
  const at = episode.quadColors + 3 * quad;
  store<u8>(at, u8(u32(red)));
  store<u8>(at, u8(u32(green)), 1);
  store<u8>(at, u8(u32(blue)), 2);
}

/** The strip between two distances across the road, from point i back to point j before it. */
function writeQuad(quad: i32, i: i32, j: i32, from: f64, to: f64): void {
  const at = episode.quads + 64 * quad;
  writeCorner(at, i, from);
  writeCorner(at + 16, i, to);
  writeCorner(at + 32, j, to);
  writeCorner(at + 48, j, from);
  writeCircle(quad, at);
}

@inline
function writeCorner(at: usize, i: i32, across: f64): void {
  store<f64>(at, trackPoint(i).x + across * load<f64>(NORMALS + 16 * i));
  store<f64>(at, trackPoint(i).y + across * load<f64>(NORMALS + 16 * i, 8), 8);
}

/** A circle around a quad, by which the scene tells quickly which quads a picture may show. */
export function writeCircle(quad: i32, at: usize): void {
  const x = (load<f64>(at) + load<f64>(at, 16) + load<f64>(at, 32) + load<f64>(at, 48)) / 4;
  const y = (load<f64>(at, 8) + load<f64>(at, 24) + load<f64>(at, 40) + load<f64>(at, 56)) / 4;
  let square: f64 = 0;
  for (let corner = at; corner < at + 64; corner += 16) {
    const dx = load<f64>(corner) - x;
    const dy = load<f64>(corner, 8) - y;
    square = max(square, dx * dx + dy * dy);
  }
  const row = 4 * ((episode.quadCount + 3) & ~3);
  const circle = episode.circles + 4 * quad;
  store<f32>(circle, f32(x));
  store<f32>(circle + row, f32(y));
  store<f32>(circle + 2 * row, f32(sqrt(square)));
}

/** Share of the track between the start and the point nearest to (x, y), in the direction of driving. */
export function shareOfTrack(x: f64, y: f64): f64 {
  const count = episode.tileCount;
  let nearest = 0;
  let least = Infinity;
  for (let i = 0; i < count; i++) {
    const dx = trackPoint(i).x - x;
    const dy = trackPoint(i).y - y;
    const distance = dx * dx + dy * dy;
    if (distance < least) {
      least = distance;
      nearest = i;
    }
  }
  const ahead = episode.backward ? episode.start - nearest : nearest - episode.start;
  return f64((ahead + count) % count) / f64(count);
}

/** Heading of the road at a point, radians, and its place. */
export function headingAt(i: i32): f64 {
  return trackPoint(i).beta;
}
export function xAt(i: i32): f64 {
  return trackPoint(i).x;
}
export function yAt(i: i32): f64 {
  return trackPoint(i).y;
}
