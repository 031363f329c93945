/** Repeated runs, some of which may not be measured yet: training runs by sparsity (Fig 2), random walks by seed. */
import { mean } from "../data/statistics.ts";
import { ifMeasured, NotMeasured } from "./workspace.ts";

/** Results by what was varied: sparsity in percent, or seed. */
export type Runs<Result> = Map<number, Result[]>;

/** Runs a point of Fig 2 in the paper. */
const PAPER_RUNS = 3;

/** Adds one run for each sparsity or seed; runs that are not measured yet are left out. */
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

/**
 * Numbers of runs for a caption, such as "n = 3 training runs a point, seeds from 1 on".
 * @param wanted runs a point that the settings ask for
 */
export function countRuns(runs: Runs<unknown>, sparsities: readonly number[], wanted: number): string {
  const counts = [...runs.values()].map((results) => results.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const n = least === most ? `${least}` : `${least} to ${most}`;
  const without = sparsities.filter((sparsity) => !runs.has(sparsity));
  return [
    `n = ${n} training run${most === 1 ? "" : "s"} a point, seeds from 1 on`,
    ...(least < wanted || without.length > 0 ? [`so far; ${wanted} are planned`] : []),
    ...(without.length > 0 ? [`none yet at ${without.join(", ")} %`] : []),
    ...(most < PAPER_RUNS ? [`the paper has n = ${PAPER_RUNS}`] : []),
  ].join(", ");
}

/**
 * Mean, least and greatest of numbers, such as "98.61 (98.50–98.70)"; a single number stands alone.
 * @param values "" is returned for undefined
 * @param digits after the point. Default: 2
 */
export function spread(values: readonly number[] | undefined, digits = 2): string {
  if (!values) return "";
  const text = mean([...values]).toFixed(digits);
  return values.length === 1
    ? text
    : `${text} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;
}
