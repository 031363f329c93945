/** A reward function of one's own, evaluated on several threads: they import the module that exports it. */
import { writeNetwork } from "../../policies/ternary/safetensors.ts";
import { ThreadPool } from "../work/thread-pool-node.ts";
import { type RewardJob, rewardJobsModule } from "./reward-job.ts";
import type { RewardFunction } from "./rule.ts";

/** Options of `startRewardThreads`. */
export interface RewardThreadsOptions {
  /** URL of the module, such as `import.meta.resolve("./my-reward.js")`. */
  module: string;
  /** Name of its export: a `RewardFunction`. Default: "default". */
  name?: string | undefined;
  /** Threads, 1 or more. */
  workers: number;
}

/** Threads that evaluate a reward function. */
export interface RewardThreads {
  /** For `SearchOptions.reward`: the candidates of a step are evaluated in parallel. */
  readonly reward: RewardFunction;
  /** Ends the threads. */
  close(): Promise<void>;
}

/**
 * Starts threads for a reward function.
 * @throws {@link InvalidOption} unless `workers` is a whole number from 1 up
 */
export function startRewardThreads({
  module,
  name = "default",
  workers,
}: RewardThreadsOptions): RewardThreads {
  const pool = new ThreadPool(workers, [rewardJobsModule]);
  return {
    async reward(network) {
      const blob = await pool.share(writeNetwork({ ...network, metadata: {} }));
      const job: RewardJob = { kind: "reward", blobs: [blob], module, name };
      const [bytes] = await pool.run([job]);
      await pool.forget(blob);
      return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
    },
    close: () => pool.close(),
  };
}
