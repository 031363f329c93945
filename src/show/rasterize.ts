/** SVG text to PNG bytes, with a typeface of our own so that a picture looks the same on every machine. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
/** The typeface of all text, whatever the SVG asks for. */
const FONTS = ["400", "700"].map(
  (weight) => `@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`,
);
const FAMILY = "DejaVu Sans";

type ResvgClass = typeof import("@resvg/resvg-wasm").Resvg;
let loaded: Promise<{ Resvg: ResvgClass; fonts: Uint8Array[] }> | undefined;

async function load(): Promise<{ Resvg: ResvgClass; fonts: Uint8Array[] }> {
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  await initWasm(readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
  return { Resvg, fonts: FONTS.map((name) => readFileSync(require.resolve(name))) };
}

/** @param scale pixels of the PNG for each CSS pixel of the SVG; 2 reads well in print */
export async function svgToPng(svg: string, scale = 2): Promise<Uint8Array> {
  const { Resvg, fonts } = await (loaded ??= load());
  const options = {
    background: "white",
    fitTo: { mode: "zoom", value: scale },
    font: fontOptions(fonts),
  } as const;
  return new Resvg(svg, options).render().asPng();
}

/** What turns SVG text into RGBA pixels, premultiplied, of its own size: for many small pictures. */
export async function svgRenderer(): Promise<
  (svg: string) => { width: number; height: number; pixels: Uint8Array }
> {
  const { Resvg, fonts } = await (loaded ??= load());
  const font = fontOptions(fonts);
  return (svg) => {
    const resvg = new Resvg(svg, { font });
    const { width, height, pixels } = resvg.render();
    // Memory of the kernel is not the garbage collector's.
    resvg.free();
    return { width, height, pixels };
  };
}

function fontOptions(fontBuffers: Uint8Array[]) {
  return { fontBuffers, loadSystemFonts: false, defaultFontFamily: FAMILY, sansSerifFamily: FAMILY };
}
