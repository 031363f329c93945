/**
 * The parts that all charts share: colours, size, the head (title, legend, colour ramp) and the drawing itself, as SVG text.
 *
 * Observable Plot draws into a DOM of its own (linkedom), so that Node needs no browser. Plot's own titles and legends
 * are HTML beside the picture; these charts are also files by themselves, so title and legend are marks in the top
 * margin. The other files of this folder each hold one kind of chart.
 */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Six colours that stay apart in print and for colour-blind readers (Okabe and Ito). */
export const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;

/** Red of a marked value, as in Fig 3 of the paper. */
export const MARK_RED = "#d62728";

/** Size and style of a chart unless it sets its own. Lengths in CSS pixels. */
const theme = {
  width: 640,
  height: 320,
  marginLeft: 64,
  marginBottom: 44,
  style: { fontSize: "12px", background: "white" },
};

/** One axis of a chart. */
export interface Axis {
  /** The quantity, with its unit in brackets. */
  label: string;
  /** Least and greatest value. Default: those of the data. */
  domain?: [least: number, greatest: number];
}

/** Title, legend and colour ramp above a chart. */
export interface Head {
  /** Default: none. */
  title?: string | undefined;
  /** Names with their colours, from left to right. Default: none. */
  legend?: readonly { name: string; color: string }[];
  /** Colour scale of the values from `from` to `to`. Default: none. */
  ramp?: { label: string; from: number; to: number };
}

/** Lengths in the head, CSS pixels: a letter, a legend dot with its gaps, the ramp, a row, a row's distance to the chart. */
const LETTER = 6.4;
const LEGEND_GAP = 30;
const RAMP_STEPS = 30;
const RAMP_PITCH = 3;
const RAMP_GAP = 40 + RAMP_PITCH * RAMP_STEPS;
const ROW = 18;
const ROW_OFFSET = 16;

/** Anchor of the text in the head. */
const LEFT = { frameAnchor: "top-left", textAnchor: "start", lineAnchor: "middle" } as const;

/** One entry of the head's legend, or the ramp. Lengths in CSS pixels. */
interface HeadItem {
  width: number;
  draw(dx: number, dy: number): Plot.Markish[];
}

/**
 * Draws a chart with its head.
 * @param options as Observable Plot takes them; they override the theme
 * @returns SVG text with a namespace, so that it is also a valid file
 */
export function drawChart(options: Plot.PlotOptions, head: Head = {}): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const { marks, height, rows } = headMarks(head, (options.width ?? theme.width) - theme.marginLeft);
  const plot = Plot.plot({
    ...theme,
    marginTop: height,
    ...options,
    // Further rows of the legend make the picture higher and leave the chart's own height as it is.
    height: (options.height ?? theme.height) + ROW * (rows - 1),
    x: { labelAnchor: "center", labelArrow: "none", ...options.x },
    y: { labelAnchor: "center", labelArrow: "none", ...options.y },
    marks: [...(options.marks ?? []), ...marks],
    // Plot draws a random class name by default; a fixed one gives the same bytes in every run.
    className: "tritrack-plot",
    ...(head.title && { ariaLabel: head.title }),
    document,
  });
  // Inside an HTML page an SVG needs no namespace; as a file it does.
  return plot.outerHTML.replace("<svg ", `<svg xmlns="http://www.w3.org/2000/svg" role="img" `);
}

/**
 * Gives every series a colour.
 * @returns copies; a series without a colour takes the one of its index in the palette
 */
export function colored<Item extends { color?: string }>(
  series: readonly Item[],
): (Item & { color: string })[] {
  return series.map((item, i) => ({ ...item, color: item.color ?? palette[i % palette.length] }));
}

/**
 * Joins pictures into one, row by row.
 * @param pictures SVG text, each of the first one's size
 * @param columns pictures in a row. Default: 1
 */
export function stack(pictures: readonly string[], columns = 1): string {
  const [width, height] = sizeOf(pictures[0]);
  const rows = Math.ceil(pictures.length / columns);
  const placed = pictures.map((picture, i) =>
    picture.replace("<svg ", `<svg x="${(i % columns) * width}" y="${Math.floor(i / columns) * height}" `),
  );
  const [w, h] = [columns * width, rows * height];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">${placed.join("")}</svg>`;
}

/**
 * Width and height of an SVG picture, CSS pixels.
 * @throws Error when it has no `viewBox` of whole numbers from 0 on
 */
export function sizeOf(picture: string): [width: number, height: number] {
  const size = /viewBox="0 0 (\d+) (\d+)"/.exec(picture);
  if (!size) throw new Error('a picture: expected viewBox="0 0 WIDTH HEIGHT", got none');
  return [Number(size[1]), Number(size[2])];
}

/** The marks of a head. @param width room for a row of the legend, CSS pixels */
function headMarks(
  { title, legend = [], ramp }: Head,
  width: number,
): { marks: Plot.Markish[]; height: number; rows: number } {
  const items = [...legend.map(legendItem), ...(ramp ? [rampItem(ramp)] : [])];
  // An item that would reach beyond the picture begins a new row.
  const placed: { item: HeadItem; dx: number; row: number }[] = [];
  let [dx, row] = [0, 0];
  for (const item of items) {
    if (dx > 0 && dx + item.width > width) [dx, row] = [0, row + 1];
    placed.push({ item, dx, row });
    dx += item.width;
  }
  const marks = placed.flatMap(({ item, dx, row: itsRow }) =>
    item.draw(dx, -ROW_OFFSET - ROW * (row - itsRow)),
  );
  const legendHeight = 28 + ROW * row;
  if (title) {
    const dy = -14 - legendHeight;
    marks.push(Plot.text([title], { ...LEFT, dy, dx: -50, fontSize: 15, fontWeight: "bold" }));
  }
  return { marks, height: (title ? 34 : 0) + legendHeight, rows: row + 1 };
}

/** A dot in the colour and the name beside it. */
function legendItem({ name, color }: { name: string; color: string }): HeadItem {
  return {
    width: LEGEND_GAP + LETTER * name.length,
    draw: (dx, dy) => [
      Plot.dot([name], { frameAnchor: "top-left", dx: dx + 5, dy, r: 5, fill: color }),
      Plot.text([name], { ...LEFT, dx: dx + 14, dy }),
    ],
  };
}

/** The colour scale as a row of squares between its least and its greatest value. */
function rampItem(ramp: NonNullable<Head["ramp"]>): HeadItem {
  const label = `${ramp.label}  ${ramp.from.toPrecision(4)}`;
  const end = ramp.to.toPrecision(4);
  const start = LETTER * label.length;
  const square = (dx: number, dy: number, i: number) =>
    Plot.dot([ramp.from + ((ramp.to - ramp.from) * i) / (RAMP_STEPS - 1)], {
      frameAnchor: "top-left",
      dx: dx + 12 + start + RAMP_PITCH * i,
      dy,
      r: 4,
      symbol: "square",
      fill: (value: number) => value,
    });
  return {
    width: RAMP_GAP + LETTER * (label.length + end.length),
    draw: (dx, dy) => [
      Plot.text([label], { ...LEFT, dx, dy }),
      ...Array.from({ length: RAMP_STEPS }, (_, i) => square(dx, dy, i)),
      Plot.text([end], { ...LEFT, dx: dx + 20 + start + RAMP_PITCH * RAMP_STEPS, dy }),
    ],
  };
}
