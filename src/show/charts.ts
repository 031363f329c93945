/**
 * The pictures of tritrack's reports as SVG text: one theme for all (Observable Plot, drawn into a DOM of its own,
 * so that Node needs no browser). Every chart has a title, axis labels with units and a fixed size.
 */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { mean } from "../data/statistics.ts";

/** Colours that stay apart in print and for colour-blind readers (Okabe and Ito). */
export const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;

/** Width of the road, world units: twice `TRACK_WIDTH` of Gymnasium's car_racing. */
const ROAD_WIDTH = 80 / 6;

const theme = {
  width: 640,
  height: 320,
  marginLeft: 64,
  marginBottom: 44,
  style: { fontSize: "12px", background: "white" },
};

export interface Axis {
  /** What is shown, with its unit in brackets. */
  label: string;
  domain?: [number, number];
}

export interface Series {
  /** In the legend; "" for a line that another one's name stands for. */
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  /** Default: the next of the palette. */
  color?: string;
}

/** Learning curves and the like: one line a series, its name at the last point. */
export function lineChart(options: { title?: string; x: Axis; y: Axis; series: readonly Series[] }): string {
  const { title, x, y } = options;
  const series = colored(options.series);
  return draw(
    {
      x: { ...x },
      y: { ...y, grid: true },
      marks: series.map(({ points, color }) => Plot.line(points, { stroke: color, strokeWidth: 1.8 })),
    },
    { title, legend: series.length > 1 ? series.filter(({ name }) => name !== "") : [] },
  );
}

/** What was measured several times at each x: the mean as a line, every measurement as a dot, their spread as a bar. */
export function spreadChart(options: {
  title?: string;
  x: Axis;
  y: Axis;
  series: readonly {
    name: string;
    points: readonly { x: number; values: readonly number[] }[];
    color?: string;
  }[];
}): string {
  const { title, x, y } = options;
  const series = colored(options.series);
  return draw(
    {
      x: { ...x },
      y: { ...y, grid: true },
      marks: series.flatMap(({ points, color }) => [
        Plot.ruleX(points, {
          x: "x",
          y1: (point) => Math.min(...point.values),
          y2: (point) => Math.max(...point.values),
          stroke: color,
          strokeWidth: 1.5,
        }),
        Plot.lineY(points, {
          x: "x",
          y: (point) => mean([...point.values]),
          stroke: color,
          strokeWidth: 1.8,
        }),
        Plot.dot(
          points.flatMap((point) => point.values.map((value) => ({ x: point.x, value }))),
          { x: "x", y: "value", fill: color, r: 2.2 },
        ),
      ]),
    },
    { title, legend: series.length > 1 ? series.filter(({ name }) => name !== "") : [] },
  );
}

/**
 * How often each value occurs, with one value marked by a red line (Fig 3 of the paper).
 * @param bins edges and counts, in order
 */
export function histogram(options: {
  title?: string;
  x: Axis;
  y: Axis;
  bins: readonly { from: number; to: number; count: number }[];
  /** Where the red line stands, and what it is called. */
  mark: { value: number; name: string };
}): string {
  const { title, x, y, bins, mark } = options;
  const marked = { name: mark.name, color: RED };
  return draw(
    {
      x: { ...x },
      y: { ...y, grid: true },
      marks: [
        Plot.rectY(bins, { x1: "from", x2: "to", y: "count", fill: palette[0], insetLeft: 0.5 }),
        Plot.ruleX([mark.value], { stroke: RED, strokeWidth: 2 }),
        Plot.ruleY([0]),
      ],
    },
    { title, legend: [marked] },
  );
}

/** How episodes' driving rewards are spread, ten points a bar; the mean in red. */
export function rewardHistogram(rewards: readonly number[]): string {
  const average = mean([...rewards]);
  const counts = new Map<number, number>();
  for (const reward of rewards) {
    const from = 10 * Math.floor(reward / 10);
    counts.set(from, (counts.get(from) ?? 0) + 1);
  }
  return histogram({
    x: { label: "driving reward" },
    y: { label: "episodes" },
    bins: [...counts].sort(([a], [b]) => a - b).map(([from, count]) => ({ from, to: from + 10, count })),
    mark: { value: average, name: `mean, ${average.toFixed(1)}` },
  });
}

/** Red of a marked value. */
const RED = "#d62728";

export interface ScatterPoint {
  x: number;
  y: number;
  /** What the colour shows. */
  value: number;
  /** Shape of the dot, from 0: one a group of points. */
  group?: number;
}

/**
 * Points coloured by a value, with marked ones in blue and, where they form a path, red lines between them and their
 * numbers, from 0.
 */
export function scatterChart(options: {
  title?: string;
  x: Axis;
  y: Axis;
  /** What the colour shows; left out, all points have one. */
  value?: string;
  points: readonly ScatterPoint[];
  marked: readonly { x: number; y: number }[];
  /** Name of the marked points in the legend. */
  markedName: string;
  path?: boolean;
}): string {
  const { title, x, y, points, marked, markedName, path = false } = options;
  const symbols = ["circle", "square", "triangle", "diamond", "star", "cross"] as const;
  const values = points.map((point) => point.value);
  return draw(
    {
      height: 420,
      // No dot reaches into the legend or the axes.
      inset: 8,
      x: { ...x },
      y: { ...y, grid: true },
      color: { scheme: "viridis", domain: [Math.min(...values), Math.max(...values)] },
      symbol: { domain: symbols.map((_, i) => i), range: [...symbols] },
      marks: [
        Plot.dot(points, {
          x: "x",
          y: "y",
          symbol: (point: ScatterPoint) => point.group ?? 0,
          fill: options.value ? "value" : "#888",
          fillOpacity: 0.8,
          r: 2.6,
        }),
        path ? Plot.line(marked, { x: "x", y: "y", stroke: RED, strokeWidth: 1.8 }) : null,
        Plot.dot(marked, { x: "x", y: "y", fill: "#0033cc", stroke: "white", r: path ? 7.5 : 6 }),
        path
          ? Plot.text(marked, { x: "x", y: "y", text: (_, i) => `${i}`, fill: "white", fontWeight: "bold" })
          : null,
      ],
    },
    {
      title,
      legend: [{ name: markedName, color: "#0033cc" }],
      ...(options.value && {
        ramp: { label: options.value, from: Math.min(...values), to: Math.max(...values) },
      }),
    },
  );
}

/** Pictures below one another, or `columns` beside each other, as one picture. All have the size of the first. */
export function stack(pictures: readonly string[], columns = 1): string {
  const [width, height] = sizeOf(pictures[0]);
  const rows = Math.ceil(pictures.length / columns);
  const placed = pictures.map((picture, i) =>
    picture.replace("<svg ", `<svg x="${(i % columns) * width}" y="${Math.floor(i / columns) * height}" `),
  );
  const [w, h] = [columns * width, rows * height];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">${placed.join("")}</svg>`;
}

/** Width and height of a picture, CSS pixels. */
export function sizeOf(picture: string): [number, number] {
  const size = /viewBox="0 0 (\d+) (\d+)"/.exec(picture);
  if (!size) throw new Error("a picture has no size");
  return [Number(size[1]), Number(size[2])];
}

/** One dot for each value in a row for each group, with the mean as a bar: rewards by driver. */
export function stripChart(options: {
  x: Axis;
  groups: readonly { name: string; values: readonly number[] }[];
}): string {
  const rows = options.groups.flatMap((group) => group.values.map((value) => ({ name: group.name, value })));
  const means = options.groups.map((group) => ({ name: group.name, value: mean([...group.values]) }));
  const names = options.groups.map((group) => group.name);
  return draw({
    height: 70 + 56 * names.length,
    marginLeft: 150,
    x: { ...options.x, grid: true },
    y: { label: null, domain: names },
    color: { domain: names, range: [...palette] },
    marks: [
      Plot.dot(rows, { x: "value", y: "name", stroke: "name", fill: "name", fillOpacity: 0.25, r: 4 }),
      Plot.tickX(means, { x: "value", y: "name", stroke: "black", strokeWidth: 2.5, inset: 6 }),
    ],
  });
}

/**
 * The lap as a line over the track, coloured by speed.
 * @param track [n, 4]: alpha, beta, x, y of the tiles (`env.unwrapped.track`)
 * @param path positions and speeds (world units, units a second) in the order driven
 */
export function lapMap(options: {
  track: ArrayLike<number>;
  path: readonly { x: number; y: number; speed: number }[];
}): string {
  const { track, path } = options;
  const centre = Array.from({ length: track.length / 4 + 1 }, (_, i) => {
    const k = (4 * i) % track.length;
    return { x: track[k + 2], y: track[k + 3] };
  });
  const xs = centre.map((point) => point.x);
  const ys = centre.map((point) => point.y);
  const extent = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
  const left = Math.min(...xs);
  const top = Math.max(...ys) + 0.1 * extent;
  const fastest = Math.max(...path.map((point) => point.speed), 1);
  const steps = 48;
  // The colour scale stands above the map, as long as a third of it.
  const ramp = Array.from({ length: steps }, (_, i) => ({
    x1: left + (extent / 3) * (i / steps),
    x2: left + (extent / 3) * ((i + 1) / steps),
    speed: (fastest * (i + 0.5)) / steps,
  }));
  const labels = [
    { x: left, text: "0" },
    { x: left + extent / 3, text: `${Math.round(fastest)} units/s` },
  ];
  return draw({
    height: 600,
    margin: 34,
    marginLeft: 34,
    marginBottom: 34,
    aspectRatio: 1,
    x: { axis: null },
    y: { axis: null },
    color: { scheme: "turbo", domain: [0, fastest] },
    marks: [
      Plot.line(centre, {
        x: "x",
        y: "y",
        stroke: "#d0d0d0",
        strokeWidth: (540 * ROAD_WIDTH) / extent,
        curve: "catmull-rom-closed",
      }),
      Plot.dot(path, { x: "x", y: "y", fill: "speed", r: 2.2 }),
      Plot.text([centre[0]], { x: "x", y: "y", text: () => "start", dx: 22, textAnchor: "start" }),
      Plot.rect(ramp, { x1: "x1", x2: "x2", y1: top, y2: top + 0.025 * extent, fill: "speed", inset: -0.5 }),
      Plot.text(labels, { x: "x", y: top, text: "text", dy: 12 }),
    ],
  });
}

/** Gives every series a colour. */
function colored<Item extends { color?: string }>(series: readonly Item[]): (Item & { color: string })[] {
  return series.map((item, i) => ({ ...item, color: item.color ?? palette[i % palette.length] }));
}

/** What stands above a picture. */
interface Head {
  title?: string | undefined;
  legend?: readonly { name: string; color: string }[];
  /** Colour scale of values. */
  ramp?: { label: string; from: number; to: number };
}

/** Of the legend, CSS pixels: width of a letter, of a dot with the gaps around it, of the ramp; height of a row. */
const LETTER = 6.4;
const LEGEND_GAP = 30;
const RAMP_STEPS = 30;
const RAMP_GAP = 40 + 3 * RAMP_STEPS;
const ROW = 18;

/**
 * Title, names and colours in the top margin, and how high they stand: Plot's own title and legend are HTML beside the
 * picture, but these pictures are files as well.
 * @param width of the picture, as far as the legend may reach
 */
function headMarks(
  { title, legend = [], ramp }: Head,
  width: number,
): { marks: Plot.Markish[]; height: number; rows: number } {
  const left = { frameAnchor: "top-left", textAnchor: "start", lineAnchor: "middle" } as const;
  const items: { width: number; draw: (dx: number, dy: number) => Plot.Markish[] }[] = legend.map(
    ({ name, color }) => ({
      width: LEGEND_GAP + LETTER * name.length,
      draw: (dx, dy) => [
        Plot.dot([name], { frameAnchor: "top-left", dx: dx + 5, dy, r: 5, fill: color }),
        Plot.text([name], { ...left, dx: dx + 14, dy }),
      ],
    }),
  );
  if (ramp) {
    const label = `${ramp.label}  ${ramp.from.toPrecision(4)}`;
    const end = ramp.to.toPrecision(4);
    items.push({
      width: RAMP_GAP + LETTER * (label.length + end.length),
      draw: (dx, dy) => [
        Plot.text([label], { ...left, dx, dy }),
        ...Array.from({ length: RAMP_STEPS }, (_, i) =>
          Plot.dot([ramp.from + ((ramp.to - ramp.from) * i) / (RAMP_STEPS - 1)], {
            frameAnchor: "top-left",
            dx: dx + 12 + LETTER * label.length + 3 * i,
            dy,
            r: 4,
            symbol: "square",
            fill: (value: number) => value,
          }),
        ),
        Plot.text([end], { ...left, dx: dx + 20 + LETTER * label.length + 3 * RAMP_STEPS, dy }),
      ],
    });
  }
  // A new row where the next item would reach beyond the picture.
  const placed: { item: (typeof items)[number]; dx: number; row: number }[] = [];
  let [dx, row] = [0, 0];
  for (const item of items) {
    if (dx > 0 && dx + item.width > width) [dx, row] = [0, row + 1];
    placed.push({ item, dx, row });
    dx += item.width;
  }
  const marks = placed.flatMap(({ item, dx, row: itsRow }) => item.draw(dx, -16 - ROW * (row - itsRow)));
  const legendHeight = 28 + ROW * row;
  if (title) {
    const dy = -14 - legendHeight;
    marks.push(Plot.text([title], { ...left, dy, dx: -50, fontSize: 15, fontWeight: "bold" }));
  }
  return { marks, height: (title ? 34 : 0) + legendHeight, rows: row + 1 };
}

function draw(options: Plot.PlotOptions, head: Head = {}): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const { marks, height, rows } = headMarks(head, (options.width ?? theme.width) - theme.marginLeft);
  // A fixed class name keeps the output the same from run to run.
  const plot = Plot.plot({
    ...theme,
    marginTop: height,
    ...options,
    // More rows of names leave the rest as high as it is.
    height: (options.height ?? theme.height) + ROW * (rows - 1),
    x: { labelAnchor: "center", labelArrow: "none", ...options.x },
    y: { labelAnchor: "center", labelArrow: "none", ...options.y },
    marks: [...(options.marks ?? []), ...marks],
    className: "tritrack-plot",
    ...(head.title && { ariaLabel: head.title }),
    document,
  });
  // Inside a page an SVG needs no namespace, as a file it does.
  return plot.outerHTML.replace("<svg ", `<svg xmlns="http://www.w3.org/2000/svg" role="img" `);
}

/**
 * A small dense layer as nodes and connections, drawn as the paper draws them (Fig 1): orange -1, dashed gray 0,
 * blue +1.
 * @param options weights by output, then input
 */
export function networkDiagram(options: {
  title: string;
  inputs: number;
  weights: readonly number[];
}): string {
  const { title, inputs, weights } = options;
  const outputs = weights.length / inputs;
  const row = (i: number, count: number) => (i + 0.5) / count;
  const links = weights.map((weight, i) => ({
    y1: row(i % inputs, inputs),
    y2: row(Math.floor(i / inputs), outputs),
    weight,
  }));
  const line = (weight: number, style: Plot.LinkOptions) =>
    Plot.link(
      links.filter((link) => link.weight === weight),
      { x1: 0, x2: 1, y1: "y1", y2: "y2", strokeWidth: 3, ...style },
    );
  const node = (x: number, count: number) =>
    Plot.dot(
      Array.from({ length: count }, (_, i) => ({ x, y: row(i, count) })),
      { x: "x", y: "y", r: 11, fill: "white", stroke: "#333", strokeWidth: 1.5 },
    );
  return draw(
    {
      width: 300,
      height: 220,
      marginLeft: 60,
      marginRight: 60,
      marginBottom: 14,
      x: { axis: null, domain: [0, 1] },
      y: { axis: null, domain: [1, 0] },
      marks: [
        line(0, { stroke: WEIGHT_COLORS.zero, strokeDasharray: "5 5", strokeWidth: 1.5 }),
        line(-1, { stroke: WEIGHT_COLORS.minus }),
        line(1, { stroke: WEIGHT_COLORS.plus }),
        node(0, inputs),
        node(1, outputs),
      ],
    },
    {
      title,
      legend: [
        { name: "-1", color: WEIGHT_COLORS.minus },
        { name: "0", color: WEIGHT_COLORS.zero },
        { name: "+1", color: WEIGHT_COLORS.plus },
      ],
    },
  );
}

/** Colours of weights, as the paper's Fig 1 has them. */
const WEIGHT_COLORS = { minus: "#e8731a", zero: "#999", plus: "#2b5fb8" } as const;
