/**
 * The pictures of tritrack's reports as SVG text: one theme for all (Observable Plot, drawn into a DOM of its own,
 * so that Node needs no browser). Every chart has a title, axis labels with units and a fixed size.
 */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Colours that stay apart in print and for colour-blind readers (Okabe and Ito). */
export const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;

/** Width of the road, world units: twice `TRACK_WIDTH` of Gymnasium's car_racing. */
const ROAD_WIDTH = 80 / 6;

const theme = {
  width: 640,
  height: 320,
  marginLeft: 56,
  marginBottom: 44,
};

export interface Axis {
  /** What is shown, with its unit in brackets. */
  label: string;
  domain?: [number, number];
}

export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
}

/** Learning curves and the like: one line a series, its name at the last point. */
export function lineChart(options: { x: Axis; y: Axis; series: readonly Series[] }): string {
  const rows = options.series.flatMap((series) =>
    series.points.map(([x, y]) => ({ name: series.name, x, y })),
  );
  return draw({
    x: { ...options.x },
    y: { ...options.y, grid: true },
    color: scale(options.series.map((series) => series.name)),
    marks: [Plot.lineY(rows, { x: "x", y: "y", stroke: "name", strokeWidth: 1.8 })],
  });
}

/** One dot for each value in a row for each group, with the mean as a bar: rewards by driver. */
export function stripChart(options: {
  x: Axis;
  groups: readonly { name: string; values: readonly number[] }[];
}): string {
  const rows = options.groups.flatMap((group) => group.values.map((value) => ({ name: group.name, value })));
  const means = options.groups.map((group) => ({ name: group.name, value: mean(group.values) }));
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
 * @param track float64 [n, 4]: alpha, beta, x, y of the tiles (`env.unwrapped.track`)
 * @param path positions and speeds (world units, units a second) in the order driven
 */
export function trackMap(options: {
  track: Float64Array;
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

function scale(domain: string[]): Plot.ScaleOptions {
  return { domain, range: [...palette], legend: domain.length > 1 };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function draw(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  // A fixed class name keeps the output the same from run to run.
  const plot = Plot.plot({ ...theme, ...options, className: "tritrack-plot", document });
  return plot.outerHTML;
}
