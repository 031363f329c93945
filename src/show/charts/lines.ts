/** Charts of a quantity over another: one line a series, or means with every measurement around them. */
import * as Plot from "@observablehq/plot";
import { mean } from "../../data/statistics.ts";
import { type Axis, colored, drawChart, type Head } from "./chart.ts";

/** One line of a {@link lineChart}. */
export interface Series {
  /** Name in the legend; "" leaves the series out of it, for a line that shares another one's name. */
  name: string;
  /** Points in the order in which they are joined. */
  points: readonly (readonly [x: number, y: number])[];
  /** CSS colour. Default: the next of the palette. */
  color?: string;
}

/** One series of a {@link spreadChart}. */
export interface SpreadSeries {
  /** Name in the legend. */
  name: string;
  /** All values measured at each x. */
  points: readonly { x: number; values: readonly number[] }[];
  /** CSS colour. Default: the next of the palette. */
  color?: string;
}

/** Lines such as learning curves; two series or more have a legend. Returns SVG text. */
export function lineChart(options: { title?: string; x: Axis; y: Axis; series: readonly Series[] }): string {
  const { title, x, y } = options;
  const series = colored(options.series);
  return drawChart(
    {
      x: { ...x },
      y: { ...y, grid: true },
      marks: series.map(({ points, color }) => Plot.line(points, { stroke: color, strokeWidth: 1.8 })),
    },
    { title, legend: legendOf(series) },
  );
}

/**
 * Repeated measurements at each x: their mean as a line, every value as a dot, a bar from the least to the greatest.
 * Returns SVG text.
 */
export function spreadChart(options: {
  title?: string;
  x: Axis;
  y: Axis;
  series: readonly SpreadSeries[];
}): string {
  const { title, x, y } = options;
  const series = colored(options.series);
  return drawChart(
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
    { title, legend: legendOf(series) },
  );
}

/** A single series needs no legend: the y axis names it. */
function legendOf(series: readonly { name: string; color: string }[]): NonNullable<Head["legend"]> {
  return series.length > 1 ? series.filter(({ name }) => name !== "") : [];
}
