/**
 * Jobs of an evaluation on threads: an episode each. They run the module that the evaluation names, so only threads of this
 * machine do them, never a worker on Redis.
 */
import type { CarAction } from "../../env/car-racing/car-racing.ts";
import { type Job, type JobKinds, refuseJob } from "../work/pool.ts";
import { type EpisodeResult, type EvaluateOptions, makeFor, runEpisode } from "./evaluate.ts";
import type { PolicyRecipe } from "./evaluate-workers-node.ts";
import { asPolicy, type PolicyOrFunction } from "./steps.ts";

/** Data that each thread makes its policy and environment from. */
export interface EvaluateSetup extends Pick<EvaluateOptions, "envOptions" | "maxSteps"> {
  /** Recipe for its policy. */
  recipe: PolicyRecipe;
}

/** One episode. Its result is an `EvaluatedEpisode` as JSON. */
export interface EvaluateJob extends Job {
  readonly kind: "evaluate";
  /** None. */
  readonly blobs: readonly [];
  /** Seed that the environment is reset with. */
  readonly seed: number;
}

/** The result of an episode, with the name of the policy that drove it. */
export interface EvaluatedEpisode extends EpisodeResult {
  /** The policy's name. */
  policy: string;
}

type Created = PolicyOrFunction<Uint8Array, CarAction>;

/** Makes the kinds of jobs, with the policy and the environment of a thread. */
export async function jobs({ recipe, ...options }: EvaluateSetup): Promise<JobKinds> {
  const module: Record<string, (...args: unknown[]) => Created | Promise<Created>> = await import(
    recipe.module
  );
  const policy = asPolicy(await module[recipe.create](...(recipe.args ?? [])));
  const env = await makeFor(policy, options);
  return [
    {
      kind: "evaluate",
      check({ seed }) {
        if (typeof seed !== "number") refuseJob("seed", seed);
      },
      run({ seed }: EvaluateJob) {
        const episode: EvaluatedEpisode = { policy: policy.name, ...runEpisode(env, policy, seed) };
        return new TextEncoder().encode(JSON.stringify(episode));
      },
    },
  ];
}

/** URL of this module, for a ThreadPool. */
export const evaluateJobsModule = import.meta.url;
