/** SDL_gfx's `aapolygon` and `filled_polygon` of quads: road, kerbs and grass. */
import { colorIndex, paintRows, paintSpan } from "./raster-cells.as.ts";
import { setLine, smoothLine } from "./raster-lines.as.ts";
import {
  CROSSINGS,
  DOWN,
  FILLS,
  FILL_RIGHT,
  FILL_SIZE,
  HEIGHT,
  pointY,
  MAX_QUADS,
  PANEL_TOP,
  POINTS,
  QUADS,
  QUAD_SIZE,
  UP,
} from "./raster-memory.as.ts";

/** Number of quads that wait. */
let quads: i32 = 0;

/** Forgets the quads that wait. */
export function dropQuads(): void {
  quads = 0;
}

/** A 16.16 column to the nearest whole one, as the fill rounds. */
@inline
function roundFixed(a: i32): i32 {
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

@inline
function quadX(quad: usize, i: i32): i32 {
  return load<i32>(quad + i * 8);
}
@inline
function quadY(quad: usize, i: i32): i32 {
  return load<i32>(quad + i * 8, 4);
}

/** Number of times that a quad's outline changes between going up and going down: 2 if every row is crossed twice. */
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
export function paintQuads(): void {
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
  let fill: usize = 0;
  if (load<i32>(quad, QUAD_SIMPLE)) {
    fill = FILLS + (i & 3) * FILL_SIZE;
    const cover = coverOf(quad, i, count);
    if (cover !== 0) joinFill(fill, first, last, cover);
    paintRows(fill, first, last, color);
  }
  setLine(color, fill);
  for (let k = 0; k < 4; k++) {
    const next = (k + 1) & 3;
    smoothLine(quadX(quad, k), quadY(quad, k), quadX(quad, next), quadY(quad, next));
  }
  if (fill === 0) smoothFillAny(quad, first, last, color);
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
export function addCrossing(list: usize, count: i32, x: i32): void {
  let i = count;
  for (; i > 0 && load<i32>(list + i * 4 - 4) > x; i--) store<i32>(list + i * 4, load<i32>(list + i * 4 - 4));
  store<i32>(list + i * 4, x);
}
