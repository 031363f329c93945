/**
 * Jobs that call a reward function out of a module of this machine. They run what the job names, so only the threads of
 * `reward-node.ts` do them, never a worker on Redis.
 */
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";
import { readNetwork } from "../../policies/ternary/safetensors.ts";
import { type BlobName, type Job, type JobKind, type JobKinds, refuseJob } from "../work/pool.ts";
import type { RewardFunction } from "./rule.ts";

/** One call of a reward function. Its result is float64, little-endian. */
export interface RewardJob extends Job {
  readonly kind: "reward";
  /** A network file. */
  readonly blobs: readonly [network: BlobName];
  /** URL of the module. */
  readonly module: string;
  /** Name of its export. */
  readonly name: string;
}

const rewardJobs: JobKind<RewardJob> = {
  kind: "reward",
  check({ blobs, module, name }) {
    if (blobs.length !== 1) refuseJob("blobs", blobs);
    if (typeof module !== "string") refuseJob("module", module);
    if (typeof name !== "string") refuseJob("name", name);
  },
  async run({ module, name }, [networkBytes]) {
    const reward: RewardFunction | undefined = (await import(module))[name];
    if (typeof reward !== "function")
      throw new InvalidOption(
        `${module}: expected an export ${describe(name)} that is a function, got ${describe(reward)}`,
      );
    const value = await reward(readNetwork(networkBytes, "network of a job"));
    if (!Number.isFinite(value))
      throw new InvalidOption(`${name} of ${module}: expected a finite number, got ${describe(value)}`);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    return bytes;
  },
};

/** The kinds of jobs of this module. */
export const jobs: JobKinds = [rewardJobs];

/** URL of this module, for a ThreadPool. */
export const rewardJobsModule = import.meta.url;
