/** The score's pixels in the panel. */
import { blockOf, colorIndex, expand, mix } from "./raster-cells.as.ts";
import {
  BAND_OF,
  BLOCK_OF,
  CELL_OF,
  GRID,
  LANES,
  MIXED,
  PIXELS,
  ROWS,
  ROW_SIZE,
  TAILS,
  TEXT,
  TEXT_BANDS,
  TEXT_CELLS,
  TEXT_HEIGHT,
  WIDTH,
  bandStart,
  cellAt,
  cellStart,
  spanOf,
} from "./raster-memory.as.ts";

/** The text blocks hold the present text. */
let textReady: bool = false;

/** Forgets the text's pixels, with the palette that they were of. */
export function forgetText(): void {
  textReady = false;
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
      // Pixels before a row's first, or after its last, are not shown.
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
