/**
 * Headless evaluation: a policy drives one episode on each of many seeds. Its score is the driving reward, the
 * undiscounted, unshaped sum of an episode's rewards. Results depend on policy, seeds and options alone, never on
 * the clock.
 */
import type { Env } from "../../env/api.ts";
import type { CarAction, CarRacingOptions } from "../../env/car-racing/car-racing.ts";
import { EPISODE_STEPS } from "../../env/car-racing/core/constants.ts";
import { InvalidOption } from "../../env/errors.ts";
import { type CarRacingEnv, make } from "../../env/registry.ts";
import { TimeLimit } from "../../env/wrappers/time-limit.ts";
import type { Policy } from "../../policies/policy.ts";
import { mean, sd, sum } from "../data/statistics.ts";
import { asPolicy, episodeSteps, type PolicyOrFunction } from "./steps.ts";

/** The outcome of one episode. */
export interface EpisodeResult {
  /** Seed that the environment was reset with. */
  seed: number;
  /** Sum of the rewards of all steps: the driving reward. */
  reward: number;
  /** Number of steps. */
  steps: number;
  /** True if the lap was finished (`info.lapFinished` of the last step); false in environments without laps. */
  lap: boolean;
}

/** Options of `evaluate`. */
export interface EvaluateOptions<Observation = Uint8Array, Action = CarAction> {
  /** One episode each, in this order. */
  seeds: readonly number[];
  /**
   * Options of CarRacing-v3, where `env` is not given. Default: those of `make`, except that observations are drawn only
   * for policies that look at them, each over the last one.
   */
  envOptions?: CarRacingOptions;
  /** Steps after which an episode is truncated, from 1 up. Default: 1000, or the limit of `env`. */
  maxSteps?: number;
  /** The environment to drive in, for example a RemoteEnv; the caller closes it. Default: a CarRacing-v3 of its own. */
  env?: Env<Observation, Action>;
  /** Called after every episode with its result and the number of episodes done; a promise is awaited. */
  onProgress?: (result: EpisodeResult, done: number) => unknown;
}

/** Scores over the seeds; the keys of `tritrack eval --json`. */
export interface Evaluation {
  /** The policy's name. */
  policy: string;
  /** Seeds of the episodes, in their order. */
  seeds: readonly number[];
  /** Number of episodes. */
  episodes: number;
  /** Mean driving reward. */
  mean: number;
  /** Population standard deviation over the episodes (divided by their number, as numpy's default). */
  sd: number;
  /** Lowest driving reward. */
  min: number;
  /** Highest driving reward. */
  max: number;
  /** Episodes whose lap was finished. */
  laps: number;
  /** Steps of all episodes together. */
  steps: number;
  /** Driving reward of each seed, in their order. */
  rewards: number[];
}

/**
 * Drives a policy over all seeds in one environment.
 * @param policy any policy, or a plain function from observations to actions
 * @throws {@link InvalidOption} without seeds, or on a bad option; whatever policy and environment throw
 * @example await evaluate(() => [0, 0.1, 0], { seeds: [20000, 20001] })
 */
export async function evaluate<Observation = Uint8Array, Action = CarAction>(
  policy: PolicyOrFunction<NoInfer<Observation>, NoInfer<Action>>,
  options: EvaluateOptions<Observation, Action>,
): Promise<Evaluation> {
  const { seeds, onProgress } = options;
  if (seeds.length === 0) throw new InvalidOption("seeds: expected at least one, got none");
  const driver = asPolicy<Observation, Action>(policy);
  const env = await environmentOf(driver, options);
  try {
    const results: EpisodeResult[] = [];
    for (const seed of seeds) {
      const result = runEpisode(env, driver, seed);
      results.push(result);
      await onProgress?.(result, results.length);
    }
    return summarize(driver.name, results);
  } finally {
    if (!options.env) env.close();
  }
}

async function environmentOf<Observation, Action>(
  policy: Pick<Policy, "name" | "observes">,
  options: EvaluateOptions<Observation, Action>,
): Promise<Env<Observation, Action>> {
  const { env, maxSteps } = options;
  if (!env) return (await makeFor(policy, options)) as Env<unknown, unknown> as Env<Observation, Action>;
  return maxSteps === undefined ? env : new TimeLimit(env, checkMaxSteps(maxSteps));
}

function checkMaxSteps(maxSteps: number): number {
  if (!Number.isInteger(maxSteps) || maxSteps < 1)
    throw new InvalidOption(`maxSteps: expected a whole number from 1 up, got ${maxSteps}`);
  return maxSteps;
}

/**
 * The CarRacing-v3 that a policy is evaluated in: without frames if it looks at none. It draws each frame over the last
 * one, so policies may not keep frames.
 * @throws {@link InvalidOption} on a bad option
 */
export function makeFor(
  policy: Pick<Policy, "name" | "observes">,
  { envOptions, maxSteps = EPISODE_STEPS }: Pick<EvaluateOptions, "envOptions" | "maxSteps">,
): Promise<CarRacingEnv> {
  return make("CarRacing-v3", {
    observations: policy.observes ?? true,
    reuseObservations: true,
    ...envOptions,
    maxEpisodeSteps: checkMaxSteps(maxSteps),
  });
}

/**
 * Drives one episode to its end.
 * @param policy any policy, or a plain function from observations to actions
 * @throws whatever policy and environment throw
 */
export function runEpisode<Observation, Action>(
  env: Env<Observation, Action>,
  policy: PolicyOrFunction<NoInfer<Observation>, NoInfer<Action>>,
  seed: number,
): EpisodeResult {
  const result: EpisodeResult = { seed, reward: 0, steps: 0, lap: false };
  for (const { reward, info } of episodeSteps(env, policy, seed)) {
    result.reward += reward;
    result.steps++;
    result.lap = info.lapFinished === true;
  }
  return result;
}

/** The scores of a list of episodes, one or more. */
export function summarize(policy: string, results: readonly EpisodeResult[]): Evaluation {
  const rewards = results.map((result) => result.reward);
  return {
    policy,
    seeds: results.map((result) => result.seed),
    episodes: results.length,
    mean: mean(rewards),
    sd: sd(rewards),
    // Not `Math.min(...rewards)`: a million arguments overflow the stack.
    min: rewards.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    max: rewards.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    laps: results.filter((result) => result.lap).length,
    steps: sum(results.map((result) => result.steps)),
    rewards,
  };
}
