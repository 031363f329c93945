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
  loaded ??= load();
  const { Resvg, fonts } = await loaded;
  const picture = new Resvg(svg, {
    background: "white",
    fitTo: { mode: "zoom", value: scale },
    font: { fontBuffers: fonts, loadSystemFonts: false, defaultFontFamily: FAMILY, sansSerifFamily: FAMILY },
  });
  return picture.render().asPng();
}
