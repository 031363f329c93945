/**
 * Evaluation on several threads (Node only). Each thread makes its own policy and environment and takes seeds from
 * one queue; the outcome is that of `evaluate`, whatever the number of threads.
 */
import type { Worker } from "node:worker_threads";
import { InvalidOption, WorkerLost } from "../../env/errors.ts";
import { startThread } from "../../env/thread-node.ts";
import { type EpisodeResult, type EvaluateOptions, type Evaluation, summarize } from "./evaluate.ts";

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

/** Data that a thread is started with. */
export interface WorkerSetup extends Pick<EvaluateOptions, "envOptions" | "maxSteps"> {
  /** Recipe of its policy. */
  recipe: PolicyRecipe;
}

/** Message of a thread: first the policy's name, then the result of each seed that it is sent. */
export type WorkerMessage = { policy: string } | { result: EpisodeResult };

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
  const workerData: WorkerSetup = { recipe, envOptions, maxSteps };
  const threads = Array.from({ length: Math.min(workers, seeds.length) }, () =>
    startThread("./evaluate-worker-node", import.meta.url, { workerData }),
  );
  const results: EpisodeResult[] = [];
  let name = "";
  let next = 0;
  let done = 0;
  const drive = (thread: Worker) =>
    new Promise<void>((resolve, reject) => {
      let index = -1;
      thread.on("error", reject);
      thread.on("exit", () =>
        reject(new WorkerLost("a thread of the evaluation ended before its episodes did")),
      );
      thread.on("message", (message: WorkerMessage) => {
        if ("policy" in message) name = message.policy;
        else {
          results[index] = message.result;
          onProgress?.(message.result, ++done);
        }
        if (next === seeds.length) return resolve();
        index = next++;
        thread.postMessage(seeds[index]);
      });
    });
  try {
    await Promise.all(threads.map(drive));
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return summarize(name, results);
}
