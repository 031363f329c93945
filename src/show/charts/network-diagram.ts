/** A small dense layer as nodes and connections, drawn as Fig 1 of the paper draws them. */
import * as Plot from "@observablehq/plot";
import { drawChart } from "./chart.ts";

/** Colours of the weights -1, 0 and +1, as the paper's Fig 1 has them. */
const WEIGHT_COLORS = { minus: "#e8731a", zero: "#999", plus: "#2b5fb8" } as const;

const LEGEND = [
  { name: "-1", color: WEIGHT_COLORS.minus },
  { name: "0", color: WEIGHT_COLORS.zero },
  { name: "+1", color: WEIGHT_COLORS.plus },
];

/**
 * Inputs on the left, outputs on the right: orange lines for -1, dashed gray ones for 0, blue ones for +1.
 * @param options.inputs inputs of the layer
 * @param options.weights -1, 0 or +1 by output, then by input
 * @returns SVG text
 */
export function networkDiagram(options: {
  title: string;
  inputs: number;
  weights: readonly number[];
}): string {
  const { title, inputs, weights } = options;
  const outputs = weights.length / inputs;
  const links = weights.map((weight, i) => ({
    y1: height(i % inputs, inputs),
    y2: height(Math.floor(i / inputs), outputs),
    weight,
  }));
  const lines = (weight: number, style: Plot.LinkOptions) =>
    Plot.link(
      links.filter((link) => link.weight === weight),
      { x1: 0, x2: 1, y1: "y1", y2: "y2", strokeWidth: 3, ...style },
    );
  return drawChart(
    {
      width: 300,
      height: 220,
      marginLeft: 60,
      marginRight: 60,
      marginBottom: 14,
      x: { axis: null, domain: [0, 1] },
      y: { axis: null, domain: [1, 0] },
      marks: [
        lines(0, { stroke: WEIGHT_COLORS.zero, strokeDasharray: "5 5", strokeWidth: 1.5 }),
        lines(-1, { stroke: WEIGHT_COLORS.minus }),
        lines(1, { stroke: WEIGHT_COLORS.plus }),
        nodes(0, inputs),
        nodes(1, outputs),
      ],
    },
    { title, legend: LEGEND },
  );
}

/** Height of node `i` of `count` in one column, 0 (top) to 1. */
function height(i: number, count: number): number {
  return (i + 0.5) / count;
}

/** A column of nodes at x = 0 or 1. */
function nodes(x: number, count: number): Plot.Markish {
  return Plot.dot(
    Array.from({ length: count }, (_, i) => ({ x, y: height(i, count) })),
    { x: "x", y: "y", r: 11, fill: "white", stroke: "#333", strokeWidth: 1.5 },
  );
}
