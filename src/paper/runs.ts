/** Runs, of which a report may have some only: training runs at several sparsities (Figs 2a and 2b), walks by seed. */
import { mean } from "../data/statistics.ts";
import { ifMeasured, NotMeasured } from "./workspace.ts";

/** Results by what was varied: sparsity in percent, or the seed. */
export type Runs<Result> = Map<number, Result[]>;

/** Adds one run of every kind to those there are; one that is left for a later time is left out. */
export async function addRuns<Result>(
  runs: Runs<Result>,
  kinds: readonly number[],
  measure: (kind: number) => Promise<Result>,
): Promise<void> {
  for (const kind of kinds) {
    const result = await ifMeasured(() => measure(kind));
    if (!(result instanceof NotMeasured)) runs.set(kind, [...(runs.get(kind) ?? []), result]);
  }
}

/** How many runs a point has, for captions: "n = 3 training runs a point, seeds from 1 on". */
export function countRuns(runs: Runs<unknown>, sparsities: readonly number[], wanted: number): string {
  const counts = [...runs.values()].map((results) => results.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const n = least === most ? `${least}` : `${least} to ${most}`;
  const without = sparsities.filter((sparsity) => !runs.has(sparsity));
  return [
    `n = ${n} training run${most === 1 ? "" : "s"} a point, seeds from 1 on`,
    ...(least < wanted || without.length > 0 ? [`so far; ${wanted} are planned`] : []),
    ...(without.length > 0 ? [`none yet at ${without.join(", ")} %`] : []),
    ...(most < 3 ? ["the paper has n = 3"] : []),
  ].join(", ");
}

/** "98.61 (98.50–98.70)": mean, least and greatest of numbers. */
export function spread(values: readonly number[] | undefined, digits = 2): string {
  if (!values) return "";
  const text = mean([...values]).toFixed(digits);
  return values.length === 1
    ? text
    : `${text} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;
}
