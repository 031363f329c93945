/** Training runs at several sparsities, of which a report may have some only: what Figs 2a and 2b are made of. */
import { mean } from "simple-statistics";
import { NotMeasured } from "./workspace.ts";

/** Results by sparsity in percent, a run each. */
export type Runs<Result> = Map<number, Result[]>;

/** Adds one run of every sparsity to those there are; one that is left for a later time is left out. */
export async function addRuns<Result>(
  runs: Runs<Result>,
  sparsities: readonly number[],
  measure: (sparsity: number) => Promise<Result>,
): Promise<void> {
  for (const sparsity of sparsities) {
    try {
      const result = await measure(sparsity);
      runs.set(sparsity, [...(runs.get(sparsity) ?? []), result]);
    } catch (error) {
      if (!(error instanceof NotMeasured)) throw error;
    }
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
