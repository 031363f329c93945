/**
 * Evaluation on several threads (Node only). Each thread makes its own policy and environment and takes seeds from
 * one queue; the outcome is that of `evaluate`, whatever the number of threads.
 */
import { InvalidOption } from "../../env/errors.ts";
import { ThreadPool } from "../work/thread-pool-node.ts";
import { type EpisodeResult, type EvaluateOptions, type Evaluation, summarize } from "./evaluate.ts";
import {
  type EvaluatedEpisode,
  type EvaluateJob,
  type EvaluateSetup,
  evaluateJobsModule,
} from "./evaluate-job.ts";

/** Recipe of a policy for a thread: functions and networks cannot be sent to threads, so the thread imports or makes them. */
export interface PolicyRecipe {
  /** URL of a module, for example `import.meta.resolve("tritrack/policies")`. */
  module: string;
  /** Name of the module's export that, called with `args`, returns a policy, a function, or a promise of either. */
  create: string;
  /** Values that can be sent between threads. Default: none. */
  args?: readonly unknown[];
}

/** Options of `evaluateInWorkers`: those of `evaluate`, except `env`, which cannot be shared. */
export interface EvaluateInWorkersOptions extends Omit<EvaluateOptions, "env"> {
  /** Threads, 1 or more; no more are started than there are seeds. */
  workers: number;
}

/**
 * Drives a policy over all seeds on several threads.
 * @returns what `evaluate` returns for the same policy, seeds and options
 * @throws {@link InvalidOption} without seeds or workers; {@link WorkerLost} if a thread ends early; whatever a thread
 *   throws
 */
export async function evaluateInWorkers(
  recipe: PolicyRecipe,
  { workers, seeds, envOptions, maxSteps, onProgress }: EvaluateInWorkersOptions,
): Promise<Evaluation> {
  if (seeds.length === 0) throw new InvalidOption("seeds: expected at least one, got none");
  if (!Number.isInteger(workers) || workers < 1)
    throw new InvalidOption(`workers: expected a whole number from 1 up, got ${workers}`);
  const data: EvaluateSetup = { recipe, envOptions, maxSteps };
  const pool = new ThreadPool(Math.min(workers, seeds.length), [evaluateJobsModule], { attempts: 1, data });
  let name = "";
  let done = 0;
  const drive = async (seed: number): Promise<EpisodeResult> => {
    const job: EvaluateJob = { kind: "evaluate", blobs: [], seed };
    const [bytes] = await pool.run([job]);
    const { policy, ...result }: EvaluatedEpisode = JSON.parse(new TextDecoder().decode(bytes));
    name = policy;
    onProgress?.(result, ++done);
    return result;
  };
  try {
    const results = await Promise.all(seeds.map(drive));
    return summarize(name, results);
  } finally {
    await pool.close();
  }
}
