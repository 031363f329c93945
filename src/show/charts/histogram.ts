/** Histograms with one value marked by a red line, as Figs 3 and 8 of the paper have them. */
import * as Plot from "@observablehq/plot";
import { mean } from "../../data/statistics.ts";
import type { Census } from "../../search/census/census.ts";
import { type Axis, drawChart, MARK_RED, palette } from "./chart.ts";

/** One bar: `count` values lie between `from` and `to`. */
export interface Bin {
  /** Lower edge, in the unit of the values. */
  from: number;
  /** Upper edge, in the unit of the values. */
  to: number;
  /** Number of values between the edges. */
  count: number;
}

/** Most bars of a histogram of accuracies. */
const MOST_BARS = 60;

/** Width of a bar in a histogram of driving rewards, points. */
const REWARD_BAR = 10;

/**
 * A histogram.
 * @param options.bins in ascending order
 * @param options.mark place of the red line, and its name in the legend
 * @returns SVG text
 */
export function histogram(options: {
  title?: string;
  x: Axis;
  y: Axis;
  bins: readonly Bin[];
  mark: { value: number; name: string };
}): string {
  const { title, x, y, bins, mark } = options;
  return drawChart(
    {
      x: { ...x },
      y: { ...y, grid: true },
      marks: [
        Plot.rectY(bins, { x1: "from", x2: "to", y: "count", fill: palette[0], insetLeft: 0.5 }),
        Plot.ruleX([mark.value], { stroke: MARK_RED, strokeWidth: 2 }),
        Plot.ruleY([0]),
      ],
    },
    { title, legend: [{ name: mark.name, color: MARK_RED }] },
  );
}

/** Driving rewards of episodes, ten points a bar; the red line is their mean. Returns SVG text. */
export function rewardHistogram(rewards: readonly number[]): string {
  const average = mean([...rewards]);
  const counts = new Map<number, number>();
  for (const reward of rewards) {
    const from = REWARD_BAR * Math.floor(reward / REWARD_BAR);
    counts.set(from, (counts.get(from) ?? 0) + 1);
  }
  return histogram({
    x: { label: "driving reward" },
    y: { label: "episodes" },
    bins: [...counts]
      .sort(([a], [b]) => a - b)
      .map(([from, count]) => ({ from, to: from + REWARD_BAR, count })),
    mark: { value: average, name: `mean, ${average.toFixed(1)}` },
  });
}

/**
 * First neighbours by accuracy; the red line is the network itself. Returns SVG text.
 * @param network its name, for the title
 */
export function censusHistogram(census: Census, network: string): string {
  const { layer, neighbours, images, original, above, equal } = census;
  const shares = [above, equal].map((share) => (100 * share).toFixed(1));
  return histogram({
    title: `${network}, layer ${layer}: ${shares[0]} % above, ${shares[1]} % equal`,
    x: { label: `accuracy on ${images} inputs (%)` },
    y: { label: `${neighbours === census.population ? "all" : "sampled"} first neighbours (thousands)` },
    bins: binned(census.histogram, images).map(({ from, to, count }) => ({
      from: 100 * from,
      to: 100 * to,
      count: count / 1000,
    })),
    mark: { value: 100 * original, name: `original, ${(100 * original).toFixed(2)} %` },
  });
}

/**
 * Sorts accuracies into bars of equal width.
 *
 * An accuracy is a whole number of right answers over `inputs`. Every bar takes in equally many of these numbers, and
 * its edges lie between two of them: bars with unequal numbers would show a comb that is not in the data.
 * @param accuracies from 0 to 1, and how often each occurs; at least one
 * @param inputs images or frames that accuracies were measured on
 * @param most bars. Default: 60
 */
export function binned(
  accuracies: readonly { accuracy: number; count: number }[],
  inputs: number,
  most = MOST_BARS,
): Bin[] {
  const rights = accuracies.map(({ accuracy }) => Math.round(accuracy * inputs));
  const first = rights.reduce((a, b) => Math.min(a, b));
  const last = rights.reduce((a, b) => Math.max(a, b));
  const width = Math.ceil((last - first + 1) / most);
  const counts = new Array<number>(Math.floor((last - first) / width) + 1).fill(0);
  accuracies.forEach(({ count }, i) => {
    counts[Math.floor((rights[i] - first) / width)] += count;
  });
  const edge = (i: number) => (first + i * width - 0.5) / inputs;
  return counts.map((count, i) => ({ from: edge(i), to: edge(i + 1), count }));
}
