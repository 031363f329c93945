/** Types of the part of gifenc that `gif.ts` uses; the package has none of its own. */
declare module "gifenc" {
  type Palette = number[][];
  interface Encoder {
    /** @param options.delay milliseconds */
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: { palette: Palette; delay: number },
    ): void;
    finish(): void;
    bytesView(): Uint8Array;
    reset(): void;
  }
  export function GIFEncoder(): Encoder;
  export function quantize(rgba: Uint8Array, maxColors: number): Palette;
  export function applyPalette(rgba: Uint8Array, palette: Palette): Uint8Array;
}
