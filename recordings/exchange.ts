/**
 * Episodes as Python's tools hold them, all arrays: what npz/ and minari/ share. On the way out the frames are made by
 * replaying; on the way in seed and actions are driven again, and rewards and frames that came along must be those
 * that the environment gives.
 */
import type { Env, Seed } from "../env/api.ts";
import type { CarAction } from "../env/car-racing/car-racing.ts";
import { CorruptFile, InvalidOption } from "../env/errors.ts";
import { make } from "../env/registry.ts";
import { type Driver, type Episode, type EpisodeStart, MAX_STEPS } from "./episode.ts";
import { ReplayMismatch, replay } from "./player.ts";
import { Recorder } from "./recorder.ts";

/** What a replay makes of an episode of T steps. */
export interface EpisodeArrays {
  /** [T + 1, ...shape]: what `reset` returned, then what each step did. */
  observations: Uint8Array;
  observationShape: readonly number[];
  /** [T], 0 or 1. */
  terminations: Uint8Array;
  truncations: Uint8Array;
}

/** @param env as `makeRecordedEnv` makes it. Throws `ReplayMismatch` as `replay` does. */
export function episodeArrays(episode: Episode, env: Env<Uint8Array, Float32Array>): EpisodeArrays {
  const steps = episode.rewards.length;
  const size = env.observationSpace.shape!.reduce((product, n) => product * n, 1);
  const observations = new Uint8Array((steps + 1) * size);
  const terminations = new Uint8Array(steps);
  const truncations = new Uint8Array(steps);
  for (const { index, observation, nextObservation, terminated, truncated } of replay(episode, env)) {
    if (index === 0) observations.set(observation);
    observations.set(nextObservation, (index + 1) * size);
    terminations[index] = Number(terminated);
    truncations[index] = Number(truncated);
  }
  return { observations, observationShape: env.observationSpace.shape!, terminations, truncations };
}

/** An episode from elsewhere. */
export interface ForeignEpisode {
  environment: EpisodeStart["environment"];
  seed: Seed;
  options: Record<string, unknown>;
  driver: Driver;
  /** float32 [T, 3], or whole numbers [T] where actions are discrete. */
  actions: ArrayLike<number>;
  /** [T]; left out where they are not known. In float32 they are compared as such. */
  rewards?: ArrayLike<number> | undefined;
  /** [T + 1, 96, 96, 3]; left out where they are not known, or not lossless. */
  observations?: Uint8Array | undefined;
}

/**
 * Drives a foreign episode again and records it.
 * @param name what error messages call it
 * @throws ReplayMismatch where rewards, frames or the end differ; CorruptFile where lengths make no sense
 */
export async function recordForeign(foreign: ForeignEpisode, name: string): Promise<Episode> {
  const { environment, seed, options, driver, actions, rewards, observations } = foreign;
  const { id, kwargs, maxEpisodeSteps } = environment;
  const made = (await make(id, { ...kwargs, maxEpisodeSteps })) as Env<Uint8Array, CarAction>;
  const env = new Recorder(made, { driver });
  try {
    const isDiscrete = kwargs.continuous === false;
    const width = isDiscrete ? 1 : 3;
    const steps = actions.length / width;
    if (!Number.isInteger(steps) || steps < 1 || steps > MAX_STEPS)
      throw new CorruptFile(`${name}: expected ${width} numbers an action and 1 to ${MAX_STEPS} actions`);
    if (rewards && rewards.length !== steps)
      throw new CorruptFile(`${name}: expected ${steps} rewards, got ${rewards.length}`);
    let { observation } = env.reset({ seed, options });
    if (observations && observations.length !== (steps + 1) * observation.length)
      throw new CorruptFile(`${name}: expected ${steps + 1} observations of ${observation.length} bytes`);
    const rounded = rewards instanceof Float32Array ? Math.fround : (reward: number) => reward;
    const check = (step: number) => {
      const given = observations?.subarray(step * observation.length, (step + 1) * observation.length);
      if (given?.some((byte, i) => byte !== observation[i]))
        throw new ReplayMismatch(
          `${name}: observation ${step} is not what CarRacing-v3 shows for these actions`,
        );
    };
    check(0);
    for (let step = 0; step < steps; step++) {
      const action = isDiscrete
        ? actions[step]
        : Float32Array.of(actions[3 * step], actions[3 * step + 1], actions[3 * step + 2]);
      const result = env.step(action);
      observation = result.observation;
      check(step + 1);
      if (rewards && rounded(result.reward) !== rewards[step]) {
        throw new ReplayMismatch(
          `${name}: the reward of step ${step} is ${rewards[step]}, CarRacing-v3 gives ${result.reward} for these actions`,
        );
      }
      if ((result.terminated || result.truncated) && step < steps - 1)
        throw new ReplayMismatch(`${name}: the episode ends after ${step + 1} steps, but ${steps} are given`);
    }
    env.stop();
    return env.episode()!;
  } finally {
    env.close();
  }
}

/** Options that Gymnasium's CarRacing-v3 has, by their names there. */
const KWARGS: Record<string, string> = {
  continuous: "continuous",
  domainRandomize: "domain_randomize",
  lapCompletePercent: "lap_complete_percent",
};
/** Arguments that change nothing of an episode. */
const NEUTRAL = ["render_mode"];

/** An environment's arguments as Gymnasium takes them. @throws InvalidOption on those that it does not have */
export function kwargsToGymnasium(kwargs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(kwargs)
      .filter(([key, value]) => !(key === "physics" && value === "exact"))
      .map(([key, value]) => {
        if (Object.hasOwn(KWARGS, key)) return [KWARGS[key], value];
        throw new InvalidOption(`Gymnasium's CarRacing-v3 has no option ${key}: such recordings stay here`);
      }),
  );
}

/** And back. @throws CorruptFile on others: a stranger's file makes no other environment than Gymnasium's */
export function kwargsFromGymnasium(kwargs: Record<string, unknown>, name: string): Record<string, unknown> {
  const own = new Map(Object.entries(KWARGS).map(([key, theirs]) => [theirs, key]));
  return Object.fromEntries(
    Object.entries(kwargs)
      .filter(([key]) => !NEUTRAL.includes(key))
      .map(([key, value]) => {
        const known = own.get(key);
        if (known) return [known, value];
        throw new CorruptFile(`${name}: Gymnasium's CarRacing-v3 has no option ${JSON.stringify(key)}`);
      }),
  );
}
