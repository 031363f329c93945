/**
 * Episodes as Python's tools hold them, all arrays, for npz/ and minari/. On the way out the frames are made by replaying;
 * on the way in seed and actions are driven again, and the rewards, frames and ends that came along must be those that the
 * environment gives.
 */
import type { Env, Seed, StepResult } from "../env/api.ts";
import type { CarAction, CarRacing } from "../env/car-racing/car-racing.ts";
import { describe, shorten } from "../env/describe.ts";
import { CorruptFile, InvalidOption } from "../env/errors.ts";
import { make } from "../env/registry.ts";
import { checkDuration, type Driver, type Episode, type EpisodeStart } from "./episode.ts";
import { ReplayMismatch, replay } from "./player.ts";
import { Recorder } from "./recorder.ts";

/** Arrays that a replay makes of an episode of T steps. */
export interface EpisodeArrays {
  /** uint8 [T + 1, ...shape]: the observation of `reset`, then that of each step. */
  observations: Uint8Array;
  /** Shape of one observation: [96, 96, 3] of CarRacing. */
  observationShape: readonly number[];
  /** [T], 1 where the task ended with the step, else 0. */
  terminations: Uint8Array;
  /** [T], 1 where a time limit ended the episode with the step, else 0. */
  truncations: Uint8Array;
}

/**
 * Replays an episode and keeps its frames and ends.
 * @param env as `makeRecordedEnv` makes it
 * @throws ReplayMismatch at the first step that differs
 */
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

/** An episode from elsewhere, its arrays checked for type and shape. */
export interface ForeignEpisode {
  /** Arguments that make its environment. */
  environment: EpisodeStart["environment"];
  /** Seed of `reset`. */
  seed: Seed;
  /** Options of `reset`. */
  options: Record<string, unknown>;
  /** The driver. */
  driver: Driver;
  /** [T, 3] controls, float32 or float64; or int32 [T] where actions are discrete. */
  actions: Float32Array | Float64Array | Int32Array;
  /** [T]; left out where they are not known. */
  rewards?: ArrayLike<number> | undefined;
  /** Rounds a reward to the type that `rewards` came in. Default: not at all. */
  roundReward?: ((reward: number) => number) | undefined;
  /** [T], 1 where the task ended, else 0; left out where they are not known. */
  terminations?: ArrayLike<number> | undefined;
  /** [T], 1 where a time limit ended the episode or the driver broke it off, else 0; left out where they are not known. */
  truncations?: ArrayLike<number> | undefined;
  /** T + 1 frames of 96×96×3 bytes, one by one; left out where they are not known, or not lossless. */
  observations?: Iterable<Uint8Array> | undefined;
}

/** Steps of a drive before its caller is told, and may answer a signal. */
const PROGRESS_STEPS = 1000;

/**
 * Drives a foreign episode again and records it.
 * @param name what error messages call it
 * @param onProgress called every thousand steps with the steps driven and all there are
 * @throws ReplayMismatch where rewards, frames or the end differ; CorruptFile on values that no drive has
 */
export async function recordForeign(
  foreign: ForeignEpisode,
  name: string,
  onProgress?: (done: number, total: number) => Promise<void> | void,
): Promise<Episode> {
  const { environment, seed, options, driver } = foreign;
  const { id, kwargs, maxEpisodeSteps } = environment;
  const steps = checkForeign(foreign, name);
  const made = (await make(id, { ...kwargs, maxEpisodeSteps })) as Env<Uint8Array, CarAction>;
  const env = new Recorder(made, { driver });
  const car = made.unwrapped as CarRacing;
  const frames = foreign.observations?.[Symbol.iterator]();
  const check = (step: number, observation: Uint8Array) => {
    if (!frames) return;
    const given = frames.next().value as Uint8Array | undefined;
    if (given?.length === observation.length && given.every((byte, i) => byte === observation[i])) return;
    throw new ReplayMismatch(`${name}: observation ${step} is not what CarRacing-v3 shows for these actions`);
  };
  try {
    check(0, env.reset({ seed, options }).observation);
    for (let step = 0; step < steps; step++) {
      // Frames that nobody compares are not drawn; the recording holds the hash of the last one.
      car.drawObservations = frames !== undefined || step === steps - 1;
      const result = env.step(actionOf(foreign.actions, step));
      check(step + 1, result.observation);
      checkStep(foreign, step, steps, result, name);
      if (step % PROGRESS_STEPS === PROGRESS_STEPS - 1) await onProgress?.(step + 1, steps);
    }
    frames?.next(); // lets the source check what follows its last frame
    env.stop();
    return env.episode()!;
  } finally {
    env.close();
  }
}

/** @returns the number of steps @throws CorruptFile before anything is driven */
function checkForeign(foreign: ForeignEpisode, name: string): number {
  const { actions, rewards, terminations, truncations, environment } = foreign;
  const isDiscrete = environment.kwargs.continuous === false;
  if (isDiscrete !== actions instanceof Int32Array)
    throw new CorruptFile(
      `${name}: expected ${isDiscrete ? "discrete" : "three-number"} actions where "continuous" is ${!isDiscrete}`,
    );
  const steps = isDiscrete ? actions.length : actions.length / 3;
  if (steps < 1) throw new CorruptFile(`${name}: expected at least one action`);
  checkDuration(steps, environment.kwargs, name);
  const wrong = actions.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new CorruptFile(
      `${name}: actions of step ${isDiscrete ? wrong : Math.floor(wrong / 3)}: expected finite numbers, got ${actions[wrong]}`,
    );
  for (const [key, values] of Object.entries({ rewards, terminations, truncations })) {
    if (!values) continue;
    if (values.length !== steps)
      throw new CorruptFile(`${name}: ${key}: expected ${steps}, got ${values.length}`);
    for (let step = 0; step < steps; step++) {
      const value = values[step];
      if (key === "rewards" ? Number.isFinite(value) : value === 0 || value === 1) continue;
      const expected = key === "rewards" ? "a finite number" : "true or false";
      throw new CorruptFile(`${name}: ${key} of step ${step}: expected ${expected}, got ${value}`);
    }
  }
  return steps;
}

function actionOf(actions: ForeignEpisode["actions"], step: number): CarAction {
  return actions instanceof Int32Array ? actions[step] : actions.slice(3 * step, 3 * step + 3);
}

function checkStep(
  { rewards, roundReward = (reward) => reward, terminations, truncations }: ForeignEpisode,
  step: number,
  steps: number,
  { reward, terminated, truncated }: StepResult<unknown>,
  name: string,
): void {
  if (rewards && roundReward(reward) !== rewards[step])
    throw new ReplayMismatch(
      `${name}: the reward of step ${step} is ${rewards[step]}, CarRacing-v3 gives ${reward} for these actions`,
    );
  const isLast = step === steps - 1;
  if (terminations && Boolean(terminations[step]) !== terminated)
    throw new ReplayMismatch(
      `${name}: step ${step} has termination ${Boolean(terminations[step])}, CarRacing-v3 gives ${terminated}`,
    );
  // Collectors mark the last step of an episode that they broke off as truncated (Minari's DataCollector).
  if (truncations && Boolean(truncations[step]) !== truncated && !(isLast && truncations[step]))
    throw new ReplayMismatch(
      `${name}: step ${step} has truncation ${Boolean(truncations[step])}, CarRacing-v3 gives ${truncated}`,
    );
  if ((terminated || truncated) && !isLast)
    throw new ReplayMismatch(`${name}: the episode ends after ${step + 1} steps, but ${steps} are given`);
}

/** Options that Gymnasium's CarRacing-v3 has, by their names there. */
const KWARGS: Record<string, string> = {
  continuous: "continuous",
  domainRandomize: "domain_randomize",
  lapCompletePercent: "lap_complete_percent",
};
/** Arguments that change nothing of an episode. */
const NEUTRAL = ["render_mode", "verbose"];
/** Arguments of `tritrack/CarRacing-v3` that say how its server is reached. */
const BRIDGE = ["env_id", "url", "token", "command", "timeout"];

/**
 * An environment's arguments as Gymnasium takes them.
 * @throws InvalidOption on those that it does not have
 */
export function kwargsToGymnasium(kwargs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(kwargs)
      .filter(([key, value]) => !(key === "physics" && value === "exact"))
      .map(([key, value]) => {
        if (Object.hasOwn(KWARGS, key)) return [KWARGS[key], value];
        throw new InvalidOption(
          `${shorten(key)}: expected options that Gymnasium's CarRacing-v3 has, to export a recording`,
        );
      }),
  );
}

/**
 * Gymnasium's arguments as this environment takes them.
 * @param isBridge whether they are those of `tritrack/CarRacing-v3`, which has all options of this one in snake_case
 * @throws CorruptFile on others: a stranger's file makes no other environment than it says
 */
export function kwargsFromGymnasium(
  kwargs: Record<string, unknown>,
  name: string,
  isBridge = false,
): Record<string, unknown> {
  const own = new Map(Object.entries(KWARGS).map(([key, theirs]) => [theirs, key]));
  return Object.fromEntries(
    Object.entries(kwargs)
      .filter(([key]) => !NEUTRAL.includes(key) && !(isBridge && BRIDGE.includes(key)))
      .map(([key, value]) => {
        if (isBridge && /^[a-z]+(_[a-z]+)*$/.test(key)) return [camelCase(key), value];
        const known = own.get(key);
        if (known) return [known, value];
        throw new CorruptFile(`${name}: kwargs: expected options of CarRacing-v3, got ${describe(key)}`);
      }),
  );
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
