/**
 * The plain canvas: a 1000×800 surface of pixels, drawn on as SDL_gfx 2.0 and pygame-ce 2.5.8 do, in straightforward
 * TypeScript. It is the oracle of the core's raster.
 */
import { SURFACE_HEIGHT, SURFACE_WIDTH } from "./camera.ts";
import { type Canvas, type Color, MAX_VERTICES, rgb, type ScoreBitmap, TEXT_HEIGHT } from "./canvas.ts";
import { smoothscale } from "./smoothscale.ts";

const RIGHT = SURFACE_WIDTH - 1;
const BOTTOM = SURFACE_HEIGHT - 1;

export class PlainSurface implements Canvas {
  readonly points = new Int32Array(MAX_VERTICES * 2);
  /** A `Color` each, row-major. */
  readonly pixels = new Uint32Array(SURFACE_WIDTH * SURFACE_HEIGHT);

  fill(color: Color): void {
    this.pixels.fill(color);
  }

  smoothQuad(color: Color): void {
    const p = this.points;
    for (let i = 0; i < 8; i += 2) {
      const j = (i + 2) % 8;
      this.smoothLine(p[i], p[i + 1], p[j], p[j + 1], color);
    }
    this.smoothFill(4, color);
  }

  /** `_aalineColor` without its end point: Wu's line, each step split between two pixels. */
  private smoothLine(ax: number, ay: number, bx: number, by: number, color: Color): void {
    const ends = clipLine(ax, ay, bx, by);
    if (!ends) return;
    const [x1, y1, x2, y2] = ends;
    let [x, y, endX, endY] = y1 > y2 ? [x2, y2, x1, y1] : ends;
    let dx = endX - x;
    let dy = endY - y;
    if (dx === 0) {
      for (; y <= endY; y++) this.pixels[y * SURFACE_WIDTH + x] = color;
      return;
    }
    if (dy === 0) {
      this.span(x, endX, y, color);
      return;
    }
    const step = Math.sign(dx);
    dx = Math.abs(dx);
    this.blend(x1, y1, color, 255);
    // 16 bits of slope in the high half of a word that wraps around; on a diagonal it is 0 and counts as wrapped.
    const slope = (Math.trunc((Math.min(dx, dy) * 65536) / Math.max(dx, dy)) << 16) >>> 0;
    let error = 0;
    if (dy > dx) {
      while (--dy) {
        const before = error;
        error = (error + slope) >>> 0;
        if (error <= before) x += step;
        y++;
        this.blendPair(x, y, x + step, y, error >>> 24, color);
      }
    } else {
      while (--dx) {
        const before = error;
        error = (error + slope) >>> 0;
        if (error <= before) y++;
        x += step;
        this.blendPair(x, y, x, y + 1, error >>> 24, color);
      }
    }
  }

  private blendPair(x1: number, y1: number, x2: number, y2: number, weight: number, color: Color): void {
    this.blend(x1, y1, color, (255 * (255 - weight)) >> 8);
    this.blend(x2, y2, color, (255 * weight) >> 8);
  }

  /** `_putPixelAlpha`. */
  private blend(x: number, y: number, color: Color, alpha: number): void {
    if (x < 0 || x > RIGHT || y < 0 || y > BOTTOM) return;
    const at = y * SURFACE_WIDTH + x;
    if (alpha === 255) {
      this.pixels[at] = color;
      return;
    }
    const under = this.pixels[at];
    const mix = (shift: number) => {
      const u = (under >> shift) & 255;
      return (u + (((((color >> shift) & 255) - u) * alpha) >> 8)) & 255;
    };
    this.pixels[at] = rgb(mix(0), mix(8), mix(16));
  }

  /** `filledPolygonColorMT`. */
  private smoothFill(count: number, color: Color): void {
    const { points } = this;
    const [top, bottom] = rowRange(points, count);
    const crossings: number[] = [];
    for (let y = Math.max(top, 0); y <= Math.min(bottom, BOTTOM); y++) {
      crossings.length = 0;
      for (let i = 0, j = count - 1; i < count; j = i++) {
        const [upper, lower] = points[i * 2 + 1] < points[j * 2 + 1] ? [i, j] : [j, i];
        const x1 = points[upper * 2];
        const y1 = points[upper * 2 + 1];
        const x2 = points[lower * 2];
        const y2 = points[lower * 2 + 1];
        if (y1 === y2) continue;
        if ((y >= y1 && y < y2) || (y === bottom && y > y1 && y <= y2)) {
          const part = Math.trunc((65536 * (y - y1)) / (y2 - y1));
          crossings.push((Math.imul(part, x2 - x1) + 65536 * x1) | 0);
        }
      }
      crossings.sort((a, b) => a - b);
      for (let i = 0; i < crossings.length; i += 2) {
        this.span(roundFixed(crossings[i] + 1), roundFixed(crossings[i + 1] - 1), y, color);
      }
    }
  }

  /** A horizontal run of pixels, both ends included, in either order, as far as it lies inside. */
  private span(x1: number, x2: number, y: number, color: Color): void {
    if (y < 0 || y > BOTTOM) return;
    const row = y * SURFACE_WIDTH;
    const from = Math.max(Math.min(x1, x2), 0);
    const to = Math.min(Math.max(x1, x2), RIGHT);
    if (from <= to) this.pixels.fill(color, row + from, row + to + 1);
  }

  polygon(count: number, color: Color): void {
    const { points } = this;
    const [top, bottom] = rowRange(points, count);
    if (top === bottom) {
      const columns = Array.from({ length: count }, (_, i) => points[i * 2]);
      this.span(Math.min(...columns), Math.max(...columns), top, color);
      return;
    }
    const crossings: number[] = [];
    for (let y = Math.max(top, 0); y <= Math.min(bottom, BOTTOM); y++) {
      crossings.length = 0;
      for (let i = 0, j = count - 1; i < count; j = i++) {
        const [upper, lower] = points[i * 2 + 1] < points[j * 2 + 1] ? [i, j] : [j, i];
        const x1 = points[upper * 2];
        const y1 = points[upper * 2 + 1];
        const x2 = points[lower * 2];
        const y2 = points[lower * 2 + 1];
        if (y1 === y2) continue;
        if ((y >= y1 && y < y2) || (y === bottom && y2 === bottom)) {
          const { fround } = Math;
          const offset = fround(fround((y - y1) * (x2 - x1)) / fround(y2 - y1));
          crossings.push((crossings.length % 2 === 0 ? Math.floor(offset) : Math.ceil(offset)) + x1);
        }
      }
      crossings.sort((a, b) => a - b);
      for (let i = 0; i < crossings.length; i += 2) this.span(crossings[i], crossings[i + 1], y, color);
    }
    // Level edges between the highest and the lowest row are drawn by themselves.
    for (let i = 0, j = count - 1; i < count; j = i++) {
      const y = points[i * 2 + 1];
      if (top < y && y < bottom && points[j * 2 + 1] === y) this.span(points[i * 2], points[j * 2], y, color);
    }
  }

  /** `draw_line_width` of width 2: Bresenham's line, at each step two pixels across the direction it mostly takes. */
  line(color: Color): void {
    let [x, y, x2, y2] = this.points;
    const steep = Math.abs(x - x2) <= Math.abs(y - y2);
    const dx = Math.abs(x2 - x);
    const dy = Math.abs(y2 - y);
    const stepX = x2 > x ? 1 : -1;
    const stepY = y2 > y ? 1 : -1;
    let error = Math.trunc((dx > dy ? dx : -dy) / 2);
    for (;;) {
      // The line is 2 pixels wide: the pixel itself, and the one right of it or below it.
      this.span(x, steep ? x + 1 : x, y, color);
      if (!steep) this.span(x, x, y + 1, color);
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

  flip(): void {
    for (let above = 0, below = BOTTOM; above < below; above++, below--) {
      const kept = this.pixels.slice(above * SURFACE_WIDTH, (above + 1) * SURFACE_WIDTH);
      this.pixels.copyWithin(above * SURFACE_WIDTH, below * SURFACE_WIDTH, (below + 1) * SURFACE_WIDTH);
      this.pixels.set(kept, below * SURFACE_WIDTH);
    }
  }

  text({ width, grey }: ScoreBitmap, column: number, row: number): void {
    for (let y = 0; y < TEXT_HEIGHT; y++) {
      for (let x = Math.max(0, -column); x < Math.min(width, SURFACE_WIDTH - column); x++) {
        const level = grey[y * width + x];
        this.pixels[(row + y) * SURFACE_WIDTH + column + x] = rgb(level, level, level);
      }
    }
  }

  scale(width: number, height: number, out: Uint8Array): void {
    smoothscale(new Uint8Array(this.pixels.buffer), SURFACE_WIDTH, SURFACE_HEIGHT, width, height, out);
  }
}

/** A 16.16 column to the nearest whole one, as the fill rounds. */
function roundFixed(a: number): number {
  return (a >> 16) + ((a & 32768) >> 15);
}

function rowRange(points: Int32Array, count: number): [top: number, bottom: number] {
  let top = points[1];
  let bottom = points[1];
  for (let i = 1; i < count; i++) {
    top = Math.min(top, points[i * 2 + 1]);
    bottom = Math.max(bottom, points[i * 2 + 1]);
  }
  return [top, bottom];
}

/** `_clipLine`: Cohen–Sutherland in float32 with offsets cut to whole pixels; ends may change places. Null: outside. */
function clipLine(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): [x1: number, y1: number, x2: number, y2: number] | null {
  const { fround } = Math;
  for (;;) {
    const code1 = clipCode(x1, y1);
    const code2 = clipCode(x2, y2);
    if ((code1 | code2) === 0) return [x1, y1, x2, y2];
    if ((code1 & code2) !== 0) return null;
    let code = code1;
    if (code === 0) {
      [x1, y1, x2, y2] = [x2, y2, x1, y1];
      code = code2;
    }
    const slope = x2 === x1 ? 1 : fround(fround(y2 - y1) / fround(x2 - x1));
    if (code & (LEFT_OF | RIGHT_OF)) {
      const edge = code & LEFT_OF ? 0 : RIGHT;
      y1 += Math.trunc(fround((edge - x1) * slope));
      x1 = edge;
    } else {
      const edge = code & BELOW ? BOTTOM : 0;
      if (x2 !== x1) x1 += Math.trunc(fround((edge - y1) / slope));
      y1 = edge;
    }
  }
}

const LEFT_OF = 1;
const RIGHT_OF = 2;
const ABOVE = 4;
const BELOW = 8;

function clipCode(x: number, y: number): number {
  return (x < 0 ? LEFT_OF : x > RIGHT ? RIGHT_OF : 0) | (y < 0 ? ABOVE : y > BOTTOM ? BELOW : 0);
}
