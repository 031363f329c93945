import type { Env, Info, StepResult } from "../api.ts";
import { describe } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import type { TypedArray } from "../spaces.ts";
import { arrayOf, numberObservations } from "./array-observations.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Repeats each action, adds the rewards up, and returns the larger of the last two observations in every element
 * (`gymnasium.wrappers.MaxAndSkipObservation`). If an episode ends before its last two steps, the observations that are
 * missing are those of the action before, even of the episode before, or zeros at the very first: so does Gymnasium.
 */
export class MaxAndSkip<Observation extends TypedArray, Action, Details extends Info = Info> extends Wrapper<
  Observation,
  Action,
  Observation,
  Action,
  Details
> {
  /** Steps that each action is repeated for. */
  readonly skip: number;
  /** Observations of the last step but one and of the last step of a whole skip. */
  readonly #lastTwo: readonly [Observation, Observation];

  /**
   * @param skip steps that each action is repeated for, from 2 up. Default: 4.
   * @throws {@link InvalidOption} on another number, and on observations that are not arrays of numbers
   */
  constructor(env: Env<Observation, Action, Details>, skip = 4) {
    super(env);
    const space = numberObservations("MaxAndSkip", env);
    if (!Number.isSafeInteger(skip) || skip < 2) {
      throw new InvalidOption(
        `MaxAndSkip: expected a skip of a whole number from 2 up, got ${describe(skip)}`,
      );
    }
    this.skip = skip;
    this.#lastTwo = [arrayOf<Observation>(space), arrayOf<Observation>(space)];
  }

  override step(action: Action): StepResult<Observation, Details> {
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
