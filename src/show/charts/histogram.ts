/** Accuracies as bars of a histogram. */

/** One bar: accuracies from `from` to `to`, 0 to 1, and how many have them. */
export interface Bin {
  from: number;
  to: number;
  count: number;
}

/**
 * At most `most` equal bars. Accuracies are whole numbers of right answers, so every bar takes in equally many of
 * those, and its edges lie between two of them: bars of unequal numbers would show a comb.
 * @param histogram accuracies, 0 to 1, and how often each occurs
 * @param inputs images or frames that accuracies were measured on
 */
export function binned(
  histogram: readonly { accuracy: number; count: number }[],
  inputs: number,
  most = 60,
): Bin[] {
  const rights = histogram.map(({ accuracy }) => Math.round(accuracy * inputs));
  const first = rights.reduce((a, b) => Math.min(a, b));
  const last = rights.reduce((a, b) => Math.max(a, b));
  const width = Math.ceil((last - first + 1) / most);
  const counts = new Array<number>(Math.floor((last - first) / width) + 1).fill(0);
  histogram.forEach(({ count }, i) => {
    counts[Math.floor((rights[i] - first) / width)] += count;
  });
  const edge = (i: number) => (first + i * width - 0.5) / inputs;
  return counts.map((count, i) => ({ from: edge(i), to: edge(i + 1), count }));
}
