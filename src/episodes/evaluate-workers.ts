/**
 * Evaluation on several threads (Node only). Each thread makes its own policy and environment and takes seeds from
 * one queue; the outcome is that of `evaluate`, whatever the number of threads.
 */
import type { Worker } from "node:worker_threads";
import { InvalidOption } from "../../env/errors.ts";
import { startThread } from "../../env/thread-node.ts";
import { type EpisodeResult, type EvaluateOptions, type Evaluation, summarize } from "./evaluate.ts";

/** How a thread makes its policy: functions and networks do not cross between threads, so it is told where to find them. */
export interface PolicyRecipe {
  /** URL of a module, for example `import.meta.resolve("tritrack/policies")`. */
  module: string;
  /** Name of the module's export that, called with `args`, gives the policy or a promise of it. */
  create: string;
  /** Plain data. */
  args?: readonly unknown[];
}

/** What a thread is started with. */
export interface WorkerSetup extends Pick<EvaluateOptions, "envOptions" | "maxSteps"> {
  recipe: PolicyRecipe;
}

/** What a thread says: first the policy's name, then the result of each seed that it is sent. */
export type WorkerMessage = { policy: string } | { result: EpisodeResult };

/**
 * @param options.workers threads, 1 or more
 * @throws {@link InvalidOption} without seeds or workers; whatever a thread throws
 */
export async function evaluateInWorkers(
  recipe: PolicyRecipe,
  { workers, seeds, envOptions, maxSteps, onProgress }: EvaluateOptions & { workers: number },
): Promise<Evaluation> {
  if (seeds.length === 0) throw new InvalidOption("evaluate: expected at least one seed");
  if (!Number.isInteger(workers) || workers < 1) {
    throw new InvalidOption(`workers: expected a whole number from 1 up, got ${workers}`);
  }
  const workerData: WorkerSetup = { recipe, envOptions, maxSteps };
  const threads = Array.from({ length: Math.min(workers, seeds.length) }, () =>
    startThread("./evaluate-worker", import.meta.url, { workerData }),
  );
  const results: EpisodeResult[] = [];
  let name = "";
  let next = 0;
  let done = 0;
  const drive = (thread: Worker) =>
    new Promise<void>((resolve, reject) => {
      let index = -1;
      thread.on("error", reject);
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
