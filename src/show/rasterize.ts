/** SVG text to pixels, with a typeface that comes along, so that a picture is the same on every machine. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

/** RGBA pixels with the colours premultiplied by alpha. */
export interface RgbaPicture {
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
  /** uint8 [height, width, 4], row-major. */
  pixels: Uint8Array;
}

const require = createRequire(import.meta.url);

/** The typeface of all text, whatever the SVG asks for: regular and bold. */
const FAMILY = "DejaVu Sans";
const FONT_FILES = ["400", "700"].map(
  (weight) => `@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`,
);

let loaded: Promise<Uint8Array[]> | undefined;

/**
 * SVG text as the bytes of a PNG file on a white background.
 * @param scale pixels of the PNG for each CSS pixel of the SVG. Default: 2, which reads well in print
 */
export async function svgToPng(svg: string, scale = 2): Promise<Uint8Array> {
  const font = fontOptions(await (loaded ??= load()));
  const options = { background: "white", fitTo: { mode: "zoom", value: scale }, font } as const;
  return new Resvg(svg, options).render().asPng();
}

/** Makes a function that turns SVG text into pixels at its own size on a transparent background: for many small pictures. */
export async function svgRenderer(): Promise<(svg: string) => RgbaPicture> {
  const font = fontOptions(await (loaded ??= load()));
  return (svg) => {
    const resvg = new Resvg(svg, { font });
    const { width, height, pixels } = resvg.render();
    // The garbage collector does not free memory of the WebAssembly module.
    resvg.free();
    return { width, height, pixels };
  };
}

/** Loads the WebAssembly module. @returns the bytes of the font files */
async function load(): Promise<Uint8Array[]> {
  await initWasm(readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
  return FONT_FILES.map((name) => readFileSync(require.resolve(name)));
}

function fontOptions(fontBuffers: Uint8Array[]) {
  return { fontBuffers, loadSystemFonts: false, defaultFontFamily: FAMILY, sansSerifFamily: FAMILY };
}
