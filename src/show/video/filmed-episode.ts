/** Episodes that `render-video.ts` can film: a recording that is replayed, or one that a policy drives now. */
import type { Env, Seed } from "../../../env/api.ts";
import { make } from "../../../env/index.ts";
import type { Policy } from "../../../policies/policy.ts";
import type { Episode } from "../../../recordings/episode.ts";
import { makeRecordedEnv, type ReplayStep, replay } from "../../../recordings/player.ts";
import { episodeSteps } from "../../episodes/steps.ts";

/** An episode that is driven while it is filmed. */
export interface FilmedEpisode {
  /** Name of the driver. */
  name: string;
  /** The environment; between two steps `env.render()` shows the state after the first of them. */
  env: Env;
  /** Drives the episode, one step at a time. */
  steps(): Generator<ReplayStep<unknown, unknown>, void, undefined>;
  /** Most steps that it can have. */
  maxSteps: number;
  /** Steps in a second of driving: `renderFps` of the environment, or a part of it where each action is repeated. */
  stepsPerSecond: number;
}

/** A recording; the replay checks its rewards and its last frame. */
export async function recordedEpisode(recording: Episode): Promise<FilmedEpisode> {
  const env = await makeRecordedEnv(recording, { renderMode: "rgb_array" });
  return {
    name: recording.driver.name,
    env,
    steps: () => replay(recording, env),
    maxSteps: recording.rewards.length,
    stepsPerSecond: stepsPerSecond(env),
  };
}

/**
 * One episode of CarRacing-v3.
 * @param options.observations true draws observations. Default: true if the policy looks at them
 */
export async function drivenEpisode(
  policy: Policy,
  seed: Seed,
  { observations = policy.observes ?? true }: { observations?: boolean } = {},
): Promise<FilmedEpisode> {
  const env = await make("CarRacing-v3", { renderMode: "rgb_array", observations });
  return {
    name: policy.name,
    env: env as Env,
    steps: () => episodeSteps(env, policy, seed),
    maxSteps: env.spec!.maxEpisodeSteps!,
    stepsPerSecond: stepsPerSecond(env as Env),
  };
}

function stepsPerSecond(env: Env): number {
  const { frameSkip = 1 } = env.spec?.kwargs ?? {};
  return env.metadata.renderFps / (typeof frameSkip === "number" ? frameSkip : 1);
}
