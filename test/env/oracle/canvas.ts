/**
 * The contract of a canvas: the primitives of SDL_gfx and pygame that CarRacing uses, on a 1000×800 surface. The plain
 * surface (`surface.ts`) and the core's raster (`../core/parts.ts`) are the two canvases. The oracle's scene (`scene.ts`)
 * is drawn on both by the same calls.
 */

/** A text, white on black. */
export interface ScoreBitmap {
  /** Pixels. */
  width: number;
  /** Grey values, row-major, 46 rows. */
  grey: Uint8Array;
}

export const TEXT_HEIGHT = 46;

/** 0xBBGGRR: red in the lowest byte. */
export type Color = number;

export function rgb(red: number, green: number, blue: number): Color {
  return red | (green << 8) | (blue << 16);
}

/** Vertices of the largest polygon. */
export const MAX_VERTICES = 8;

export interface Canvas {
  /** Vertices of the next polygon (x, y, x, y, …; whole pixels), set by the caller before it draws one. */
  readonly points: Int32Array;
  /** Covers the surface. */
  fill(color: Color): void;
  /** `gfxdraw.aapolygon`, then `gfxdraw.filled_polygon`, of the first four vertices. */
  smoothQuad(color: Color): void;
  /** `pygame.draw.polygon` of the first `count` vertices. */
  polygon(count: number, color: Color): void;
  /** `pygame.draw.lines` of width 2 between the first two vertices. */
  line(color: Color): void;
  /** `pygame.transform.flip` upside down: row 0 was the lowest, from now on it is the highest. */
  flip(): void;
  /** White text on black whose left upper corner is at the column and row. */
  text(bitmap: ScoreBitmap, column: number, row: number): void;
  /** `pygame.transform.smoothscale` to RGB bytes, row-major, `width * height * 3` of them. */
  scale(width: number, height: number, out: Uint8Array): void;
}
