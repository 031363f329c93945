import type { Env, StepResult } from "../api.ts";
import { InvalidOption } from "../errors.ts";
import type { TypedArray } from "../spaces.ts";
import { boxObservations } from "./array-observations.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Repeats each action, adds the rewards up, and returns the larger of the last two observations in every element
 * (`gymnasium.wrappers.MaxAndSkipObservation`). Where an episode ends early these are its last two; Gymnasium's
 * wrapper then still holds older ones.
 */
export class MaxAndSkip<Observation extends TypedArray, Action> extends Wrapper<Observation, Action> {
  readonly skip: number;

  /** @param skip steps of an action, from 2 up */
  constructor(env: Env<Observation, Action>, skip = 4) {
    super(env);
    boxObservations("MaxAndSkip", env);
    if (!Number.isSafeInteger(skip) || skip < 2) {
      throw new InvalidOption(`MaxAndSkip: expected a skip of a whole number from 2 up, got ${skip}`);
    }
    this.skip = skip;
  }

  override step(action: Action): StepResult<Observation> {
    let result = this.env.step(action);
    let reward = result.reward;
    let before = result.observation;
    for (let k = 1; k < this.skip && !result.terminated && !result.truncated; k++) {
      // A copy: the environment may draw into the same array again.
      before = result.observation.slice() as Observation;
      result = this.env.step(action);
      reward += result.reward;
    }
    const observation = result.observation.map((value, i) => Math.max(value, before[i])) as Observation;
    return { ...result, observation, reward };
  }
}
