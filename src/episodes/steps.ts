/**
 * The only episode loop: reset, act, step, until the episode is over. Evaluation, recording and filming are made of it.
 */
import type { Env, Info, Seed } from "../../env/api.ts";
import type { Policy } from "../../policies/policy.ts";
import type { ReplayStep } from "../../recordings/player.ts";

/** A driver: a policy, or a function from observations to actions. */
export type PolicyOrFunction<Observation, Action> =
  | Policy<Observation, Action>
  | ((observation: Observation) => Action);

/** One step of an episode: observation, action, and the environment's answer. */
export interface EpisodeStep<Observation, Action> extends ReplayStep<Observation, Action> {
  /** Auxiliary facts that the environment returned with the step. */
  info: Info;
}

/** The policy itself, or one that asks the function, has its name ("function" if it has none) and looks at observations. */
export function asPolicy<Observation, Action>(
  policy: PolicyOrFunction<Observation, Action>,
): Policy<Observation, Action> {
  if (typeof policy !== "function") return policy;
  return { name: policy.name || "function", reset() {}, act: policy };
}

/**
 * The steps of one episode that a policy drives, one by one; after each, `env` is in the state after it, so that
 * `env.render()` draws it. Environments with `reuseObservations` draw each observation over the last one.
 * @param policy its `reset` is called with `env` and `seed` after the environment's
 */
export function* episodeSteps<Observation, Action>(
  env: Env<Observation, Action>,
  policy: PolicyOrFunction<NoInfer<Observation>, NoInfer<Action>>,
  seed: Seed,
): Generator<EpisodeStep<Observation, Action>, void, undefined> {
  const driver = asPolicy<Observation, Action>(policy);
  let { observation } = env.reset({ seed });
  driver.reset(env as Env, seed);
  for (let index = 0, isOver = false; !isOver; index++) {
    const action = driver.act(observation);
    const { reward, terminated, truncated, info, observation: nextObservation } = env.step(action);
    yield { index, observation, action, reward, nextObservation, terminated, truncated, info };
    observation = nextObservation;
    isOver = terminated || truncated;
  }
}
