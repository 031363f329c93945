/**
 * The raster as the scene uses it: the primitives of SDL_gfx and pygame that CarRacing draws with, on a surface of
 * 1000×800. Vertices are put at POINTS (int x, y, …); colours are 0xBBGGRR.
 */
import { fillCells, flipCells } from "./raster-cells.as.ts";
import { dropQuads, paintQuads } from "./raster-quads.as.ts";

/** Covers the surface, as the first of a picture. */
export function fill(rgb: u32): void {
  dropQuads();
  fillCells(rgb);
}

/** `pygame.transform.flip` upside down: row 0 was the lowest, from now on it is the highest. */
export function flip(): void {
  paintQuads();
  flipCells();
}
