/** A census as a picture (Figs 3 and 8 of the paper) and as a table for spreadsheets. */
import type { Census } from "../search/census/census.ts";
import { histogram } from "./charts.ts";

/** Bars at most; where fewer accuracies occur, one a step of one image. */
const BARS = 60;

/** Neighbours by accuracy, the network itself as a red line: SVG text. */
export function censusPicture(census: Census, network: string): string {
  const { layer, neighbours, images, original, above, equal } = census;
  const shares = [above, equal].map((share) => (100 * share).toFixed(1));
  return histogram({
    title: `${network}, layer ${layer}: ${shares[0]} % above, ${shares[1]} % equal`,
    x: { label: `accuracy on ${images} inputs (%)` },
    y: { label: `${neighbours === census.population ? "all" : "sampled"} first neighbours (thousands)` },
    bins: bars(census).map((bar) => ({ ...bar, count: bar.count / 1000 })),
    mark: { value: 100 * original, name: `original, ${(100 * original).toFixed(2)} %` },
  });
}

/** In percent, whole images a bar: bars of unequal numbers of steps would show a comb. */
function bars({ histogram, images, best, worst }: Census): { from: number; to: number; count: number }[] {
  const rights = histogram.map(({ accuracy, count }) => ({ right: Math.round(accuracy * images), count }));
  const first = Math.round(worst * images);
  const last = Math.round(best * images);
  const step = Math.ceil((last - first + 1) / BARS);
  const counts = new Array<number>(Math.floor((last - first) / step) + 1).fill(0);
  for (const { right, count } of rights) counts[Math.floor((right - first) / step)] += count;
  const edge = (i: number) => (100 * (first + i * step - 0.5)) / images;
  return counts.map((count, i) => ({ from: edge(i), to: edge(i + 1), count }));
}

/** Accuracy and neighbours, a line each. */
export function censusTable({ histogram }: Census): string {
  return `accuracy,neighbours\n${histogram.map(({ accuracy, count }) => `${accuracy},${count}\n`).join("")}`;
}
