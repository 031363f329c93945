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
const SPANS: usize = UPPER_WEIGHT_Y + 384; // 48 bytes for each of 12 first and 12 last lanes: all ones from the one to the other
const VIDEO_LAST: usize = SPANS + 6912; // u16[600]: last column of a video pixel's window
const VIDEO_WEIGHT: usize = VIDEO_LAST + 1216; // i32[600]: its share there

// Scratch of one polygon, by row.
const DOWN: usize = VIDEO_WEIGHT + 2432; // i32[800]: where the chain of edges that goes down crosses, 16.16
const UP: usize = DOWN + 3328; // i32[800]: the chain that goes up
const FILLS: usize = UP + 3328; // i32[800] twice, for each of 4 polygons: first and last column of a row's fill
const FILL_RIGHT: usize = 3328;
const FILL_SIZE: usize = 6656;
const CROSSINGS: usize = FILLS + 4 * FILL_SIZE; // i32[800][8]: of any polygon
const CROSSING_COUNT: usize = CROSSINGS + 800 * 32; // u8[800]

const SHRUNK: usize = CROSSING_COUNT + 1024; // u8[16] twice: entries and left tails of the cell that is shrunk
const STEEP: usize = SHRUNK + 32; // of four rows of a steep line: i32[8] columns, i32[8] alphas

export const POINTS: usize = STEEP + 64; // i32[16]: a caller's vertices

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
const LAST_ROW: usize = BLOCK_OF + 18432; // u32[96] twice: what the last row of a band came to, of even and odd bands in turn
const LINE: usize = LAST_ROW + 768; // u32[96]: a row of the observation
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
  for (let from = 0; from < LANES; from++) {
    for (let to = from; to < LANES; to++) {
      for (let lane = from; lane <= to; lane++) store<i32>(spanOf(from, to) + lane * 4, -1);
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

/** Address of a mask of lanes `from` … `to`. */
// @ts-ignore: decorator
@inline function spanOf(from: i32, to: i32): usize {
  return SPANS + (from * LANES + to) * 48;
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
  return spanOf(LANES - cellStart(w + 1) + cellStart(w), LANES - 1);
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
    const span = spanOf(load<u8>(LANE_OF + max(x0, start)), load<u8>(LANE_OF + min(x1, end)));
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
    v128.store(row, v128.bitselect(pixels, a, v128.load(span)));
    v128.store(row, v128.bitselect(pixels, b, v128.load(span, 16)), 16);
    v128.store(row, v128.bitselect(pixels, c, v128.load(span, 32)), 32);
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

/** Four of a fill's columns, as they are in rows `from` … `to`, and `none` in the others. */
// @ts-ignore: decorator
@inline function columnsOf(at: usize, row: i32, from: i32, to: i32, none: i32): v128 {
  const rows = i32x4.add(i32x4.splat(row), i32x4(0, 1, 2, 3));
  const inside = v128.and(i32x4.ge_s(rows, i32x4.splat(from)), i32x4.le_s(rows, i32x4.splat(to)));
  return v128.bitselect(v128.load(at + row * 4), i32x4.splat(none), inside);
}

/** The least of four lanes. */
// @ts-ignore: decorator
@inline function leastOf(a: v128): i32 {
  const b = i32x4.min_s(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return min(i32x4.extract_lane(b, 0), i32x4.extract_lane(b, 1));
}
/** The greatest of four lanes. */
// @ts-ignore: decorator
@inline function greatestOf(a: v128): i32 {
  const b = i32x4.max_s(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return max(i32x4.extract_lane(b, 0), i32x4.extract_lane(b, 1));
}

/** Left of every column, and right of it: what a fill has in rows that it does not reach. */
const FAR_RIGHT: i32 = 32767;
const FAR_LEFT: i32 = -32768;

/** Paints rows `first` … `last` of a fill; cells that it covers whole stay or become uniform. */
function paintRows(fill: usize, first: i32, last: i32, color: u32): void {
  const lastBand: i32 = load<u8>(BAND_OF + last);
  for (let j: i32 = load<u8>(BAND_OF + first); j <= lastBand; j++) {
    const start = bandStart(j);
    const count = bandStart(j + 1) - start;
    const from = max(first, start);
    const to = min(last, start + count - 1);
    const l0 = columnsOf(fill, start, from, to, FAR_RIGHT);
    const l1 = columnsOf(fill, start + 4, from, to, FAR_RIGHT);
    const l2 = columnsOf(fill, start + 8, from, to, FAR_RIGHT);
    const r0 = columnsOf(fill + FILL_RIGHT, start, from, to, FAR_LEFT);
    const r1 = columnsOf(fill + FILL_RIGHT, start + 4, from, to, FAR_LEFT);
    const r2 = columnsOf(fill + FILL_RIGHT, start + 8, from, to, FAR_LEFT);
    // Columns that some row reaches.
    const left = max(leastOf(i32x4.min_s(i32x4.min_s(l0, l1), l2)), 0);
    const right = min(greatestOf(i32x4.max_s(i32x4.max_s(r0, r1), r2)), WIDTH - 1);
    if (left > right) continue;
    const w0: i32 = load<u8>(CELL_OF + left);
    const w1: i32 = load<u8>(CELL_OF + right);
    // Cells that all rows cover.
    let inner0 = w1 + 1;
    let inner1 = inner0;
    if (to - from === count - 1) {
      let innerLeft = max(greatestOf(i32x4.max_s(l0, l1)), 0);
      let innerRight = min(leastOf(i32x4.min_s(r0, r1)), WIDTH - 1);
      if (count > 8) {
        innerLeft = max(innerLeft, i32x4.extract_lane(l2, 0));
        innerRight = min(innerRight, i32x4.extract_lane(r2, 0));
      }
      if (innerLeft <= innerRight) {
        const firstFull: i32 = load<u8>(FIRST_FULL + innerLeft);
        const endFull: i32 = load<u8>(END_FULL + innerRight + 1);
        if (firstFull < endFull) {
          inner0 = firstFull;
          inner1 = endFull;
          memory.fill(cellAt(j, inner0), color as u8, inner1 - inner0);
        }
      }
    }
    const lefts = i16x8.narrow_i32x4_s(l0, l1);
    const lastLeft = i16x8.narrow_i32x4_s(l2, i32x4.splat(FAR_RIGHT));
    const rights = i16x8.narrow_i32x4_s(r0, r1);
    const lastRight = i16x8.narrow_i32x4_s(r2, i32x4.splat(FAR_LEFT));
    for (let w = w0; w <= w1; w++) {
      if (w === inner0) {
        w = inner1;
        if (w > w1) break;
      }
      paintCell(j, w, fill + start * 4, lefts, lastLeft, rights, lastRight, color);
    }
  }
}

/** The lanes of a cell that a row of a fill reaches. @param base column of lane 0 */
// @ts-ignore: decorator
@inline function fillSpan(at: usize, base: i32, firstLane: i32): usize {
  return spanOf(max(load<i32>(at) - base, firstLane), min(load<i32>(at, FILL_RIGHT) - base, LANES - 1));
}

/**
 * Paints one cell of a fill. Its rows are sorted all at once into those that the fill covers whole, in part and not at
 * all: a branch for each would be guessed wrong too often.
 * @param fill address of the band's first row in the fill
 * @param lefts first columns of the band's first eight rows, 16 bits each; those of the ninth follow in `lastLeft`
 */
function paintCell(
  j: i32, w: i32, fill: usize, lefts: v128, lastLeft: v128, rights: v128, lastRight: v128, color: u32,
): void {
  const cell: u32 = load<u8>(cellAt(j, w));
  if (cell === color) return;
  const start = cellStart(w);
  const end = cellStart(w + 1) - 1;
  const starts = i16x8.splat(start as i16);
  const ends = i16x8.splat(end as i16);
  const fromStart = i8x16.narrow_i16x8_s(i16x8.le_s(lefts, starts), i16x8.le_s(lastLeft, starts));
  const toEnd = i8x16.narrow_i16x8_s(i16x8.ge_s(rights, ends), i16x8.ge_s(lastRight, ends));
  const beforeEnd = i8x16.narrow_i16x8_s(i16x8.le_s(lefts, ends), i16x8.le_s(lastLeft, ends));
  const afterStart = i8x16.narrow_i16x8_s(i16x8.ge_s(rights, starts), i16x8.ge_s(lastRight, starts));
  const reached = v128.and(beforeEnd, afterStart);
  if (!v128.any_true(reached)) return;
  const whole = v128.and(fromStart, toEnd);
  const block = cell === MIXED ? blockOf(j, w) : mix(j, w, cell);
  const colors = i8x16.splat(color as i8);
  const entries = v128.load(block);
  const part = v128.andnot(v128.andnot(reached, whole), i8x16.eq(entries, colors));
  const parts = i8x16.bitmask(part);
  if (parts !== 0) {
    const base = end - LANES + 1;
    const firstLane = start - base;
    const pixels = i32x4.splat(load<u32>(PALETTE + color * 4));
    const used = v128.load(usedLanes(w));
    const own = parts & i8x16.bitmask(i8x16.eq(entries, i8x16.splat(PIXELS as i8)));
    for (let rest = parts & ~own; rest !== 0; rest &= rest - 1) {
      const r = ctz(rest);
      const row = block + ROWS + r * ROW_SIZE;
      const span = fillSpan(fill + r * 4, base, firstLane);
      const under = i32x4.splat(load<u32>(PALETTE + <u32>load<u8>(block + r) * 4));
      const change = v128.xor(under, pixels);
      v128.store(row, v128.xor(v128.and(under, used), v128.and(change, v128.load(span))));
      v128.store(row, v128.xor(under, v128.and(change, v128.load(span, 16))), 16);
      v128.store(row, v128.xor(under, v128.and(change, v128.load(span, 32))), 32);
    }
    for (let rest = own; rest !== 0; rest &= rest - 1) {
      const r = ctz(rest);
      const row = block + ROWS + r * ROW_SIZE;
      const span = fillSpan(fill + r * 4, base, firstLane);
      v128.store(row, v128.bitselect(pixels, v128.load(row), v128.load(span)));
      v128.store(row, v128.bitselect(pixels, v128.load(row, 16), v128.load(span, 16)), 16);
      v128.store(row, v128.bitselect(pixels, v128.load(row, 32), v128.load(span, 32)), 32);
    }
  }
  v128.store(block, v128.bitselect(colors, v128.or(entries, part), whole));
  v128.store(block + TAILS, v128.bitselect(colors, v128.load(block + TAILS), v128.and(beforeEnd, toEnd)));
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
    const from = max(y1, HEIGHT - 1 - last);
    const to = min(y2 - 1, HEIGHT - 1 - first);
    if (from <= to) {
      if (height < 2048) {
        // 65536 * n / height in two parts, so that the second is less than 2^22: there float32 divides well enough.
        const step = i32x4.splat(65536 / height);
        const rest = i32x4.splat(65536 % height);
        const divisor = f32x4.splat(<f32>height);
        for (let y = from; y <= to; y += 4) {
          const four = i32x4.add(i32x4.splat(y), i32x4(3, 2, 1, 0));
          const n = i32x4.sub(four, i32x4.splat(y1));
          const part = i32x4.trunc_sat_f32x4_s(f32x4.div(f32x4.convert_i32x4_s(i32x4.mul(n, rest)), divisor));
          const quotient = i32x4.add(i32x4.mul(n, step), part);
          const column = i32x4.add(i32x4.mul(quotient, i32x4.splat(dx)), i32x4.splat(65536 * x1));
          const at = chain + (HEIGHT - 4 - y) * 4;
          v128.store(at, v128.bitselect(column, v128.load(at), i32x4.le_s(four, i32x4.splat(to))));
        }
      } else {
        for (let y = from; y <= to; y++) {
          store<i32>(chain + (HEIGHT - 1 - y) * 4, ((65536 * (y - y1)) / height) * dx + 65536 * x1);
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
    for (; row >= endRow; row--) paintVisible(x, row);
    return;
  }
  if (dy === 0) {
    paintSpan(row, x, x + dx, lineColor);
    return;
  }
  const step = dx > 0 ? 1 : -1;
  dx = abs(dx);
  paintVisible(x1, HEIGHT - 1 - y1);
  // 16 bits of slope in the high half of a word that wraps around; on a diagonal it is 0 and counts as wrapped.
  let error: u32 = 0;
  if (dy > dx) {
    steepLine(x, row, endRow, step, (dx << 16) / dy);
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

/**
 * The rows above `row` and below `endRow` of a line that climbs: in the n-th, it has gone n * slope / 2^16 columns, and
 * what is left over splits its colour between that pixel and the next. Four rows at a time, of which most hide both.
 */
function steepLine(x: i32, row: i32, endRow: i32, step: i32, slope: i32): void {
  const zero = i32x4.splat(0);
  const one = i32x4.splat(1);
  const lastRow = min(row - 1, PANEL_TOP - 1);
  const steps = i32x4.splat(step);
  for (let top = endRow + 1; top <= lastRow; top += 4) {
    const rows = i32x4.add(i32x4.splat(top), i32x4(0, 1, 2, 3));
    const gone = i32x4.mul(i32x4.sub(i32x4.splat(row), rows), i32x4.splat(slope));
    const near = i32x4.add(i32x4.splat(x), i32x4.mul(i32x4.shr_u(gone, 16), steps));
    const far = i32x4.add(near, steps);
    const weight = v128.and(i32x4.shr_u(gone, 8), i32x4.splat(255));
    // `255 * weight >> 8`
    const farAlpha = i32x4.max_s(i32x4.sub(weight, one), zero);
    const nearAlpha = i32x4.max_s(i32x4.sub(i32x4.splat(254), weight), zero);
    const inside = i32x4.le_s(rows, i32x4.splat(lastRow));
    let showsNear = v128.and(inside, i32x4.gt_s(nearAlpha, zero));
    let showsFar = v128.and(v128.and(inside, i32x4.gt_s(farAlpha, zero)), i32x4.lt_u(far, i32x4.splat(WIDTH)));
    if (lineFill !== 0) {
      const left = v128.load(lineFill + top * 4);
      const right = v128.load(lineFill + top * 4, FILL_RIGHT);
      showsNear = v128.and(showsNear, v128.or(i32x4.lt_s(near, left), i32x4.gt_s(near, right)));
      showsFar = v128.and(showsFar, v128.or(i32x4.lt_s(far, left), i32x4.gt_s(far, right)));
    }
    let shows = i32x4.bitmask(showsNear) | (i32x4.bitmask(showsFar) << 4);
    if (shows === 0) continue;
    v128.store(STEEP, near);
    v128.store(STEEP, far, 16);
    v128.store(STEEP, nearAlpha, 32);
    v128.store(STEEP, farAlpha, 48);
    for (; shows !== 0; shows &= shows - 1) {
      const i = ctz(shows);
      blend(load<i32>(STEEP + i * 4), top + (i & 3), lineColor, lineRgb, load<i32>(STEEP + i * 4, 32));
    }
  }
}

/** Paints one pixel of a line, where it shows. */
function paintVisible(x: i32, row: i32): void {
  if (row >= PANEL_TOP) return;
  if (lineFill !== 0) {
    if (x >= load<i32>(lineFill + row * 4) && x <= load<i32>(lineFill + row * 4, FILL_RIGHT)) return;
  }
  blend(x, row, lineColor, lineRgb, 255);
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
      const shown = v128.load(spanOf(from, to) + lane * 4);
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
  if (first > last) return;
  if (count === 4 && pointX(0) === pointX(3) && pointX(1) === pointX(2) && pointY(0) === pointY(1) && pointY(2) === pointY(3)) {
    for (let row = first; row <= last; row++) {
      store<i32>(FILLS + row * 4, min(pointX(0), pointX(1)));
      store<i32>(FILLS + row * 4, max(pointX(0), pointX(1)), FILL_RIGHT);
    }
    paintRows(FILLS, first, last, color);
    return;
  }
  polygonRows(count, color, bottom, first, last);
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
  const zero = i32x4.splat(0);
  for (let w = w0; w <= w1; w++) {
    const start = cellStart(w);
    const base = cellStart(w + 1) - LANES;
    const from = max(start, column) - base;
    const to = min(base + LANES, column + width) - 1 - base;
    const span = spanOf(from, to);
    const shown = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(v128.load(span), v128.load(span, 16)),
      i16x8.narrow_i32x4_s(v128.load(span, 32), zero),
    );
    for (let y = 0; y < TEXT_HEIGHT; y++) {
      // What lies before a row's first pixel, or after its last, is not shown.
      const grey = v128.and(v128.load(TEXT + y * width + (base - column)), shown);
      if (keeps && !v128.any_true(grey)) continue;
      const j: i32 = load<u8>(BAND_OF + row + y);
      const r = row + y - bandStart(j);
      const cell: u32 = load<u8>(cellAt(j, w));
      const block = cell === MIXED ? blockOf(j, w) : mix(j, w, cell);
      const entry: u32 = load<u8>(block + r);
      const at = entry === PIXELS ? block + ROWS + r * ROW_SIZE : expand(block, r, w, entry);
      const a = i8x16.shuffle(grey, zero, 0, 0, 0, 16, 1, 1, 1, 16, 2, 2, 2, 16, 3, 3, 3, 16);
      const b = i8x16.shuffle(grey, zero, 4, 4, 4, 16, 5, 5, 5, 16, 6, 6, 6, 16, 7, 7, 7, 16);
      const c = i8x16.shuffle(grey, zero, 8, 8, 8, 16, 9, 9, 9, 16, 10, 10, 10, 16, 11, 11, 11, 16);
      v128.store(at, v128.bitselect(a, v128.load(at), v128.load(span)));
      v128.store(at, v128.bitselect(b, v128.load(at, 16), v128.load(span, 16)), 16);
      v128.store(at, v128.bitselect(c, v128.load(at, 32), v128.load(span, 32)), 32);
      if (to === LANES - 1) store<u8>(block + r + TAILS, PIXELS as u8);
    }
  }
}

// ---------------------------------------------------------------------------------------------- shrinking

/** Whole columns of a row with pixels, and the last one's share: four 32-bit lanes. */
// @ts-ignore: decorator
@inline function pixelSum(row: usize, lastWeight: v128): v128 {
  const a = v128.load(row);
  const b = v128.load(row, 16);
  const c = v128.load(row, 32);
  const end = i16x8.extend_high_i8x16_u(c);
  let sum = i16x8.add(i16x8.extend_low_i8x16_u(a), i16x8.extend_high_i8x16_u(a));
  sum = i16x8.add(sum, i16x8.add(i16x8.extend_low_i8x16_u(b), i16x8.extend_high_i8x16_u(b)));
  sum = i16x8.add(sum, i16x8.extend_low_i8x16_u(c));
  sum = i16x8.add(sum, i8x16.shuffle(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
  const whole = i32x4.extend_low_i16x8_u(i16x8.add(sum, end));
  return i32x4.add(whole, i32x4.shr_u(i32x4.mul(i32x4.extend_high_i16x8_u(end), lastWeight), 14));
}

/** One pixel of the observation whose window is not uniform, into LINE; the value of its last row into LAST_ROW. */
function shrinkCell(j: i32, w: i32, above: usize, below: usize): void {
  const at = cellAt(j, w);
  const cell: u32 = load<u8>(at);
  const block = blockOf(j, w);
  const entries = cell === MIXED ? v128.load(block) : i8x16.splat(cell as i8);
  // Left of the first column there is nothing; its share is 0, so any colour does.
  const leftCell: u32 = w === 0 ? 1 : load<u8>(at - 1);
  const leftBlock = blockOf(j, w - 1);
  const tails = leftCell === MIXED ? v128.load(leftBlock, TAILS) : i8x16.splat(leftCell as i8);
  v128.store(SHRUNK, entries);
  v128.store(SHRUNK, tails, 16);

  // Rows that begin a run: rows of equal entries and tails come to the same value, rows with pixels stand alone.
  const same = v128.and(
    i8x16.eq(entries, i8x16.shuffle(entries, entries, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)),
    i8x16.eq(tails, i8x16.shuffle(tails, tails, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)),
  );
  const own = i8x16.splat(PIXELS as i8);
  const ownEntry = i8x16.eq(entries, own);
  const alone = v128.or(ownEntry, i8x16.eq(tails, own));
  const count = bandStart(j + 1) - bandStart(j);
  const rows = (1 << count) - 1;
  const pixelRows = i8x16.bitmask(ownEntry) & rows;
  let begins = (i8x16.bitmask(v128.or(v128.not(same), alone)) | 1) & rows;
  let runs = begins & ~pixelRows;
  begins |= 1 << count;

  const leftWeight = i32x4.splat(load<i32>(LEFT_WEIGHT_X + w * 4));
  const tailPixels = leftBlock + ROWS + 44;
  let sum = share(widen(load<u32>(above + w * 4)), load<i32>(UPPER_WEIGHT_Y + j * 4));
  let value = i32x4.splat(0);
  for (; runs !== 0; runs &= runs - 1) {
    const r = ctz(runs);
    const entry: u32 = load<u8>(SHRUNK + r);
    const tail: u32 = load<u8>(SHRUNK + r, 16);
    const last = widen(load<u32>(tail === PIXELS ? tailPixels + r * ROW_SIZE : PALETTE + tail * 4));
    const whole = v128.load(OWN_SUM + entry * UNIFORM_STRIDE + w * 16);
    value = mean(i32x4.add(whole, i32x4.shr_u(i32x4.mul(last, leftWeight), 14)), X_RECIPROCAL);
    sum = i32x4.add(sum, i32x4.mul(value, i32x4.splat(ctz(begins & (-2 << r)) - r)));
  }
  if (pixelRows !== 0) {
    const lastWeight = i32x4.splat(load<i32>(LAST_WEIGHT_X + w * 4));
    let last = value;
    for (let rest = pixelRows; rest !== 0; rest &= rest - 1) {
      const r = ctz(rest);
      const tail: u32 = load<u8>(SHRUNK + r, 16);
      const left = widen(load<u32>(tail === PIXELS ? tailPixels + r * ROW_SIZE : PALETTE + tail * 4));
      const whole = pixelSum(block + ROWS + r * ROW_SIZE, lastWeight);
      last = mean(i32x4.add(whole, i32x4.shr_u(i32x4.mul(left, leftWeight), 14)), X_RECIPROCAL);
      sum = i32x4.add(sum, last);
    }
    value = v128.bitselect(last, value, i32x4.splat(-(pixelRows >> (count - 1))));
  }
  // The last row counts by its share.
  sum = i32x4.add(i32x4.sub(sum, value), share(value, load<i32>(LAST_WEIGHT_Y + j * 4)));
  store<u32>(below + w * 4, narrow(value));
  store<u32>(LINE + w * 4, narrow(mean(sum, Y_RECIPROCAL)));
}

/** The observation of the painted picture into OBSERVATION. */
export function observe(): void {
  memory.fill(LAST_ROW, 0, GRID * 8);
  memory.copy(CELLS + 16, cellAt(0, 0), GRID);
  store<u8>(cellAt(-1, -1), load<u8>(cellAt(0, 0)));
  let out = OBSERVATION;
  for (let j = 0; j < GRID; j++) {
    store<u8>(cellAt(j, -1), load<u8>(cellAt(j, 0)));
    const above = LAST_ROW + (j & 1) * 384;
    const below = LAST_ROW + (~j & 1) * 384;
    for (let w = 0; w < GRID; w += 16) {
      const at = cellAt(j, w);
      const here = v128.load(at);
      const uniform = v128.and(
        v128.and(i8x16.eq(here, v128.load(at - 1)), i8x16.eq(here, v128.load(at - CELLS_STRIDE))),
        i8x16.eq(here, v128.load(at - CELLS_STRIDE - 1)),
      );
      let rest = i8x16.bitmask(v128.or(v128.not(uniform), i8x16.eq(here, i8x16.splat(MIXED as i8))));
      if (rest === 0) {
        const table = <usize>load<u8>(at) * UNIFORM_STRIDE + w * 4;
        for (let i = 0; i < 64; i += 16) {
          v128.store(below + w * 4 + i, v128.load(ROW_VALUE + table + i));
          v128.store(LINE + w * 4 + i, v128.load(CELL_VALUE + table + j * GRID * 4 + i));
        }
        continue;
      }
      // Windows that are not uniform get any values first.
      for (let i = 0; i < 16; i++) {
        const table = <usize>load<u8>(at + i) * UNIFORM_STRIDE + (w + i) * 4;
        store<u32>(below + (w + i) * 4, load<u32>(ROW_VALUE + table));
        store<u32>(LINE + (w + i) * 4, load<u32>(CELL_VALUE + table + j * GRID * 4));
      }
      for (; rest !== 0; rest &= rest - 1) shrinkCell(j, w + ctz(rest), above, below);
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
