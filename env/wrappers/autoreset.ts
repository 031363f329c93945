import type { Info, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Resets by itself: the step after the end of an episode ignores its action and returns the first observation of the
 * next one with reward 0 (`gymnasium.wrappers.Autoreset`).
 */
export class Autoreset<Observation, Action, Details extends Info = Info> extends Wrapper<
  Observation,
  Action,
  Observation,
  Action,
  Details
> {
  #ended = false;

  override reset(options?: ResetOptions): ResetResult<Observation, Details> {
    const result = this.env.reset(options);
    this.#ended = false;
    return result;
  }

  override step(action: Action): StepResult<Observation, Details> {
    const result = this.#ended
      ? { ...this.env.reset(), reward: 0, terminated: false, truncated: false }
      : this.env.step(action);
    this.#ended = result.terminated || result.truncated;
    return result;
  }
}
