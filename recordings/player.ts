/**
 * Replays a recording: makes the environment again, repeats reset and actions, and checks every reward, the end and
 * the hash of the last observation. The result is the episode with its frames.
 */
import type { Env, StepResult } from "../env/api.ts";
import { shorten } from "../env/describe.ts";
import { TritrackError } from "../env/errors.ts";
import { make } from "../env/index.ts";
import { actionAt, type Episode, type EpisodeEnd, hashObservation, withoutNeutral } from "./episode.ts";
import { VERSION } from "./version.ts";

/** Thrown where the environment does not do what the recording says: another version or physics, or a changed file. */
export class ReplayMismatch extends TritrackError {}

/** Steps in a second of driving: those of the environment's `renderFps`, or a part of them where it repeats each action. */
export function stepsPerSecond(env: Env): number {
  const { frameSkip = 1 } = env.spec?.kwargs ?? {};
  return env.metadata.renderFps / (typeof frameSkip === "number" ? frameSkip : 1);
}

/** One step of an episode: what the driver saw, did and got. */
export interface ReplayStep<Observation = Uint8Array, Action = Float32Array> {
  /** Number of the step, from 0. */
  index: number;
  /** Observation before the action. */
  observation: Observation;
  /** The driver's action. */
  action: Action;
  /** Reward of the step. */
  reward: number;
  /** Observation after the action. */
  nextObservation: Observation;
  /** True if the task ended with this step: lap finished, or car out of bounds. */
  terminated: boolean;
  /** True if a time limit ended the episode with this step. */
  truncated: boolean;
}

/**
 * The environment of a recording, made with the arguments it was recorded with, except those that change nothing of an
 * episode. Among them is `reuseObservations`: a replay gives the frames before and after a step, which must be two.
 * @param kwargs more arguments, such as `{ renderMode: "rgb_array" }` to draw the replay. Default: none
 * @throws UnregisteredEnv where the recording is of an environment that is not registered; InvalidOption on arguments that
 * it does not take
 */
export async function makeRecordedEnv<Observation = Uint8Array, Action = Float32Array>(
  episode: Episode,
  kwargs: Record<string, unknown> = {},
): Promise<Env<Observation, Action>> {
  const { id, maxEpisodeSteps, kwargs: recorded } = episode.environment;
  const env = await make(id, { ...withoutNeutral(recorded), ...kwargs, maxEpisodeSteps });
  return env as Env<Observation, Action>;
}

/**
 * The steps of a recording, one by one; after each, `env` is in the state after it, so that `env.render()` draws it.
 * @param env as `makeRecordedEnv` makes it; it can be used for one recording after another of the same environment
 * @throws ReplayMismatch at the first step that differs
 */
export function* replay<Observation = Uint8Array, Action = Float32Array>(
  episode: Episode,
  env: Env<Observation, Action>,
): Generator<ReplayStep<Observation, Action>, void, undefined> {
  const steps = episode.rewards.length;
  let { observation } = env.reset({ seed: episode.seed, options: episode.options });
  for (let index = 0; index < steps; index++) {
    const action = actionAt(episode, index) as Action;
    const result = env.step(action);
    const { reward } = result;
    const last = index === steps - 1;
    check(episode, index, "reward", reward, episode.rewards[index]);
    check(episode, index, "end", endOf(result), last && episode.end !== "interrupted" ? episode.end : null);
    if (last) check(episode, index, "frame hash", hashObservation(result.observation), episode.frameSha256);
    const { terminated, truncated, observation: nextObservation } = result;
    yield { index, observation, action, reward, nextObservation, terminated, truncated };
    observation = nextObservation;
  }
}

/**
 * Replays a whole recording for its checks alone.
 * @throws ReplayMismatch at the first step that differs
 */
export function verify(episode: Episode, env: Env): void {
  for (const _ of replay(episode, env));
}

function endOf(result: StepResult<unknown>): EpisodeEnd | null {
  if (result.terminated) return "terminated";
  return result.truncated ? "truncated" : null;
}

function check<T>(episode: Episode, index: number, what: string, value: T, recorded: T): void {
  if (Object.is(value, recorded)) return;
  throw new ReplayMismatch(
    `replay differs at step ${index}: ${what} is ${value}, recorded ${recorded} (recorded by tritrack ${shorten(episode.tritrack)}, replayed by ${VERSION})`,
  );
}
