/** `pygame.draw`: polygons of the car and the panel, and skid marks. */
import { colorIndex, flipped, paintRows, paintSpan, rowLimit, rowOf } from "./raster-cells.as.ts";
import { CROSSINGS, CROSSING_COUNT, FILLS, FILL_RIGHT, HEIGHT, pointX, pointY } from "./raster-memory.as.ts";
import { addCrossing, paintQuads } from "./raster-quads.as.ts";

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
