/** Drives that can be filmed: a recording replayed, or a policy driving now. */
import type { Env, Seed } from "../../../env/api.ts";
import { make } from "../../../env/index.ts";
import type { Policy } from "../../../policies/policy.ts";
import type { Episode } from "../../../recordings/episode.ts";
import { makeRecordedEnv, type ReplayStep, replay } from "../../../recordings/player.ts";
import { episodeSteps } from "../../episodes/steps.ts";

/** An episode by its steps; after each, `env.render()` shows the state after it. */
export interface Drive {
  /** Who drives. */
  name: string;
  env: Env;
  steps(): Generator<ReplayStep<unknown, unknown>, void, undefined>;
  /** At most so many steps. */
  total: number;
}

/** A recording, checked as it is replayed. */
export async function recordedDrive(episode: Episode): Promise<Drive> {
  const env = await makeRecordedEnv(episode, { renderMode: "rgb_array" });
  return { name: episode.driver.name, env, steps: () => replay(episode, env), total: episode.rewards.length };
}

/**
 * One episode of CarRacing-v3 on a seed.
 * @param options `observations`: whether observations are drawn even for a policy that does not look at them
 */
export async function policyDrive(
  policy: Policy,
  seed: Seed,
  { observations = policy.observes ?? true }: { observations?: boolean } = {},
): Promise<Drive> {
  const env = await make("CarRacing-v3", { renderMode: "rgb_array", observations });
  return {
    name: policy.name,
    env: env as Env,
    steps: () => episodeSteps(env, policy, seed),
    total: env.spec!.maxEpisodeSteps!,
  };
}
