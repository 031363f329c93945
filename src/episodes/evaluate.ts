/**
 * Headless evaluation: a policy drives one episode on each of many seeds, and what counts is the driving reward, the
 * undiscounted, unshaped sum of an episode's rewards. Results depend on policy, seeds and options alone, never on
 * the clock.
 */
import type { Env } from "../../env/api.ts";
import type { CarAction, CarRacingOptions } from "../../env/car-racing/car-racing.ts";
import { InvalidOption } from "../../env/errors.ts";
import { type CarRacingEnv, make } from "../../env/registry.ts";
import type { Policy } from "../../policies/policy.ts";

/** Gymnasium's limit on an episode of CarRacing-v3, steps. */
export const MAX_STEPS = 1000;

/** One episode's outcome. */
export interface EpisodeResult {
  seed: number;
  /** Driving reward. */
  reward: number;
  steps: number;
  /** Whether the lap was finished. */
  lap: boolean;
}

export interface EvaluateOptions {
  /** One episode each, in this order. */
  seeds: readonly number[];
  /** Options of CarRacing-v3. Frames are drawn only for policies that look at them, each over the last one. */
  envOptions?: CarRacingOptions;
  /** Steps after which an episode is truncated; default 1000. */
  maxSteps?: number;
  /** Instead of one made here, such as a RemoteEnv; the caller closes it. */
  env?: Env<Uint8Array, CarAction>;
  /** Told after every episode; a promise is waited for. */
  onProgress?: (result: EpisodeResult, done: number) => unknown;
}

/** Scores over the seeds; the keys of `tritrack eval --json`. */
export interface Evaluation {
  /** The policy's name. */
  policy: string;
  seeds: readonly number[];
  episodes: number;
  mean: number;
  /** Population standard deviation over the episodes (divided by their number, as numpy's default). */
  sd: number;
  min: number;
  max: number;
  /** Episodes whose lap was finished. */
  laps: number;
  /** Steps of all episodes together. */
  steps: number;
  /** Driving reward of each seed, in their order. */
  rewards: number[];
}

/** Drives the policy over all seeds in one environment. @throws {@link InvalidOption} without seeds, or on a bad option */
export async function evaluate(policy: Policy, options: EvaluateOptions): Promise<Evaluation> {
  const { seeds, onProgress } = options;
  if (seeds.length === 0) throw new InvalidOption("evaluate: expected at least one seed");
  const env = options.env ?? (await makeFor(policy, options));
  try {
    const results: EpisodeResult[] = [];
    for (const seed of seeds) {
      const result = runEpisode(env, policy, seed);
      results.push(result);
      await onProgress?.(result, results.length);
    }
    return summarize(policy.name, results);
  } finally {
    if (!options.env) env.close();
  }
}

/** The environment a policy is evaluated in: without frames when it looks at none, which it may not keep. */
export function makeFor(
  policy: Policy,
  { envOptions, maxSteps = MAX_STEPS }: Pick<EvaluateOptions, "envOptions" | "maxSteps">,
): Promise<CarRacingEnv> {
  if (!Number.isInteger(maxSteps) || maxSteps < 1) {
    throw new InvalidOption(`maxSteps: expected a whole number from 1 up, got ${maxSteps}`);
  }
  const observations = policy.observes ?? true;
  return make("CarRacing-v3", {
    observations,
    reuseObservations: true,
    ...envOptions,
    maxEpisodeSteps: maxSteps,
  });
}

/** Drives one episode to its end. */
export function runEpisode(
  env: Env<Uint8Array, CarAction>,
  policy: Policy<Uint8Array, CarAction>,
  seed: number,
): EpisodeResult {
  let { observation } = env.reset({ seed });
  policy.reset(env, seed);
  let reward = 0;
  for (let steps = 1; ; steps++) {
    const step = env.step(policy.act(observation));
    observation = step.observation;
    reward += step.reward;
    if (step.terminated || step.truncated) {
      return { seed, reward, steps, lap: step.info.lapFinished === true };
    }
  }
}

/** What a list of episodes comes to. */
export function summarize(policy: string, results: readonly EpisodeResult[]): Evaluation {
  const rewards = results.map((result) => result.reward);
  const episodes = results.length;
  const mean = sum(rewards) / episodes;
  return {
    policy,
    seeds: results.map((result) => result.seed),
    episodes,
    mean,
    sd: Math.sqrt(sum(rewards.map((reward) => (reward - mean) ** 2)) / episodes),
    min: Math.min(...rewards),
    max: Math.max(...rewards),
    laps: results.filter((result) => result.lap).length,
    steps: sum(results.map((result) => result.steps)),
    rewards,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

