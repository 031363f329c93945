// Draws CarRacing's 1000×800 surface and shrinks it, without ever making the surface: the kernel behind
// `render/kernel-canvas.ts`. Its twin is `render/surface.ts`; the two agree in every byte.
//
// The surface is a grid of 96×96 cells, one for each pixel of the observation: the columns (10 or 11) and rows (8 or 9)
// whose last one closes that pixel's window in smoothscale. A cell is one of three things, from cheap to dear:
//   - uniform: its byte in CELLS is a colour of the palette;
//   - mixed (byte 0): it owns a block, with a palette entry for each of its rows;
//   - a row of a block that is not uniform itself (entry PIXELS) has its pixels, 12 lanes of which the last 10 or 11 count.
// Most of a picture stays uniform, is painted by the byte and shrunk by table. What one row of a cell hands on to the
// window right of it is its last pixel, so a block keeps that as a palette entry too (the tail), where it is one.
//
// Rows here count from the top of the finished picture. The scene is painted before pygame flips it: until `flip` a
// caller's row y is 799 - y, and rows from 700 on are not painted, since the panel will cover them.
//
// Memory is laid out by hand below, 7.7 MB, of which a picture touches some 3; nothing is allocated after `init`.

const WIDTH: i32 = 1000;
const HEIGHT: i32 = 800;
const GRID: i32 = 96;
const PANEL_TOP: i32 = 700;

/** Byte of a mixed cell in CELLS. Colours of the palette count from 1. */
const MIXED: u32 = 0;
/** Entry of a row with pixels of its own; tail of a row whose last pixel is in no palette. */
const PIXELS: u32 = 255;
const MAX_COLORS: i32 = 48;

const LANES: i32 = 12;

// Tables of the two axes, made once by `init`.
const CELL_OF: usize = 1024; // u8[1000]: cell of a column
const LANE_OF: usize = CELL_OF + 1024; // u8[1000]: lane of a column in its cell
const FIRST_FULL: usize = LANE_OF + 1024; // u8[1001]: first cell that begins at a column or right of it
const END_FULL: usize = FIRST_FULL + 1024; // u8[1001]: one after the last cell that ends before a column
const CELL_START: usize = END_FULL + 1024; // u16[97]: first column of a cell
const BAND_OF: usize = CELL_START + 256; // u8[800]: band (row of cells) of a row
const BAND_START: usize = BAND_OF + 1024; // u16[97]: first row of a band
const LAST_WEIGHT_X: usize = BAND_START + 256; // i32[96]: share of a cell's last column in its own window, of 2^14
const LEFT_WEIGHT_X: usize = LAST_WEIGHT_X + 384; // i32[96]: share of the column before a cell in its window
const LAST_WEIGHT_Y: usize = LEFT_WEIGHT_X + 384;
const UPPER_WEIGHT_Y: usize = LAST_WEIGHT_Y + 384;
const FROM_LANE: usize = UPPER_WEIGHT_Y + 384; // 48 bytes for each of 13: all ones from a lane on
const UP_TO_LANE: usize = FROM_LANE + 640; // 48 bytes for each of 12: all ones up to a lane
const VIDEO_LAST: usize = UP_TO_LANE + 640; // u16[600]: last column of a video pixel's window
const VIDEO_WEIGHT: usize = VIDEO_LAST + 1216; // i32[600]: its share there

// Scratch of one polygon, by row.
const DOWN: usize = VIDEO_WEIGHT + 2432; // i32[800]: where the chain of edges that goes down crosses, 16.16
const UP: usize = DOWN + 3328; // i32[800]: the chain that goes up
const FILLS: usize = UP + 3328; // i32[800] twice, for each of 4 polygons: first and last column of a row's fill
const FILL_RIGHT: usize = 3328;
const FILL_SIZE: usize = 6656;
const CROSSINGS: usize = FILLS + 4 * FILL_SIZE; // i32[800][8]: of any polygon
const CROSSING_COUNT: usize = CROSSINGS + 800 * 32; // u8[800]

export const POINTS: usize = CROSSING_COUNT + 1024; // i32[16]: a caller's vertices

// The palette and what a uniform cell of each colour comes to.
const PALETTE: usize = POINTS + 64; // u32[MAX_COLORS + 1]
const UNIFORM: usize = 131072;
const OWN_SUM: usize = UNIFORM; // i32x4[96] a colour: whole columns and the last one's share
const LEFT_SHARE: usize = UNIFORM + 1536; // i32x4[96] a colour: share of a left neighbour of this colour
const ROW_VALUE: usize = UNIFORM + 3072; // u32[96] a colour: a row's pixel of an all-uniform window
const CELL_VALUE: usize = UNIFORM + 3456; // u32[96][96] a colour: the observation's pixel
const UNIFORM_STRIDE: usize = 40320;

const CELLS: usize = UNIFORM + UNIFORM_STRIDE * 49; // u8[96] a band, after a band and a column of padding
const CELLS_STRIDE: usize = 112;
const BLOCK_OF: usize = CELLS + CELLS_STRIDE * 97; // u16[96 * 96]: block of a cell, 0 for none yet
const LAST_ROW: usize = BLOCK_OF + 18432; // u32[96]: what the last row of the band above came to
const LINE: usize = LAST_ROW + 384; // u32[96]: a row of the observation
export const OBSERVATION: usize = LINE + 448; // 27,648 bytes
export const TEXT: usize = OBSERVATION + 27712; // grey values of the score
const VIDEO_ROW: usize = TEXT + 46 * 640; // u32[1000 + 12]
const VIDEO_NARROW: usize = VIDEO_ROW + 4096; // u32[600] of the upper of two rows
export const VIDEO: usize = VIDEO_NARROW + 2432; // 720,000 bytes

// Quads that wait: 4 vertices, colour, first and last row of the fill, whether every row is crossed twice.
const QUADS: usize = VIDEO + 720064;
const QUAD_SIZE: usize = 48;
const MAX_QUADS: i32 = 256;

/** Blocks that keep the score's pixels from frame to frame: 12 columns by 7 bands of cells. */
const TEXT_HEIGHT: i32 = 46;
const TEXT_CELLS: i32 = 12;
const TEXT_BANDS: i32 = 7;
const TEXT_BLOCKS: u32 = 84;

// A block: 16 entries, 16 tails, then 9 rows of 12 lanes.
const BLOCKS: usize = (QUADS + MAX_QUADS * QUAD_SIZE + 63) & ~63;
const BLOCK_SIZE: usize = 512;
const TAILS: usize = 16;
const ROWS: usize = 32;
const ROW_SIZE: usize = 48;
const END: usize = BLOCKS + (GRID * GRID + TEXT_BLOCKS + 1) * BLOCK_SIZE;

const X_RECIPROCAL: i32 = 6291;
const Y_RECIPROCAL: i32 = 7864;
const VIDEO_WIDTH: i32 = 600;
const VIDEO_X_RECIPROCAL: i32 = 39322;

let colors: i32 = 0;
let blocks: u32 = TEXT_BLOCKS;
let flipped: bool = false;
let quads: i32 = 0;

// The line that is drawn: its colour, and its polygon's fill, which hides it. Without a fill that is 0.
let lineColor: u32 = 0;
let lineRgb: u32 = 0;
let lineFill: usize = 0;

/** The text blocks hold the present text. */
let textReady: bool = false;

// ---------------------------------------------------------------------------------------------- tables

/** The windows of one axis of 96, as `shrinkAxis` in smoothscale.ts. */
function initAxis(from: i32, starts: usize, owner: usize, lastWeight: usize, nextWeight: usize): void {
  const space = (0x4000 * from) / GRID;
  let at = 0;
  let left = space;
  for (let i = 0; i < GRID; i++) {
    store<u16>(starts + i * 2, at as u16);
    for (; left > 0x4000; left -= 0x4000) store<u8>(owner + at++, i as u8);
    store<u8>(owner + at++, i as u8);
    store<i32>(lastWeight + i * 4, left);
    const rest = 0x4000 - left;
    if (i + 1 < GRID) store<i32>(nextWeight + (i + 1) * 4, rest);
    left = space - rest;
  }
  store<u16>(starts + GRID * 2, at as u16);
}

/** To be called once, before anything else. */
export function init(): void {
  memory.grow(<i32>((END + 0xffff) >> 16) - memory.size());
  initAxis(WIDTH, CELL_START, CELL_OF, LAST_WEIGHT_X, LEFT_WEIGHT_X);
  initAxis(HEIGHT, BAND_START, BAND_OF, LAST_WEIGHT_Y, UPPER_WEIGHT_Y);
  for (let w = 0; w < GRID; w++) {
    const start = cellStart(w);
    const end = cellStart(w + 1);
    for (let x = start; x < end; x++) {
      store<u8>(LANE_OF + x, (LANES - end + x) as u8);
      store<u8>(FIRST_FULL + x, (x === start ? w : w + 1) as u8);
      store<u8>(END_FULL + x, w as u8);
    }
  }
  store<u8>(FIRST_FULL + WIDTH, GRID as u8);
  store<u8>(END_FULL + WIDTH, GRID as u8);
  for (let lane = 0; lane <= LANES; lane++) {
    for (let i = 0; i < LANES; i++) {
      store<i32>(FROM_LANE + lane * 48 + i * 4, i >= lane ? -1 : 0);
      if (lane < LANES) store<i32>(UP_TO_LANE + lane * 48 + i * 4, i <= lane ? -1 : 0);
    }
  }
  const space = (0x4000 * WIDTH) / VIDEO_WIDTH;
  for (let i = 0, at = 0, left = space; i < VIDEO_WIDTH; i++, at++) {
    for (; left > 0x4000; left -= 0x4000) at++;
    store<u16>(VIDEO_LAST + i * 2, at as u16);
    store<i32>(VIDEO_WEIGHT + i * 4, left);
    left = space - (0x4000 - left);
  }
}

// @ts-ignore: decorator
@inline function cellStart(w: i32): i32 {
  return load<u16>(CELL_START + w * 2);
}
// @ts-ignore: decorator
@inline function bandStart(j: i32): i32 {
  return load<u16>(BAND_START + j * 2);
}
// @ts-ignore: decorator
@inline function cellAt(j: i32, w: i32): usize {
  return CELLS + CELLS_STRIDE + 16 + j * CELLS_STRIDE + w;
}

/** RGBX bytes to four 32-bit lanes. */
// @ts-ignore: decorator
@inline function widen(pixel: u32): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(i32x4.splat(pixel)));
}
/** Four lanes of 0 … 255 to RGBX bytes. */
// @ts-ignore: decorator
@inline function narrow(lanes: v128): u32 {
  const half = i16x8.narrow_i32x4_u(lanes, lanes);
  return i32x4.extract_lane(i8x16.narrow_i16x8_u(half, half), 0);
}
// @ts-ignore: decorator
@inline function share(lanes: v128, weight: i32): v128 {
  return i32x4.shr_u(i32x4.mul(lanes, i32x4.splat(weight)), 14);
}
// @ts-ignore: decorator
@inline function mean(sum: v128, reciprocal: i32): v128 {
  return i32x4.shr_u(i32x4.mul(sum, i32x4.splat(reciprocal)), 16);
}

/** The palette's number of a colour (0xBBGGRR), with its tables made when it is new. */
function colorIndex(rgb: u32): u32 {
  for (let i = 1; i <= colors; i++) {
    if (load<u32>(PALETTE + i * 4) === rgb) return i;
  }
  if (colors === MAX_COLORS) abort();
  const color = ++colors;
  store<u32>(PALETTE + color * 4, rgb);
  const pixel = widen(rgb);
  const table = color * UNIFORM_STRIDE;
  for (let w = 0; w < GRID; w++) {
    const whole = i32x4.mul(pixel, i32x4.splat(cellStart(w + 1) - cellStart(w) - 1));
    const own = i32x4.add(whole, share(pixel, load<i32>(LAST_WEIGHT_X + w * 4)));
    const left = share(pixel, load<i32>(LEFT_WEIGHT_X + w * 4));
    v128.store(OWN_SUM + table + w * 16, own);
    v128.store(LEFT_SHARE + table + w * 16, left);
    const row = mean(i32x4.add(own, left), X_RECIPROCAL);
    store<u32>(ROW_VALUE + table + w * 4, narrow(row));
    for (let j = 0; j < GRID; j++) {
      const rows = i32x4.mul(row, i32x4.splat(bandStart(j + 1) - bandStart(j) - 1));
      const ends = i32x4.add(share(row, load<i32>(LAST_WEIGHT_Y + j * 4)), share(row, load<i32>(UPPER_WEIGHT_Y + j * 4)));
      store<u32>(CELL_VALUE + table + (j * GRID + w) * 4, narrow(mean(i32x4.add(rows, ends), Y_RECIPROCAL)));
    }
  }
  return color;
}

// ---------------------------------------------------------------------------------------------- painting

/** Begins a picture: every cell is of one colour. */
export function fill(rgb: u32): void {
  // A picture may bring as many colours again as it finds; those of past episodes go when they take half the palette.
  if (colors > MAX_COLORS / 2) {
    colors = 0;
    textReady = false;
  }
  const color = colorIndex(rgb);
  flipped = false;
  blocks = TEXT_BLOCKS;
  quads = 0;
  memory.fill(BLOCK_OF, 0, GRID * GRID * 2);
  memory.fill(CELLS, color as u8, CELLS_STRIDE * 97);
}

/** The picture is upside down from now on. */
export function flip(): void {
  paintQuads();
  flipped = true;
}

// @ts-ignore: decorator
@inline function rowOf(y: i32): i32 {
  return flipped ? y : HEIGHT - 1 - y;
}
// @ts-ignore: decorator
@inline function rowLimit(): i32 {
  return flipped ? HEIGHT : PANEL_TOP;
}

/** Block of a mixed cell. */
// @ts-ignore: decorator
@inline function blockOf(j: i32, w: i32): usize {
  return BLOCKS + load<u16>(BLOCK_OF + (j * GRID + w) * 2) * BLOCK_SIZE;
}

/** Makes a uniform cell mixed, all rows still of its colour. */
function mix(j: i32, w: i32, color: u32): usize {
  const at = BLOCK_OF + (j * GRID + w) * 2;
  let block: u32 = load<u16>(at);
  if (block === 0) {
    block = ++blocks;
    store<u16>(at, block as u16);
  }
  store<u8>(cellAt(j, w), MIXED as u8);
  const base = BLOCKS + block * BLOCK_SIZE;
  const all = i8x16.splat(color as i8);
  v128.store(base, all);
  v128.store(base + TAILS, all);
  return base;
}

/** Address of a mask of the lanes that hold a cell's columns; the other one or two stay 0. */
// @ts-ignore: decorator
@inline function usedLanes(w: i32): usize {
  return FROM_LANE + (LANES - cellStart(w + 1) + cellStart(w)) * 48;
}

/** Gives a uniform row of a block pixels of its own. */
// @ts-ignore: decorator
@inline function expand(block: usize, r: i32, w: i32, entry: u32): usize {
  const row = block + ROWS + r * ROW_SIZE;
  const pixels = i32x4.splat(load<u32>(PALETTE + entry * 4));
  v128.store(row, v128.and(pixels, v128.load(usedLanes(w))));
  v128.store(row + 16, pixels);
  v128.store(row + 32, pixels);
  store<u8>(block + r, PIXELS as u8);
  return row;
}

/** Paints columns x0 … x1 (within the surface) of row `r` of band `j`. */
function paintRun(j: i32, r: i32, x0: i32, x1: i32, color: u32): void {
  if (x0 > x1) return;
  const last: i32 = load<u8>(CELL_OF + x1);
  for (let w: i32 = load<u8>(CELL_OF + x0); w <= last; w++) {
    const cell: u32 = load<u8>(cellAt(j, w));
    if (cell === color) continue;
    const block = cell === MIXED ? blockOf(j, w) : mix(j, w, cell);
    const start = cellStart(w);
    const end = cellStart(w + 1) - 1;
    if (x0 <= start && x1 >= end) {
      store<u8>(block + r, color as u8);
      store<u8>(block + r + TAILS, color as u8);
      continue;
    }
    const entry: u32 = load<u8>(block + r);
    if (entry === color) continue;
    const row = block + ROWS + r * ROW_SIZE;
    const from = FROM_LANE + <i32>load<u8>(LANE_OF + max(x0, start)) * 48;
    const to = UP_TO_LANE + <i32>load<u8>(LANE_OF + min(x1, end)) * 48;
    const pixels = i32x4.splat(load<u32>(PALETTE + color * 4));
    let a: v128, b: v128, c: v128;
    if (entry === PIXELS) {
      a = v128.load(row);
      b = v128.load(row, 16);
      c = v128.load(row, 32);
    } else {
      store<u8>(block + r, PIXELS as u8);
      c = b = i32x4.splat(load<u32>(PALETTE + entry * 4));
      a = v128.and(b, v128.load(usedLanes(w)));
    }
    v128.store(row, v128.bitselect(pixels, a, v128.and(v128.load(from), v128.load(to))));
    v128.store(row, v128.bitselect(pixels, b, v128.and(v128.load(from, 16), v128.load(to, 16))), 16);
    v128.store(row, v128.bitselect(pixels, c, v128.and(v128.load(from, 32), v128.load(to, 32))), 32);
    if (x1 >= end) store<u8>(block + r + TAILS, color as u8);
  }
}

/** Paints columns x0 … x1, in either order, of a row of the finished picture; what lies outside is left out. */
function paintSpan(row: i32, x0: i32, x1: i32, color: u32): void {
  if (row < 0 || row >= rowLimit()) return;
  const j: i32 = load<u8>(BAND_OF + row);
  paintRun(j, row - bandStart(j), max(min(x0, x1), 0), min(max(x0, x1), WIDTH - 1), color);
}

/** Mixes `alpha` of 255 parts (255: all) of a colour into one pixel: `_putPixelAlpha`. */
// @ts-ignore: decorator
@inline function blend(x: i32, row: i32, color: u32, rgb: u32, alpha: u32): void {
  const j: i32 = load<u8>(BAND_OF + row);
  const w: i32 = load<u8>(CELL_OF + x);
  const cell: u32 = load<u8>(cellAt(j, w));
  if (cell === color) return;
  const block = cell === MIXED ? blockOf(j, w) : mix(j, w, cell);
  const r = row - bandStart(j);
  const entry: u32 = load<u8>(block + r);
  if (entry === color) return;
  const pixels = entry === PIXELS ? block + ROWS + r * ROW_SIZE : expand(block, r, w, entry);
  const lane: i32 = load<u8>(LANE_OF + x);
  const at = pixels + lane * 4;
  if (alpha === 255) {
    store<u32>(at, rgb);
  } else {
    const under = load<u32>(at);
    const keep = 256 - alpha;
    const redBlue = (((under & 0xff00ff) * keep + (rgb & 0xff00ff) * alpha) >> 8) & 0xff00ff;
    const green = (((under & 0x00ff00) * keep + (rgb & 0x00ff00) * alpha) >> 8) & 0x00ff00;
    store<u32>(at, redBlue | green);
  }
  if (lane === LANES - 1) store<u8>(block + r + TAILS, PIXELS as u8);
}

/**
 * Paints what a fill covers of one cell in rows r0 … r1 of its band. For edges that stay in a cell for a few rows: all
 * rows go the same way, without a branch that the processor would guess wrong half of the time.
 */
function paintCell(j: i32, w: i32, r0: i32, r1: i32, fill: usize, color: u32): void {
  const cell: u32 = load<u8>(cellAt(j, w));
  if (cell === color) return;
  const block = cell === MIXED ? blockOf(j, w) : mix(j, w, cell);
  const start = bandStart(j);
  const end = cellStart(w + 1) - 1;
  const firstLane = LANES - 1 - end + cellStart(w);
  const used = v128.load(FROM_LANE + firstLane * 48);
  const pixels = i32x4.splat(load<u32>(PALETTE + color * 4));
  for (let r = r0; r <= r1; r++) {
    const at = fill + (start + r) * 4;
    const from = min(max(load<i32>(at) - end + LANES - 1, firstLane), LANES);
    const to = max(min(load<i32>(at, FILL_RIGHT) - end + LANES - 1, LANES - 1), 0);
    const entry: u32 = load<u8>(block + r);
    const row = block + ROWS + r * ROW_SIZE;
    const own = i32x4.splat(-i32(entry === PIXELS));
    const under = i32x4.splat(load<u32>(PALETTE + entry * 4));
    const fromMask = FROM_LANE + from * 48;
    const toMask = UP_TO_LANE + to * 48;
    const a = v128.bitselect(v128.load(row), v128.and(under, used), own);
    const b = v128.bitselect(v128.load(row, 16), under, own);
    const c = v128.bitselect(v128.load(row, 32), under, own);
    v128.store(row, v128.bitselect(pixels, a, v128.and(v128.load(fromMask), v128.load(toMask))));
    v128.store(row, v128.bitselect(pixels, b, v128.and(v128.load(fromMask, 16), v128.load(toMask, 16))), 16);
    v128.store(row, v128.bitselect(pixels, c, v128.and(v128.load(fromMask, 32), v128.load(toMask, 32))), 32);
    const none = from > to;
    const whole = from === firstLane && to === LANES - 1;
    const entryNow = select<u32>(color, select<u32>(entry, PIXELS, none), whole || entry === color);
    store<u8>(block + r, entryNow as u8);
    const tail: u32 = load<u8>(block + r + TAILS);
    store<u8>(block + r + TAILS, select<u32>(color, tail, !none && to === LANES - 1) as u8);
  }
}

/** Paints the fill of rows `from` … `to` of a band in cells w0 … w1: by row, or for an edge within one cell by cell. */
function paintCells(j: i32, w0: i32, w1: i32, from: i32, to: i32, fill: usize, color: u32): void {
  const start = bandStart(j);
  if (w0 === w1) {
    paintCell(j, w0, from - start, to - start, fill, color);
    return;
  }
  const x0 = cellStart(w0);
  const x1 = cellStart(w1 + 1) - 1;
  for (let row = from; row <= to; row++) {
    paintRun(j, row - start, max(load<i32>(fill + row * 4), x0), min(load<i32>(fill + row * 4, FILL_RIGHT), x1), color);
  }
}

/** Paints rows `first` … `last` of a fill; cells that are covered whole stay or become uniform. */
function paintRows(fill: usize, first: i32, last: i32, color: u32): void {
  const lastBand: i32 = load<u8>(BAND_OF + last);
  for (let j: i32 = load<u8>(BAND_OF + first); j <= lastBand; j++) {
    const start = bandStart(j);
    const end = bandStart(j + 1) - 1;
    const from = max(first, start);
    const to = min(last, end);
    // Columns that some row reaches, and those that all rows cover.
    let left = WIDTH;
    let right = -1;
    let innerLeft = 0;
    let innerRight = WIDTH - 1;
    for (let row = from; row <= to; row++) {
      const l = load<i32>(fill + row * 4);
      const r = load<i32>(fill + row * 4, FILL_RIGHT);
      left = min(left, l);
      right = max(right, r);
      innerLeft = max(innerLeft, l);
      innerRight = min(innerRight, r);
    }
    if (left >= WIDTH || right < 0) continue;
    const w0: i32 = load<u8>(CELL_OF + max(left, 0));
    const w1: i32 = load<u8>(CELL_OF + min(right, WIDTH - 1));
    let inner0 = w1 + 1;
    let inner1 = w0;
    if (from === start && to === end && innerLeft <= innerRight) {
      inner0 = load<u8>(FIRST_FULL + innerLeft);
      inner1 = load<u8>(END_FULL + innerRight + 1);
    }
    if (inner0 < inner1) {
      memory.fill(cellAt(j, inner0), color as u8, inner1 - inner0);
      if (w0 < inner0) paintCells(j, w0, inner0 - 1, from, to, fill, color);
      if (inner1 <= w1) paintCells(j, inner1, w1, from, to, fill, color);
    } else {
      paintCells(j, w0, w1, from, to, fill, color);
    }
  }
}

// ---------------------------------------------------------------------------------------------- SDL_gfx

// @ts-ignore: decorator
@inline function pointX(i: i32): i32 {
  return load<i32>(POINTS + i * 8);
}
// @ts-ignore: decorator
@inline function pointY(i: i32): i32 {
  return load<i32>(POINTS + i * 8 + 4);
}

/** A 16.16 column to the nearest whole one, as the fill rounds. */
// @ts-ignore: decorator
@inline function roundFixed(a: i32): i32 {
  return (a >> 16) + ((a & 32768) >> 15);
}

/**
 * `aapolygon`, then `filled_polygon`, of four vertices. Quads wait for those after them, since a tile of the road
 * hides one edge of the tile before it.
 */
export function smoothQuad(rgb: u32): void {
  const top = min(min(pointY(0), pointY(1)), min(pointY(2), pointY(3)));
  const bottom = max(max(pointY(0), pointY(1)), max(pointY(2), pointY(3)));
  const first = max(HEIGHT - 1 - bottom, 0);
  const last = min(HEIGHT - 1 - top, PANEL_TOP - 1);
  if (first > last) return;
  if (quads === MAX_QUADS) paintQuads();
  const quad = QUADS + quads++ * QUAD_SIZE;
  v128.store(quad, v128.load(POINTS));
  v128.store(quad, v128.load(POINTS, 16), 16);
  store<u32>(quad, colorIndex(rgb), QUAD_COLOR);
  store<i32>(quad, first, QUAD_FIRST);
  store<i32>(quad, last, QUAD_LAST);
  store<i32>(quad, i32(top < bottom && turns(quad) === 2), QUAD_SIMPLE);
}

const QUAD_COLOR: usize = 32;
const QUAD_FIRST: usize = 36;
const QUAD_LAST: usize = 40;
const QUAD_SIMPLE: usize = 44;

// @ts-ignore: decorator
@inline function quadX(quad: usize, i: i32): i32 {
  return load<i32>(quad + i * 8);
}
// @ts-ignore: decorator
@inline function quadY(quad: usize, i: i32): i32 {
  return load<i32>(quad + i * 8, 4);
}

/** How often the outline of a quad changes between going up and going down: 2 when every row is crossed twice. */
function turns(quad: usize): i32 {
  let count = 0;
  let before = 0;
  for (let i = 0; i < 8; i++) {
    const dy = quadY(quad, (i + 1) & 3) - quadY(quad, i & 3);
    const way = i32(dy > 0) - i32(dy < 0);
    if (way === 0) continue;
    if (i >= 4 && before !== way) count++;
    before = way;
  }
  return count;
}

/** Paints the quads that wait. */
function paintQuads(): void {
  const count = quads;
  quads = 0;
  let filled = 0;
  for (let i = 0; i < count; i++) {
    // The fills of this quad and the next two; their places go round.
    for (; filled < min(i + 3, count); filled++) {
      const ahead = QUADS + filled * QUAD_SIZE;
      if (load<i32>(ahead, QUAD_SIMPLE)) smoothFill(ahead, FILLS + (filled & 3) * FILL_SIZE);
    }
    paintQuad(i, count);
  }
}

/** The quad among the next two that shares the edge from this one's first vertex to its second, or 0. */
function coverOf(quad: usize, i: i32, count: i32): i32 {
  const edge = v128.load(quad);
  for (let k = i + 1; k < min(i + 3, count); k++) {
    const other = QUADS + k * QUAD_SIZE;
    if (!load<i32>(other, QUAD_SIMPLE)) continue;
    const opposite = v128.load(other, 16);
    if (i64x2.all_true(i64x2.eq(edge, i8x16.shuffle(opposite, opposite, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)))) return k;
  }
  return 0;
}

/** The fill goes first; then the lines leave its pixels alone. */
function paintQuad(i: i32, count: i32): void {
  const quad = QUADS + i * QUAD_SIZE;
  const color = load<u32>(quad, QUAD_COLOR);
  const first = load<i32>(quad, QUAD_FIRST);
  const last = load<i32>(quad, QUAD_LAST);
  lineColor = color;
  lineRgb = load<u32>(PALETTE + color * 4);
  lineFill = 0;
  if (load<i32>(quad, QUAD_SIMPLE)) {
    lineFill = FILLS + (i & 3) * FILL_SIZE;
    const cover = coverOf(quad, i, count);
    if (cover !== 0) joinFill(lineFill, first, last, cover);
    paintRows(lineFill, first, last, color);
  }
  for (let k = 0; k < 4; k++) {
    const next = (k + 1) & 3;
    smoothLine(quadX(quad, k), quadY(quad, k), quadX(quad, next), quadY(quad, next));
  }
  if (lineFill === 0) smoothFillAny(quad, first, last, color);
}

/**
 * Adds a later quad's fill to that of a quad beside it, in the rows where the two touch: it will be painted over, the
 * edge between the two need not be painted twice, and the lines there are hidden.
 */
function joinFill(fill: usize, first: i32, last: i32, cover: i32): void {
  const quad = QUADS + cover * QUAD_SIZE;
  const other = FILLS + (cover & 3) * FILL_SIZE;
  const to = min(last, load<i32>(quad, QUAD_LAST));
  for (let row = max(first, load<i32>(quad, QUAD_FIRST)); row <= to; row++) {
    const left = load<i32>(fill + row * 4);
    const right = load<i32>(fill + row * 4, FILL_RIGHT);
    const otherLeft = load<i32>(other + row * 4);
    const otherRight = load<i32>(other + row * 4, FILL_RIGHT);
    if (max(left, otherLeft) > min(right, otherRight) + 1) continue;
    store<i32>(fill + row * 4, min(left, otherLeft));
    store<i32>(fill + row * 4, max(right, otherRight), FILL_RIGHT);
  }
}

/** Row of the lowest vertex, in the caller's rows. */
function lowest(quad: usize): i32 {
  return max(max(quadY(quad, 0), quadY(quad, 1)), max(quadY(quad, 2), quadY(quad, 3)));
}

/** `filledPolygonColorMT`'s spans of a quad whose rows are all crossed twice. */
function smoothFill(quad: usize, fill: usize): void {
  const first = load<i32>(quad, QUAD_FIRST);
  const last = load<i32>(quad, QUAD_LAST);
  const bottom = lowest(quad);
  for (let i = 0; i < 4; i++) {
    const k = (i + 3) & 3;
    const down = quadY(quad, k) < quadY(quad, i);
    const upper = down ? k : i;
    const lower = down ? i : k;
    const y1 = quadY(quad, upper);
    const y2 = quadY(quad, lower);
    if (y1 === y2) continue;
    const x1 = quadX(quad, upper);
    const dx = quadX(quad, lower) - x1;
    const height = y2 - y1;
    const chain = down ? DOWN : UP;
    // 65536 * (y - y1) / height, kept up to date by quotient and remainder.
    const from = max(y1, HEIGHT - 1 - last);
    const to = min(y2 - 1, HEIGHT - 1 - first);
    if (from <= to) {
      let quotient = (65536 * (from - y1)) / height;
      let remainder = (65536 * (from - y1)) % height;
      const step = 65536 / height;
      const stepRemainder = 65536 % height;
      for (let y = from; y <= to; y++) {
        store<i32>(chain + (HEIGHT - 1 - y) * 4, quotient * dx + 65536 * x1);
        quotient += step;
        remainder += stepRemainder;
        if (remainder >= height) {
          remainder -= height;
          quotient++;
        }
      }
    }
    if (y2 === bottom && HEIGHT - 1 - y2 >= first && HEIGHT - 1 - y2 <= last) {
      store<i32>(chain + (HEIGHT - 1 - y2) * 4, 65536 * quadX(quad, lower));
    }
  }
  const one = i32x4.splat(1);
  for (let row = first; row <= last; row += 4) {
    const a = v128.load(DOWN + row * 4);
    const b = v128.load(UP + row * 4);
    const l = i32x4.add(i32x4.min_s(a, b), one);
    const r = i32x4.sub(i32x4.max_s(a, b), one);
    const left = i32x4.add(i32x4.shr_s(l, 16), v128.and(i32x4.shr_u(l, 15), one));
    const right = i32x4.add(i32x4.shr_s(r, 16), v128.and(i32x4.shr_u(r, 15), one));
    v128.store(fill + row * 4, i32x4.min_s(left, right));
    v128.store(fill + row * 4, i32x4.max_s(left, right), FILL_RIGHT);
  }
}

/** The fill of a quad whose rows may be crossed four times. */
function smoothFillAny(quad: usize, first: i32, last: i32, color: u32): void {
  const bottom = lowest(quad);
  for (let row = first; row <= last; row++) {
    const y = HEIGHT - 1 - row;
    let count = 0;
    for (let i = 0; i < 4; i++) {
      const k = (i + 3) & 3;
      const down = quadY(quad, k) < quadY(quad, i);
      const upper = down ? k : i;
      const lower = down ? i : k;
      const y1 = quadY(quad, upper);
      const y2 = quadY(quad, lower);
      if ((y >= y1 && y < y2) || (y === bottom && y > y1 && y <= y2)) {
        const x1 = quadX(quad, upper);
        addCrossing(CROSSINGS, count++, ((65536 * (y - y1)) / (y2 - y1)) * (quadX(quad, lower) - x1) + 65536 * x1);
      }
    }
    for (let i = 0; i < count; i += 2) {
      const x0 = roundFixed(load<i32>(CROSSINGS + i * 4) + 1);
      const x1 = roundFixed(load<i32>(CROSSINGS + i * 4 + 4) - 1);
      paintSpan(row, x0, x1, color);
    }
  }
}

/** Adds to a list of `count` numbers in rising order. */
function addCrossing(list: usize, count: i32, x: i32): void {
  let i = count;
  for (; i > 0 && load<i32>(list + i * 4 - 4) > x; i--) store<i32>(list + i * 4, load<i32>(list + i * 4 - 4));
  store<i32>(list + i * 4, x);
}

// @ts-ignore: decorator
@inline function clipCode(x: i32, y: i32): i32 {
  return (x < 0 ? 1 : x >= WIDTH ? 2 : 0) | (y < 0 ? 4 : y >= HEIGHT ? 8 : 0);
}

/** `_aalineColor` without its end point, clipped by `_clipLine`; pixels of the polygon's own fill are left out. */
function smoothLine(x1: i32, y1: i32, x2: i32, y2: i32): void {
  for (;;) {
    const code1 = clipCode(x1, y1);
    const code2 = clipCode(x2, y2);
    if ((code1 | code2) === 0) break;
    if ((code1 & code2) !== 0) return;
    let code = code1;
    if (code === 0) {
      let swap = x1;
      x1 = x2;
      x2 = swap;
      swap = y1;
      y1 = y2;
      y2 = swap;
      code = code2;
    }
    const slope: f32 = x2 === x1 ? 1 : <f32>(y2 - y1) / <f32>(x2 - x1);
    if (code & 3) {
      const edge = code & 1 ? 0 : WIDTH - 1;
      y1 += <i32>(<f32>(edge - x1) * slope);
      x1 = edge;
    } else {
      const edge = code & 8 ? HEIGHT - 1 : 0;
      if (x2 !== x1) x1 += <i32>(<f32>(edge - y1) / slope);
      y1 = edge;
    }
  }
  const turned = y1 > y2;
  let x = turned ? x2 : x1;
  let row = HEIGHT - 1 - (turned ? y2 : y1);
  const endRow = HEIGHT - 1 - (turned ? y1 : y2);
  if (endRow >= PANEL_TOP) return;
  let dx = (turned ? x1 : x2) - x;
  const dy = row - endRow;
  if (dx === 0) {
    for (; row >= endRow; row--) blendVisible(x, row, 255);
    return;
  }
  if (dy === 0) {
    paintSpan(row, x, x + dx, lineColor);
    return;
  }
  const step = dx > 0 ? 1 : -1;
  dx = abs(dx);
  blendVisible(x1, HEIGHT - 1 - y1, 255);
  // 16 bits of slope in the high half of a word that wraps around; on a diagonal it is 0 and counts as wrapped.
  let error: u32 = 0;
  if (dy > dx) {
    const slope = <u32>((dx << 16) / dy) << 16;
    for (let n = dy - 1; n > 0; n--) {
      const before = error;
      error += slope;
      if (error <= before) x += step;
      row--;
      if (row >= PANEL_TOP) continue;
      const weight = error >> 24;
      const left = lineFill ? load<i32>(lineFill + row * 4) : WIDTH;
      const width = lineFill ? <u32>(load<i32>(lineFill + row * 4, FILL_RIGHT) - left) : 0;
      if (<u32>(x - left) > width) blendLine(x, row, alphaOf(255 - weight));
      if (<u32>(x + step - left) > width) blendLine(x + step, row, alphaOf(weight));
    }
    return;
  }
  const part = (dy << 16) / dx;
  const slope = <u32>part << 16;
  const right = step > 0 ? slope : -slope;
  // A row takes as many steps as fit into the word: a whole quotient, and one more when it begins early enough. The
  // first row has its first step behind it.
  const quotient = slope === 0 ? 1 : 65536 / part;
  const early: u32 = slope === 0 ? 0 : <u32>(65536 % part) << 16;
  for (let rest = dx - 1; rest > 0; ) {
    const before = error;
    error += slope;
    if (error <= before) row--;
    x += step;
    const stretch = min(rest, before === 0 && error !== 0 ? quotient - i32(early === 0) : quotient + i32(error < early));
    const far = error + slope * (stretch - 1);
    const x0 = step > 0 ? x : x - stretch + 1;
    const error0 = step > 0 ? error : far;
    blendStretch(row, x0, x0 + stretch - 1, error0, right, 255);
    blendStretch(row - 1, x0, x0 + stretch - 1, error0, right, 0);
    error = far;
    x += step * (stretch - 1);
    rest -= stretch;
  }
}

/** `255 * weight >> 8` for a weight up to 255. */
// @ts-ignore: decorator
@inline function alphaOf(weight: u32): u32 {
  return weight - u32(weight !== 0);
}

/** `blend` of one pixel of a line, above the panel. */
function blendLine(x: i32, row: i32, alpha: u32): void {
  if (alpha !== 0 && <u32>x < <u32>WIDTH) blend(x, row, lineColor, lineRgb, alpha);
}

/** `blend` of one pixel of a line, where it shows. */
function blendVisible(x: i32, row: i32, alpha: u32): void {
  if (row >= PANEL_TOP) return;
  if (lineFill !== 0) {
    if (x >= load<i32>(lineFill + row * 4) && x <= load<i32>(lineFill + row * 4, FILL_RIGHT)) return;
  }
  blendLine(x, row, alpha);
}

/**
 * Blends columns x0 … x1 of a flat line in one row, where they show. The weight of a pixel is the error's highest byte,
 * exclusive or `flip`; the error is `error` at x0 and grows by `slope` to the right.
 */
// @ts-ignore: decorator
@inline function blendStretch(row: i32, x0: i32, x1: i32, error: u32, slope: u32, flip: i32): void {
  if (<u32>row >= <u32>PANEL_TOP) return;
  if (lineFill === 0) {
    blendRun(row, x0, x1, error, slope, flip);
    return;
  }
  const left = load<i32>(lineFill + row * 4);
  const right = load<i32>(lineFill + row * 4, FILL_RIGHT);
  if (x0 < left) blendRun(row, x0, min(x1, left - 1), error, slope, flip);
  if (x1 > right) {
    const from = max(x0, right + 1);
    blendRun(row, from, x1, error + slope * (from - x0), slope, flip);
  }
}

/** The same, everywhere: four pixels at a time. */
function blendRun(row: i32, x0: i32, x1: i32, error: u32, slope: u32, flip: i32): void {
  if (x0 > x1) return;
  const color = lineColor;
  const pixel = i16x8.extend_low_i8x16_u(i32x4.splat(lineRgb));
  const slopes = i32x4.mul(i32x4.splat(slope), i32x4(0, 1, 2, 3));
  const zero = i32x4.splat(0);
  const one = i32x4.splat(1);
  const whole = i16x8.splat(256);
  const flips = i32x4.splat(flip);
  const j: i32 = load<u8>(BAND_OF + row);
  const r = row - bandStart(j);
  const lastCell: i32 = load<u8>(CELL_OF + x1);
  for (let w: i32 = load<u8>(CELL_OF + x0); w <= lastCell; w++) {
    const cell: u32 = load<u8>(cellAt(j, w));
    if (cell === color) continue;
    const block = cell === MIXED ? blockOf(j, w) : mix(j, w, cell);
    const entry: u32 = load<u8>(block + r);
    if (entry === color) continue;
    const pixels = entry === PIXELS ? block + ROWS + r * ROW_SIZE : expand(block, r, w, entry);
    const end = cellStart(w + 1) - 1;
    const from: i32 = load<u8>(LANE_OF + max(x0, cellStart(w)));
    const to: i32 = load<u8>(LANE_OF + min(x1, end));
    for (let lane = from & ~3; lane <= to; lane += 4) {
      const at = pixels + lane * 4;
      const base = error + slope * (end - LANES + 1 + lane - x0);
      const weight = v128.xor(i32x4.shr_u(i32x4.add(i32x4.splat(base), slopes), 24), flips);
      const shown = v128.and(v128.load(FROM_LANE + from * 48 + lane * 4), v128.load(UP_TO_LANE + to * 48 + lane * 4));
      const alpha = v128.and(i32x4.max_s(i32x4.sub(weight, one), zero), shown);
      const under = v128.load(at);
      const a = i8x16.shuffle(alpha, zero, 0, 16, 0, 16, 0, 16, 0, 16, 4, 16, 4, 16, 4, 16, 4, 16);
      const b = i8x16.shuffle(alpha, zero, 8, 16, 8, 16, 8, 16, 8, 16, 12, 16, 12, 16, 12, 16, 12, 16);
      const low = i16x8.add(i16x8.mul(i16x8.extend_low_i8x16_u(under), i16x8.sub(whole, a)), i16x8.mul(pixel, a));
      const high = i16x8.add(i16x8.mul(i16x8.extend_high_i8x16_u(under), i16x8.sub(whole, b)), i16x8.mul(pixel, b));
      v128.store(at, i8x16.narrow_i16x8_u(i16x8.shr_u(low, 8), i16x8.shr_u(high, 8)));
    }
    if (to === LANES - 1) store<u8>(block + r + TAILS, PIXELS as u8);
  }
}

// ---------------------------------------------------------------------------------------------- pygame.draw

/** `draw_fillpoly` of up to 8 vertices. */
export function polygon(count: i32, rgb: u32): void {
  paintQuads();
  const color = colorIndex(rgb);
  let top = pointY(0);
  let bottom = top;
  for (let i = 1; i < count; i++) {
    top = min(top, pointY(i));
    bottom = max(bottom, pointY(i));
  }
  if (top === bottom) {
    let left = pointX(0);
    let right = left;
    for (let i = 1; i < count; i++) {
      left = min(left, pointX(i));
      right = max(right, pointX(i));
    }
    paintSpan(rowOf(top), left, right, color);
    return;
  }
  const first = max(flipped ? top : HEIGHT - 1 - bottom, 0);
  const last = min(flipped ? bottom : HEIGHT - 1 - top, rowLimit() - 1);
  if (first <= last) polygonRows(count, color, bottom, first, last);
  // Level edges between the highest and the lowest row are drawn by themselves.
  for (let i = 0, k = count - 1; i < count; k = i++) {
    const y = pointY(i);
    if (top < y && y < bottom && pointY(k) === y) paintSpan(rowOf(y), pointX(i), pointX(k), color);
  }
}

function polygonRows(count: i32, color: u32, bottom: i32, first: i32, last: i32): void {
  memory.fill(CROSSING_COUNT + first, 0, last - first + 1);
  const lowY = rowOf(flipped ? first : last);
  const highY = rowOf(flipped ? last : first);
  for (let i = 0, k = count - 1; i < count; k = i++) {
    const upper = pointY(k) < pointY(i) ? k : i;
    const lower = upper === k ? i : k;
    const y1 = pointY(upper);
    const y2 = pointY(lower);
    if (y1 === y2) continue;
    const x1 = pointX(upper);
    const dx = pointX(lower) - x1;
    const height = <f32>(y2 - y1);
    const to = min(y2 === bottom ? y2 : y2 - 1, highY);
    for (let y = max(y1, lowY); y <= to; y++) {
      const row = rowOf(y);
      const known: i32 = load<u8>(CROSSING_COUNT + row);
      const offset = <f32>((y - y1) * dx) / height;
      // The first crossing of a row is rounded down, the next one up, in the order of the edges.
      addCrossing(CROSSINGS + row * 32, known, x1 + <i32>(known & 1 ? ceil<f32>(offset) : floor<f32>(offset)));
      store<u8>(CROSSING_COUNT + row, (known + 1) as u8);
    }
  }
  let simple = true;
  for (let row = first; row <= last; row++) {
    const x0 = load<i32>(CROSSINGS + row * 32);
    const x1 = load<i32>(CROSSINGS + row * 32, 4);
    if (load<u8>(CROSSING_COUNT + row) !== 2) simple = false;
    store<i32>(FILLS + row * 4, x0);
    store<i32>(FILLS + row * 4, x1, FILL_RIGHT);
  }
  if (simple) {
    paintRows(FILLS, first, last, color);
    return;
  }
  for (let row = first; row <= last; row++) {
    const crossings: i32 = load<u8>(CROSSING_COUNT + row);
    for (let i = 0; i < crossings; i += 2) {
      paintSpan(row, load<i32>(CROSSINGS + row * 32 + i * 4), load<i32>(CROSSINGS + row * 32 + i * 4, 4), color);
    }
  }
}

/** `draw_line_width` of width 2 between two vertices. */
export function line(rgb: u32): void {
  paintQuads();
  const color = colorIndex(rgb);
  let x = pointX(0);
  let y = pointY(0);
  const x2 = pointX(1);
  const y2 = pointY(1);
  const dx = abs(x2 - x);
  const dy = abs(y2 - y);
  const steep = dx <= dy;
  const stepX = x2 > x ? 1 : -1;
  const stepY = y2 > y ? 1 : -1;
  let error = (dx > dy ? dx : -dy) / 2;
  for (;;) {
    paintSpan(rowOf(y), x, steep ? x + 1 : x, color);
    if (!steep) paintSpan(rowOf(y + 1), x, x, color);
    if (steep ? y === y2 : x === x2) return;
    const before = error;
    if (before > -dx) {
      error -= dy;
      x += stepX;
    }
    if (before < dy) {
      error += dx;
      y += stepY;
    }
  }
}

/**
 * White text on black from TEXT, `width` columns of grey in 46 rows. On a black panel the blocks of the last picture
 * serve again as long as the text is the same.
 */
export function text(width: i32, column: i32, row: i32, changed: bool): void {
  const black = colorIndex(0);
  if (changed) textReady = false;
  const w0: i32 = load<u8>(CELL_OF + max(column, 0));
  const w1: i32 = load<u8>(CELL_OF + min(column + width, WIDTH) - 1);
  const j0: i32 = load<u8>(BAND_OF + row);
  const j1: i32 = load<u8>(BAND_OF + row + TEXT_HEIGHT - 1);
  let keeps = w1 - w0 < TEXT_CELLS && j1 - j0 < TEXT_BANDS;
  for (let j = j0; j <= j1; j++) {
    for (let w = w0; w <= w1; w++) {
      if (<u32>load<u8>(cellAt(j, w)) !== black) keeps = false;
    }
  }
  if (keeps) {
    for (let j = j0; j <= j1; j++) {
      for (let w = w0; w <= w1; w++) {
        store<u16>(BLOCK_OF + (j * GRID + w) * 2, ((j - j0) * TEXT_CELLS + w - w0 + 1) as u16);
        if (textReady) store<u8>(cellAt(j, w), MIXED as u8);
        else mix(j, w, black);
      }
    }
    if (textReady) return;
    textReady = true;
  } else {
    textReady = false;
  }
  for (let y = 0; y < TEXT_HEIGHT; y++) {
    for (let x = max(0, -column); x < min(width, WIDTH - column); x++) {
      const grey: u32 = load<u8>(TEXT + y * width + x);
      if (keeps && grey === 0) continue;
      // 256 is no palette entry: the pixel is written whatever colour lies under it.
      blend(column + x, row + y, 256, grey * 0x010101, 255);
    }
  }
}

// ---------------------------------------------------------------------------------------------- shrinking

/** Whole columns of a row with pixels, and the last one's share: four 32-bit lanes. */
// @ts-ignore: decorator
@inline function pixelSum(row: usize, w: i32): v128 {
  const a = v128.load(row);
  const b = v128.load(row, 16);
  const c = v128.load(row, 32);
  const end = i16x8.extend_high_i8x16_u(c);
  let sum = i16x8.add(i16x8.extend_low_i8x16_u(a), i16x8.extend_high_i8x16_u(a));
  sum = i16x8.add(sum, i16x8.add(i16x8.extend_low_i8x16_u(b), i16x8.extend_high_i8x16_u(b)));
  sum = i16x8.add(sum, i16x8.extend_low_i8x16_u(c));
  const whole = i32x4.add(
    i32x4.add(i32x4.extend_low_i16x8_u(sum), i32x4.extend_high_i16x8_u(sum)),
    i32x4.extend_low_i16x8_u(end),
  );
  return i32x4.add(whole, share(i32x4.extend_high_i16x8_u(end), load<i32>(LAST_WEIGHT_X + w * 4)));
}

/** One pixel of the observation whose window is not uniform, into LINE; the value of its last row into LAST_ROW. */
function shrinkCell(j: i32, w: i32): void {
  const at = cellAt(j, w);
  const cell: u32 = load<u8>(at);
  const block = blockOf(j, w);
  const entries = cell === MIXED ? v128.load(block) : i8x16.splat(cell as i8);
  // Left of the first column there is nothing; its share is 0, so any colour does.
  const leftCell: u32 = w === 0 ? 1 : load<u8>(at - 1);
  const leftBlock = blockOf(j, w - 1);
  const tails = leftCell === MIXED ? v128.load(leftBlock, TAILS) : i8x16.splat(leftCell as i8);

  // Rows that begin a run: rows of equal entries and tails come to the same value, rows with pixels stand alone.
  const same = v128.and(
    i8x16.eq(entries, i8x16.shuffle(entries, entries, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)),
    i8x16.eq(tails, i8x16.shuffle(tails, tails, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)),
  );
  const own = i8x16.splat(PIXELS as i8);
  const alone = v128.or(i8x16.eq(entries, own), i8x16.eq(tails, own));
  const count = bandStart(j + 1) - bandStart(j);
  let begins = (i8x16.bitmask(v128.or(v128.not(same), alone)) | 1) & ((1 << count) - 1);

  let sum = share(widen(load<u32>(LAST_ROW + w * 4)), load<i32>(UPPER_WEIGHT_Y + j * 4));
  let value = i32x4.splat(0);
  for (;;) {
    const r = ctz(begins);
    begins &= begins - 1;
    let entry = cell;
    let tail = leftCell;
    if (cell === MIXED) entry = load<u8>(block + r);
    if (leftCell === MIXED) tail = load<u8>(leftBlock + r + TAILS);
    const whole =
      entry === PIXELS
        ? pixelSum(block + ROWS + r * ROW_SIZE, w)
        : v128.load(OWN_SUM + entry * UNIFORM_STRIDE + w * 16);
    const left =
      tail === PIXELS
        ? share(widen(load<u32>(leftBlock + ROWS + r * ROW_SIZE, 44)), load<i32>(LEFT_WEIGHT_X + w * 4))
        : v128.load(LEFT_SHARE + tail * UNIFORM_STRIDE + w * 16);
    value = mean(i32x4.add(whole, left), X_RECIPROCAL);
    if (begins === 0) {
      sum = i32x4.add(sum, i32x4.mul(value, i32x4.splat(count - 1 - r)));
      break;
    }
    sum = i32x4.add(sum, i32x4.mul(value, i32x4.splat(ctz(begins) - r)));
  }
  sum = i32x4.add(sum, share(value, load<i32>(LAST_WEIGHT_Y + j * 4)));
  store<u32>(LAST_ROW + w * 4, narrow(value));
  store<u32>(LINE + w * 4, narrow(mean(sum, Y_RECIPROCAL)));
}

/** The observation of the painted picture into OBSERVATION. */
export function observe(): void {
  memory.fill(LAST_ROW, 0, GRID * 4);
  memory.copy(CELLS + 16, cellAt(0, 0), GRID);
  store<u8>(cellAt(-1, -1), load<u8>(cellAt(0, 0)));
  let out = OBSERVATION;
  for (let j = 0; j < GRID; j++) {
    store<u8>(cellAt(j, -1), load<u8>(cellAt(j, 0)));
    for (let w = 0; w < GRID; w += 16) {
      const at = cellAt(j, w);
      const here = v128.load(at);
      const uniform = v128.and(
        v128.and(i8x16.eq(here, v128.load(at - 1)), i8x16.eq(here, v128.load(at - CELLS_STRIDE))),
        i8x16.eq(here, v128.load(at - CELLS_STRIDE - 1)),
      );
      let rest = i8x16.bitmask(v128.or(v128.not(uniform), i8x16.eq(here, i8x16.splat(MIXED as i8))));
      for (let i = 0; i < 16; i += 4) {
        const mask = (rest >> i) & 15;
        if (mask === 15) continue;
        if (mask === 0) {
          const table = <usize>load<u8>(at + i) * UNIFORM_STRIDE + (w + i) * 4;
          v128.store(LAST_ROW + (w + i) * 4, v128.load(ROW_VALUE + table));
          v128.store(LINE + (w + i) * 4, v128.load(CELL_VALUE + table + j * GRID * 4));
          continue;
        }
        for (let k = i; k < i + 4; k++) {
          if ((rest >> k) & 1) continue;
          const table = <usize>load<u8>(at + k) * UNIFORM_STRIDE + (w + k) * 4;
          store<u32>(LAST_ROW + (w + k) * 4, load<u32>(ROW_VALUE + table));
          store<u32>(LINE + (w + k) * 4, load<u32>(CELL_VALUE + table + j * GRID * 4));
        }
      }
      for (; rest !== 0; rest &= rest - 1) shrinkCell(j, w + ctz(rest));
    }
    for (let w = 0; w < GRID; w += 4, out += 12) {
      const pixels = v128.load(LINE + w * 4);
      v128.store(out, i8x16.shuffle(pixels, pixels, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0));
    }
  }
}

/** One row of the surface as pixels, into VIDEO_ROW. */
function unpackRow(row: i32): void {
  const j: i32 = load<u8>(BAND_OF + row);
  const r = row - bandStart(j);
  for (let w = 0; w < GRID; w++) {
    // 12 pixels are stored for a cell of 10 or 11; the next cell overwrites what is too much.
    const start = cellStart(w);
    const to = VIDEO_ROW + start * 4;
    const cell: u32 = load<u8>(cellAt(j, w));
    const block = blockOf(j, w);
    const entry: u32 = cell === MIXED ? load<u8>(block + r) : cell;
    if (entry === PIXELS) {
      const from = block + ROWS + r * ROW_SIZE + (LANES - cellStart(w + 1) + start) * 4;
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
    } else {
      const pixels = i32x4.splat(load<u32>(PALETTE + entry * 4));
      v128.store(to, pixels);
      v128.store(to, pixels, 16);
      v128.store(to, pixels, 32);
    }
  }
}

/** The 600×400 picture into VIDEO. Its windows are 5/3 columns wide, and two whole rows high. */
export function video(): void {
  let out = VIDEO;
  for (let row = 0; row < HEIGHT; row++) {
    unpackRow(row);
    let at = 0;
    let share0 = i32x4.splat(0);
    for (let i = 0; i < VIDEO_WIDTH; i++) {
      const last: i32 = load<u16>(VIDEO_LAST + i * 2);
      let sum = share0;
      for (; at < last; at++) sum = i32x4.add(sum, widen(load<u32>(VIDEO_ROW + at * 4)));
      const edge = widen(load<u32>(VIDEO_ROW + at++ * 4));
      const weight = load<i32>(VIDEO_WEIGHT + i * 4);
      sum = i32x4.add(sum, share(edge, weight));
      share0 = share(edge, 0x4000 - weight);
      const pixel = narrow(mean(sum, VIDEO_X_RECIPROCAL));
      if ((row & 1) === 0) {
        store<u32>(VIDEO_NARROW + i * 4, pixel);
        continue;
      }
      const mean2 = i32x4.shr_u(i32x4.add(widen(load<u32>(VIDEO_NARROW + i * 4)), widen(pixel)), 1);
      store<u32>(out, narrow(mean2));
      out += 3;
    }
  }
}
