import type { Env, StepResult } from "../api.ts";
import { describe } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import type { TypedArray } from "../spaces.ts";
import { arrayOf, boxObservations } from "./array-observations.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Repeats each action, adds the rewards up, and returns the larger of the last two observations in every element
 * (`gymnasium.wrappers.MaxAndSkipObservation`). Where an episode ends within the skip, what it has not come to is taken
 * from the actions before, of the last episode too (zeros at the very first), as Gymnasium's wrapper does.
 */
export class MaxAndSkip<Observation extends TypedArray, Action> extends Wrapper<Observation, Action> {
  readonly skip: number;
  /** Observations of the last step but one and of the last step of a whole skip. */
  readonly #lastTwo: readonly [Observation, Observation];

  /** @param skip steps of an action, from 2 up */
  constructor(env: Env<Observation, Action>, skip = 4) {
    super(env);
    const space = boxObservations("MaxAndSkip", env);
    if (!Number.isSafeInteger(skip) || skip < 2) {
      throw new InvalidOption(
        `MaxAndSkip: expected a skip of a whole number from 2 up, got ${describe(skip)}`,
      );
    }
    this.skip = skip;
    this.#lastTwo = [arrayOf<Observation>(space), arrayOf<Observation>(space)];
  }

  override step(action: Action): StepResult<Observation> {
    const [before, last] = this.#lastTwo;
    let reward = 0;
    for (let left = this.skip; ; left--) {
      const result = this.env.step(action);
      reward += result.reward;
      if (left <= 2) this.#lastTwo[2 - left].set(result.observation);
      if (left > 1 && !result.terminated && !result.truncated) continue;
      const observation = last.map((value, i) => Math.max(value, before[i])) as Observation;
      return { ...result, observation, reward };
    }
  }
}
