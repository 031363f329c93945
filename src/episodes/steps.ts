/** The loop of every drive: reset, act, step, until the episode is over. */
import type { Env, Seed } from "../../env/api.ts";
import type { Policy } from "../../policies/policy.ts";
import type { ReplayStep } from "../../recordings/player.ts";

/** The steps of one episode that a policy drives; after each, `env` is in the state after it. */
export function* episodeSteps<Observation, Action>(
  env: Env<Observation, Action>,
  policy: Policy<Observation, Action>,
  seed: Seed,
): Generator<ReplayStep<Observation, Action>, void, undefined> {
  let { observation } = env.reset({ seed });
  policy.reset(env, seed);
  for (let index = 0, over = false; !over; index++) {
    const action = policy.act(observation);
    const { reward, terminated, truncated, observation: nextObservation } = env.step(action);
    yield { index, observation, action, reward, nextObservation, terminated, truncated };
    observation = nextObservation;
    over = terminated || truncated;
  }
}
