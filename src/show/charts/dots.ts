/** Charts of single dots: points in the plane coloured by a value, and values in one row for each group. */
import * as Plot from "@observablehq/plot";
import { mean } from "../../data/statistics.ts";
import { type Axis, drawChart, MARK_RED, palette } from "./chart.ts";

/** One dot of a {@link scatterChart}. */
export interface ScatterPoint {
  /** Place along the x axis. */
  x: number;
  /** Place along the y axis. */
  y: number;
  /** The value that colour shows. */
  value: number;
  /** Index of the dot's shape, 0 to 5. Default: 0. */
  group?: number;
}

/** Blue of marked points, as in Figs 4 and 5 of the paper. */
const MARK_BLUE = "#0033cc";

/** Shapes of dots by group. */
const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "cross"] as const;

/**
 * Dots coloured by a value (viridis), with marked points as larger blue dots.
 * @param options.value name of the value for the colour ramp. Default: all dots are gray
 * @param options.markedName name of the marked points in the legend
 * @param options.path true joins the marked points by red lines and numbers them from 0. Default: false
 * @returns SVG text
 */
export function scatterChart(options: {
  title?: string;
  x: Axis;
  y: Axis;
  value?: string;
  points: readonly ScatterPoint[];
  marked: readonly { x: number; y: number }[];
  markedName: string;
  path?: boolean;
}): string {
  const { title, x, y, points, marked, markedName, path = false } = options;
  const values = points.map((point) => point.value);
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  return drawChart(
    {
      height: 420,
      // Keeps dots out of the legend and the axes.
      inset: 8,
      x: { ...x },
      y: { ...y, grid: true },
      color: { scheme: "viridis", domain: [least, greatest] },
      symbol: { domain: SYMBOLS.map((_, i) => i), range: [...SYMBOLS] },
      marks: [
        Plot.dot(points, {
          x: "x",
          y: "y",
          symbol: (point: ScatterPoint) => point.group ?? 0,
          fill: options.value ? "value" : "#888",
          fillOpacity: 0.8,
          r: 2.6,
        }),
        path ? Plot.line(marked, { x: "x", y: "y", stroke: MARK_RED, strokeWidth: 1.8 }) : null,
        Plot.dot(marked, { x: "x", y: "y", fill: MARK_BLUE, stroke: "white", r: path ? 7.5 : 6 }),
        path
          ? Plot.text(marked, { x: "x", y: "y", text: (_, i) => `${i}`, fill: "white", fontWeight: "bold" })
          : null,
      ],
    },
    {
      title,
      legend: [{ name: markedName, color: MARK_BLUE }],
      ...(options.value && { ramp: { label: options.value, from: least, to: greatest } }),
    },
  );
}

/** A row of dots for each group, one dot a value, and a black bar at the group's mean. Returns SVG text. */
export function stripChart(options: {
  x: Axis;
  groups: readonly { name: string; values: readonly number[] }[];
}): string {
  const rows = options.groups.flatMap((group) => group.values.map((value) => ({ name: group.name, value })));
  const means = options.groups.map((group) => ({ name: group.name, value: mean([...group.values]) }));
  const names = options.groups.map((group) => group.name);
  return drawChart({
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
