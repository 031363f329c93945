/** `pygame.transform.smoothscale` of the painted picture: to the observation and to the 600×400 picture. */
import { blockOf } from "./raster-cells.as.ts";
import {
  BAND_OF,
  CELLS,
  CELLS_STRIDE,
  CELL_VALUE,
  GRID,
  HEIGHT,
  LANES,
  LAST_ROW,
  LAST_WEIGHT_X,
  LAST_WEIGHT_Y,
  LEFT_SHARE,
  LEFT_WEIGHT_X,
  LINE,
  MIXED,
  OBSERVATION,
  OWN_SUM,
  PALETTE,
  PIXELS,
  ROWS,
  ROW_SIZE,
  ROW_VALUE,
  SHRUNK,
  TAILS,
  UNIFORM_STRIDE,
  UPPER_WEIGHT_Y,
  VIDEO,
  VIDEO_LAST,
  VIDEO_NARROW,
  VIDEO_ROW,
  VIDEO_WEIGHT,
  VIDEO_WIDTH,
  VIDEO_X_RECIPROCAL,
  X_RECIPROCAL,
  Y_RECIPROCAL,
  bandStart,
  cellAt,
  cellStart,
  mean,
  narrow,
  share,
  widen,
} from "./raster-memory.as.ts";

/** Whole columns of a row with pixels, and the last one's share: four 32-bit lanes. */
@inline
function pixelSum(row: usize, lastWeight: v128): v128 {
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

  // Rows that begin a run: rows of equal entries and tails share one, a row with pixels has its own.
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

/** One pixel of the observation whose cell and left neighbour are of one colour each: all rows come to the same value. */
function shrinkEdge(j: i32, w: i32, above: usize, below: usize): void {
  const at = cellAt(j, w);
  const own = v128.load(OWN_SUM + <usize>load<u8>(at) * UNIFORM_STRIDE + w * 16);
  const left = v128.load(LEFT_SHARE + <usize>load<u8>(at - 1) * UNIFORM_STRIDE + w * 16);
  const value = mean(i32x4.add(own, left), X_RECIPROCAL);
  const whole = i32x4.mul(value, i32x4.splat(bandStart(j + 1) - bandStart(j) - 1));
  const upper = share(widen(load<u32>(above + w * 4)), load<i32>(UPPER_WEIGHT_Y + j * 4));
  const sum = i32x4.add(i32x4.add(upper, whole), share(value, load<i32>(LAST_WEIGHT_Y + j * 4)));
  store<u32>(below + w * 4, narrow(value));
  store<u32>(LINE + w * 4, narrow(mean(sum, Y_RECIPROCAL)));
}

/** Sixteen pixels of the observation whose windows are all of one colour. */
function copyUniform(color: u32, j: i32, w: i32, below: usize): void {
  const table = <usize>color * UNIFORM_STRIDE + w * 4;
  for (let i = 0; i < 64; i += 16) {
    v128.store(below + w * 4 + i, v128.load(ROW_VALUE + table + i));
    v128.store(LINE + w * 4 + i, v128.load(CELL_VALUE + table + j * GRID * 4 + i));
  }
}

/** The observation of the painted picture into OBSERVATION. */
export function observePicture(): void {
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
        copyUniform(load<u8>(at), j, w, below);
        continue;
      }
      // Most uniform windows are of one colour. All get its values first, then the others theirs.
      if (rest !== 0xffff) {
        const first: u32 = load<u8>(at + ctz(~rest));
        copyUniform(first, j, w, below);
        let others = ~rest & 0xffff & i8x16.bitmask(i8x16.ne(here, i8x16.splat(first as i8)));
        for (; others !== 0; others &= others - 1) {
          const i = ctz(others);
          const table = <usize>load<u8>(at + i) * UNIFORM_STRIDE + (w + i) * 4;
          store<u32>(below + (w + i) * 4, load<u32>(ROW_VALUE + table));
          store<u32>(LINE + (w + i) * 4, load<u32>(CELL_VALUE + table + j * GRID * 4));
        }
      }
      // Windows whose cell and left neighbour are of one colour each.
      const whole = i8x16.ne(i8x16.min_u(here, v128.load(at - 1)), i8x16.splat(MIXED as i8));
      let edges = rest & i8x16.bitmask(whole);
      rest ^= edges;
      for (; edges !== 0; edges &= edges - 1) shrinkEdge(j, w + ctz(edges), above, below);
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
    // 12 pixels are stored for a cell of 10 or 11; the next cell overwrites the surplus.
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
export function renderPicture(): void {
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
