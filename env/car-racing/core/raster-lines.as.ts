/** SDL_gfx's anti-aliased lines, the outlines of quads. */
import { blend, blockOf, expand, mix, paintSpan } from "./raster-cells.as.ts";
import {
  BAND_OF,
  CELL_OF,
  FILL_RIGHT,
  HEIGHT,
  LANES,
  LANE_OF,
  MIXED,
  PALETTE,
  PANEL_TOP,
  PIXELS,
  ROWS,
  ROW_SIZE,
  STEEP,
  TAILS,
  WIDTH,
  bandStart,
  cellAt,
  cellStart,
  spanOf,
} from "./raster-memory.as.ts";

// The line that is drawn: its colour, and its polygon's fill, which hides it. Without a fill that is 0.
let lineColor: u32 = 0;
let lineRgb: u32 = 0;
let lineFill: usize = 0;

/** The next lines are of a colour of the palette; those pixels of them that lie in a fill are hidden. */
export function setLine(color: u32, fill: usize): void {
  lineColor = color;
  lineRgb = load<u32>(PALETTE + color * 4);
  lineFill = fill;
}

@inline
function clipCode(x: i32, y: i32): i32 {
  return (x < 0 ? 1 : x >= WIDTH ? 2 : 0) | (y < 0 ? 4 : y >= HEIGHT ? 8 : 0);
}

/** `_aalineColor` without its end point, clipped by `_clipLine`; pixels of the polygon's own fill are left out. */
export function smoothLine(x1: i32, y1: i32, x2: i32, y2: i32): void {
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
 * what is left over splits its colour between that pixel and the next. Four rows at a time; most hide both.
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
@inline
function blendStretch(row: i32, x0: i32, x1: i32, error: u32, slope: u32, flip: i32): void {
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
