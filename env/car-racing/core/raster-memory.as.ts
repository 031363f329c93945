/**
 * The raster draws CarRacing's 1000×800 surface and shrinks it, without ever making the surface. Its oracle is the plain
 * surface of test/env/oracle; the two agree in every byte.
 *
 * The surface is a grid of 96×96 cells, one for each pixel of the observation: the columns (10 or 11) and rows (8 or 9)
 * whose last one closes that pixel's window in smoothscale. A cell is one of three things, from cheap to dear:
 *   - uniform: its byte in CELLS is a colour of the palette;
 *   - mixed (byte 0): it owns a block, with a palette entry for each of its rows;
 *   - a row of a block that is not uniform itself (entry PIXELS) has its pixels, 12 lanes of which the last 10 or 11 count.
 * Most of a picture stays uniform, is painted by the byte and shrunk by table. A row of a cell adds its last pixel to the
 * window right of it, so a block keeps that pixel as a palette entry too (the tail), if it is one.
 *
 * Rows here count from the top of the finished picture. The scene is painted before pygame flips it: until `flip` a
 * caller's row y is 799 - y, and rows from 700 on are not painted, since the panel will cover them.
 *
 * This file lays out the raster's memory and makes the tables of its axes. Of 7.7 MB a picture touches about 3.
 */
import { RASTER_AT } from "./layout.ts";

export const WIDTH: i32 = 1000;
export const HEIGHT: i32 = 800;
export const GRID: i32 = 96;
export const PANEL_TOP: i32 = 700;
/** The panel: the lowest eighth of the picture, which hides the scene there. */
export const PANEL_HEIGHT: i32 = HEIGHT - PANEL_TOP;

/** Byte of a mixed cell in CELLS. Colours of the palette count from 1. */
export const MIXED: u32 = 0;
/** Entry of a row with pixels of its own; tail of a row whose last pixel is in no palette. */
export const PIXELS: u32 = 255;
export const MAX_COLORS: i32 = 48;

export const LANES: i32 = 12;

// Tables of the two axes, made once by `init`.
export const CELL_OF: usize = RASTER_AT; // u8[1000]: cell of a column
export const LANE_OF: usize = CELL_OF + 1024; // u8[1000]: lane of a column in its cell
export const FIRST_FULL: usize = LANE_OF + 1024; // u8[1001]: first cell that begins at a column or right of it
export const END_FULL: usize = FIRST_FULL + 1024; // u8[1001]: one after the last cell that ends before a column
const CELL_START: usize = END_FULL + 1024; // u16[97]: first column of a cell
export const BAND_OF: usize = CELL_START + 256; // u8[800]: band (row of cells) of a row
const BAND_START: usize = BAND_OF + 1024; // u16[97]: first row of a band
export const LAST_WEIGHT_X: usize = BAND_START + 256; // i32[96]: share of a cell's last column in its own window, of 2^14
export const LEFT_WEIGHT_X: usize = LAST_WEIGHT_X + 384; // i32[96]: share of the column before a cell in its window
export const LAST_WEIGHT_Y: usize = LEFT_WEIGHT_X + 384;
export const UPPER_WEIGHT_Y: usize = LAST_WEIGHT_Y + 384;
const SPANS: usize = UPPER_WEIGHT_Y + 384; // 48 bytes for each of 12 first and 12 last lanes: all ones from the one to the other
export const VIDEO_LAST: usize = SPANS + 6912; // u16[600]: last column of a video pixel's window
export const VIDEO_WEIGHT: usize = VIDEO_LAST + 1216; // i32[600]: its share there

// Scratch of one polygon, by row.
export const DOWN: usize = VIDEO_WEIGHT + 2432; // i32[800]: where the chain of edges that goes down crosses, 16.16
export const UP: usize = DOWN + 3328; // i32[800]: the chain that goes up
export const FILLS: usize = UP + 3328; // i32[800] twice, for each of 4 polygons: first and last column of a row's fill
export const FILL_RIGHT: usize = 3328;
export const FILL_SIZE: usize = 6656;
export const CROSSINGS: usize = FILLS + 4 * FILL_SIZE; // i32[800][8]: of any polygon
export const CROSSING_COUNT: usize = CROSSINGS + 800 * 32; // u8[800]

export const SHRUNK: usize = CROSSING_COUNT + 1024; // u8[16] twice: entries and left tails of the cell that is shrunk
export const STEEP: usize = SHRUNK + 32; // of four rows of a steep line: i32[8] columns, i32[8] alphas

export const POINTS: usize = STEEP + 64; // i32[16]: a caller's vertices

// The palette, and the sums and pixels of a uniform cell of each colour.
export const PALETTE: usize = POINTS + 64; // u32[MAX_COLORS + 1]
const UNIFORM: usize = RASTER_AT + 131072;
export const OWN_SUM: usize = UNIFORM; // i32x4[96] a colour: whole columns and the last one's share
export const LEFT_SHARE: usize = UNIFORM + 1536; // i32x4[96] a colour: share of a left neighbour of this colour
export const ROW_VALUE: usize = UNIFORM + 3072; // u32[96] a colour: a row's pixel of an all-uniform window
export const CELL_VALUE: usize = UNIFORM + 3456; // u32[96][96] a colour: the observation's pixel
export const UNIFORM_STRIDE: usize = 40320;

export const CELLS: usize = UNIFORM + UNIFORM_STRIDE * 49; // u8[96] a band, after a band and a column of padding
export const CELLS_STRIDE: usize = 112;
export const BLOCK_OF: usize = CELLS + CELLS_STRIDE * 97; // u16[96 * 96]: block of a cell, 0 for none yet
export const LAST_ROW: usize = BLOCK_OF + 18432; // u32[2][96]: values of the last row of a band, for even and odd bands
export const LINE: usize = LAST_ROW + 768; // u32[96]: a row of the observation
export const OBSERVATION: usize = LINE + 448; // 27,648 bytes
export const TEXT: usize = OBSERVATION + 27712; // grey values of the score
export const VIDEO_ROW: usize = TEXT + 46 * 640; // u32[1000 + 12]
export const VIDEO_NARROW: usize = VIDEO_ROW + 4096; // u32[600] of the upper of two rows
export const VIDEO: usize = VIDEO_NARROW + 2432; // 720,000 bytes
export const VIDEO_BYTES: i32 = 720000;

// Quads that wait: 4 vertices, colour, first and last row of the fill, 1 if every row is crossed twice.
export const QUADS: usize = VIDEO + 720064;
export const QUAD_SIZE: usize = 48;
export const MAX_QUADS: i32 = 256;

/** Blocks that keep the score's pixels from frame to frame: 12 columns by 7 bands of cells. */
export const TEXT_HEIGHT: i32 = 46;
export const TEXT_CELLS: i32 = 12;
export const TEXT_BANDS: i32 = 7;
export const TEXT_BLOCKS: u32 = 84;

// A block: 16 entries, 16 tails, then 9 rows of 12 lanes.
export const BLOCKS: usize = (QUADS + <usize>MAX_QUADS * QUAD_SIZE + 63) & ~63;
export const BLOCK_SIZE: usize = 512;
export const TAILS: usize = 16;
export const ROWS: usize = 32;
export const ROW_SIZE: usize = 48;
/** The score's glyphs, unpacked: 736 grey values of each of 11. */
export const GLYPHS: usize = BLOCKS + <usize>(GRID * GRID + TEXT_BLOCKS + 1) * BLOCK_SIZE;
export const GLYPH_SIZE: usize = 736;
export const END: usize = GLYPHS + 11 * GLYPH_SIZE;

export const X_RECIPROCAL: i32 = 6291;
export const Y_RECIPROCAL: i32 = 7864;
export const VIDEO_WIDTH: i32 = 600;
export const VIDEO_X_RECIPROCAL: i32 = 39322;

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

/** Fills the raster's tables. Call it once, before anything else of the raster. */
export function initRaster(): void {
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

@inline
export function cellStart(w: i32): i32 {
  return load<u16>(CELL_START + w * 2);
}
@inline
export function bandStart(j: i32): i32 {
  return load<u16>(BAND_START + j * 2);
}
@inline
export function cellAt(j: i32, w: i32): usize {
  return CELLS + CELLS_STRIDE + 16 + j * CELLS_STRIDE + w;
}

/** Address of a mask of lanes `from` … `to`. */
@inline
export function spanOf(from: i32, to: i32): usize {
  return SPANS + (from * LANES + to) * 48;
}

/** RGBX bytes to four 32-bit lanes. */
@inline
export function widen(pixel: u32): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(i32x4.splat(pixel)));
}
/** Four lanes of 0 … 255 to RGBX bytes. */
@inline
export function narrow(lanes: v128): u32 {
  const half = i16x8.narrow_i32x4_u(lanes, lanes);
  return i32x4.extract_lane(i8x16.narrow_i16x8_u(half, half), 0);
}
@inline
export function share(lanes: v128, weight: i32): v128 {
  return i32x4.shr_u(i32x4.mul(lanes, i32x4.splat(weight)), 14);
}
@inline
export function mean(sum: v128, reciprocal: i32): v128 {
  return i32x4.shr_u(i32x4.mul(sum, i32x4.splat(reciprocal)), 16);
}

/** A caller's vertices. */
@inline
export function pointX(i: i32): i32 {
  return load<i32>(POINTS + i * 8);
}
@inline
export function pointY(i: i32): i32 {
  return load<i32>(POINTS + i * 8 + 4);
}
