/** A census as a picture (Figs 3 and 8 of the paper) and as a table for spreadsheets. */
import type { Census } from "../search/census/census.ts";
import { binned } from "./bins.ts";
import { histogram } from "./charts.ts";

/** Neighbours by accuracy, the network itself as a red line: SVG text. */
export function censusPicture(census: Census, network: string): string {
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

/** Accuracy and neighbours, a line each. */
export function censusTable({ histogram }: Census): string {
  return `accuracy,neighbours\n${histogram.map(({ accuracy, count }) => `${accuracy},${count}\n`).join("")}`;
}
