/** The cells of the raster: their palette, and how runs, single pixels and fills are painted into them. */
import {
  BAND_OF,
  BLOCKS,
  BLOCK_OF,
  BLOCK_SIZE,
  CELLS,
  CELLS_STRIDE,
  CELL_OF,
  CELL_VALUE,
  END_FULL,
  FILL_RIGHT,
  FIRST_FULL,
  GRID,
  HEIGHT,
  LANES,
  LANE_OF,
  LAST_WEIGHT_X,
  LAST_WEIGHT_Y,
  LEFT_SHARE,
  LEFT_WEIGHT_X,
  MAX_COLORS,
  MIXED,
  OWN_SUM,
  PALETTE,
  PANEL_TOP,
  PIXELS,
  ROWS,
  ROW_SIZE,
  ROW_VALUE,
  TAILS,
  TEXT_BLOCKS,
  UNIFORM_STRIDE,
  UPPER_WEIGHT_Y,
  WIDTH,
  X_RECIPROCAL,
  Y_RECIPROCAL,
  bandStart,
  cellAt,
  cellStart,
  mean,
  narrow,
  share,
  spanOf,
  widen,
} from "./raster-memory.as.ts";
import { forgetText } from "./raster-text.as.ts";

let colors: i32 = 0;
let blocks: u32 = TEXT_BLOCKS;
export let flipped: bool = false;

/** The palette's number of a colour (0xBBGGRR), with its tables made when it is new. */
export function colorIndex(rgb: u32): u32 {
  for (let i = 1; i <= colors; i++) {
    if (load<u32>(PALETTE + i * 4) === rgb) return i;
  }
  if (colors === MAX_COLORS) unreachable(); // a picture has some 20
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
export function fillCells(rgb: u32): void {
  // A picture may bring as many colours again as it finds; those of past episodes go when they take half the palette.
  if (colors > MAX_COLORS / 2) {
    colors = 0;
    forgetText();
  }
  const color = colorIndex(rgb);
  flipped = false;
  blocks = TEXT_BLOCKS;
  memory.fill(BLOCK_OF, 0, GRID * GRID * 2);
  memory.fill(CELLS, color as u8, CELLS_STRIDE * 97);
}

/** The picture is upside down from now on. */
export function flipCells(): void {
  flipped = true;
}

@inline
export function rowOf(y: i32): i32 {
  return flipped ? y : HEIGHT - 1 - y;
}
@inline
export function rowLimit(): i32 {
  return flipped ? HEIGHT : PANEL_TOP;
}

/** Block of a mixed cell. */
@inline
export function blockOf(j: i32, w: i32): usize {
  return BLOCKS + load<u16>(BLOCK_OF + (j * GRID + w) * 2) * BLOCK_SIZE;
}

/** Makes a uniform cell mixed, all rows still of its colour. */
export function mix(j: i32, w: i32, color: u32): usize {
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
@inline
function usedLanes(w: i32): usize {
  return spanOf(LANES - cellStart(w + 1) + cellStart(w), LANES - 1);
}

/** Gives a uniform row of a block pixels of its own. */
@inline
export function expand(block: usize, r: i32, w: i32, entry: u32): usize {
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

/** Paints columns x0 … x1, in either order, of a row of the finished picture, as far as they lie inside it. */
export function paintSpan(row: i32, x0: i32, x1: i32, color: u32): void {
  if (row < 0 || row >= rowLimit()) return;
  const j: i32 = load<u8>(BAND_OF + row);
  paintRun(j, row - bandStart(j), max(min(x0, x1), 0), min(max(x0, x1), WIDTH - 1), color);
}

/** Mixes `alpha` of 255 parts (255: all) of a colour into one pixel: `_putPixelAlpha`. */
@inline
export function blend(x: i32, row: i32, color: u32, rgb: u32, alpha: u32): void {
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
@inline
function columnsOf(at: usize, row: i32, from: i32, to: i32, none: i32): v128 {
  const rows = i32x4.add(i32x4.splat(row), i32x4(0, 1, 2, 3));
  const inside = v128.and(i32x4.ge_s(rows, i32x4.splat(from)), i32x4.le_s(rows, i32x4.splat(to)));
  return v128.bitselect(v128.load(at + row * 4), i32x4.splat(none), inside);
}

/** The least of four lanes. */
@inline
function leastOf(a: v128): i32 {
  const b = i32x4.min_s(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return min(i32x4.extract_lane(b, 0), i32x4.extract_lane(b, 1));
}
/** The greatest of four lanes. */
@inline
function greatestOf(a: v128): i32 {
  const b = i32x4.max_s(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return max(i32x4.extract_lane(b, 0), i32x4.extract_lane(b, 1));
}

/** Bounds of a fill in rows that it does not reach: the left one right of every column, the right one left of it. */
const FAR_RIGHT: i32 = 32767;
const FAR_LEFT: i32 = -32768;

/** Paints rows `first` … `last` of a fill; cells that it covers whole stay or become uniform. */
export function paintRows(fill: usize, first: i32, last: i32, color: u32): void {
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
@inline
function fillSpan(at: usize, base: i32, firstLane: i32): usize {
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
