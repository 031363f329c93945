/**
 * The whole track seen from above, +y upwards, with the car on it. Gymnasium has no such picture, so it is drawn simply:
 * each pixel takes the colour of the topmost shape at its centre.
 */
import { body } from "./body.as.ts";
import { GRASS_PATCHES, PLAYFIELD, SIZE } from "./constants.ts";
import { BACKGROUND_COLOR, episode, GRASS_COLOR, toBytes } from "./episode.as.ts";
import { VIDEO, VIDEO_BYTES } from "./raster-memory.as.ts";
import { HULL_DRAWING, HULL_PARTS } from "./shapes.as.ts";

const GRASS_DIM: f64 = PLAYFIELD / GRASS_PATCHES;
/** World units between the track and the edge of the picture. */
const MARGIN: f64 = 20;
const HULL_RED: u32 = 0x0000cc;
/** The hull is drawn no shorter than this, pixels, so that it is seen on small maps. */
const MIN_CAR_LENGTH: f64 = 14;
const CAR_LENGTH: f64 = 250 * SIZE;

/** Corners of the polygon that is filled: column, row. */
const CORNERS: usize = memory.data(128, 16);

// The picture's size, and the range of rows that are drawn.
let width: i32 = 0;
let height: i32 = 0;
let firstRow: i32 = 0;
let endRow: i32 = 0;
// The transformation from the world to the picture.
let zoom: f64 = 0;
let centerX: f64 = 0;
let centerY: f64 = 0;

/**
 * Draws rows of a picture of any size, from `row` on as many as fit, to VIDEO.
 * @returns how many
 */
export function drawMap(w: i32, h: i32, row: i32): i32 {
  if (w < 1 || h < 1 || row < 0 || row >= h) return 0;
  const rows = min(h - row, <i32>(i64(VIDEO_BYTES) / (3 * i64(w))));
  if (rows < 1) return 0;
  width = w;
  height = h;
  firstRow = row;
  endRow = row + rows;
  look();
  memory.fill(VIDEO, 0, 3 * w * rows);

  fillSquare(-PLAYFIELD, -PLAYFIELD, 2 * PLAYFIELD, toBytes(BACKGROUND_COLOR));
  const grass = toBytes(GRASS_COLOR);
  for (let i = -GRASS_PATCHES; i < GRASS_PATCHES; i += 2) {
    for (let j = -GRASS_PATCHES; j < GRASS_PATCHES; j += 2) fillSquare(GRASS_DIM * f64(i), GRASS_DIM * f64(j), GRASS_DIM, grass);
  }
  for (let quad = 0; quad < episode.quadCount; quad++) {
    const at = episode.quads + 64 * quad;
    for (let i = 0; i < 4; i++) setCorner(i, load<f64>(at + 16 * i), load<f64>(at + 16 * i, 8));
    fillConvex(4, load<u32>(episode.quadColors + 3 * quad) & 0xffffff);
  }
  fillHull();
  return rows;
}

/** The track as large as fits. */
function look(): void {
  let left = Infinity;
  let right = -Infinity;
  let bottom = Infinity;
  let top = -Infinity;
  for (let at = episode.quads, end = at + 64 * episode.quadCount; at < end; at += 16) {
    left = min(left, load<f64>(at));
    right = max(right, load<f64>(at));
    bottom = min(bottom, load<f64>(at, 8));
    top = max(top, load<f64>(at, 8));
  }
  zoom = min(f64(width) / (right - left + 2 * MARGIN), f64(height) / (top - bottom + 2 * MARGIN));
  centerX = (left + right) / 2;
  centerY = (bottom + top) / 2;
}

function fillHull(): void {
  const scale = SIZE * max(1, MIN_CAR_LENGTH / (CAR_LENGTH * zoom));
  const hull = body(0);
  const sin = f64(hull.sin) * scale;
  const cos = f64(hull.cos) * scale;
  let drawing = HULL_DRAWING;
  for (let part = 0; part < HULL_PARTS; part++) {
    const count = load<i32>(drawing);
    drawing += 4;
    for (let i = 0; i < count; i++) {
      const x = f64(load<i32>(drawing));
      const y = f64(load<i32>(drawing, 4));
      setCorner(i, f64(hull.x) + cos * x - sin * y, f64(hull.y) + sin * x + cos * y);
      drawing += 8;
    }
    fillConvex(count, HULL_RED);
  }
}

function fillSquare(x: f64, y: f64, side: f64, color: u32): void {
  setCorner(0, x, y);
  setCorner(1, x + side, y);
  setCorner(2, x + side, y + side);
  setCorner(3, x, y + side);
  fillConvex(4, color);
}

function setCorner(i: i32, x: f64, y: f64): void {
  store<f64>(CORNERS + 16 * i, f64(width) / 2 + (x - centerX) * zoom);
  store<f64>(CORNERS + 16 * i, f64(height) / 2 - (y - centerY) * zoom, 8);
}

@inline
function column(i: i32): f64 {
  return load<f64>(CORNERS + 16 * i);
}
@inline
function row(i: i32): f64 {
  return load<f64>(CORNERS + 16 * i, 8);
}

/** Colours the pixels whose centres lie in a convex polygon. */
function fillConvex(count: i32, color: u32): void {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < count; i++) {
    least = min(least, row(i));
    most = max(most, row(i));
  }
  const first = max(firstRow, i32(ceil(least - 0.5)));
  const last = min(endRow - 1, i32(floor(most - 0.5)));
  for (let r = first; r <= last; r++) {
    const y = f64(r) + 0.5;
    let from = Infinity;
    let to = -Infinity;
    for (let i = 0; i < count; i++) {
      const j = i + 1 == count ? 0 : i + 1;
      if (row(i) <= y == row(j) <= y) continue;
      const x = column(i) + ((y - row(i)) / (row(j) - row(i))) * (column(j) - column(i));
      from = min(from, x);
      to = max(to, x);
    }
    const end = min(width - 1, i32(ceil(to - 0.5)) - 1);
    for (let c = max(0, i32(ceil(from - 0.5))); c <= end; c++) {
      const at = VIDEO + 3 * (width * (r - firstRow) + c);
      store<u16>(at, u16(color));
      store<u8>(at, u8(color >> 16), 2);
    }
  }
}
