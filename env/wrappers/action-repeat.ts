import type { Env, Info, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { describe } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Repeats each action and adds the rewards up (`gymnasium.wrappers.RepeatAction`). Only the last step is drawn if the
 * environment can step without drawing (CarRacing's `drawObservations`). The time limit of its spec may end the
 * repetition early.
 */
export class ActionRepeat<Observation, Action, Details extends Info = Info> extends Wrapper<
  Observation,
  Action,
  Observation,
  Action,
  Details
> {
  /** Steps that each action is repeated for, from 1 up. */
  readonly repeats: number;
  #elapsed = 0;

  /**
   * @param repeats steps that each action is repeated for, from 1 up
   * @throws {@link InvalidOption} on another number
   */
  constructor(env: Env<Observation, Action, Details>, repeats: number) {
    super(env);
    if (!Number.isSafeInteger(repeats) || repeats < 1) {
      throw new InvalidOption(
        `ActionRepeat: expected a whole number of repeats from 1 up, got ${describe(repeats)}`,
      );
    }
    this.repeats = repeats;
  }

  override reset(options?: ResetOptions): ResetResult<Observation, Details> {
    const result = this.env.reset(options);
    this.#elapsed = 0;
    return result;
  }

  override step(action: Action): StepResult<Observation, Details> {
    let reward = 0;
    for (let left = this.repeats; ; left--) {
      const isLast = left === 1 || this.#elapsed + 1 === this.spec?.maxEpisodeSteps;
      const result = isLast ? this.env.step(action) : undrawn(this.unwrapped, () => this.env.step(action));
      this.#elapsed++;
      reward += result.reward;
      if (left === 1 || result.terminated || result.truncated) return { ...result, reward };
    }
  }
}

/** Takes a step whose observation is not needed. */
function undrawn<Result>(env: Env & { drawObservations?: boolean }, step: () => Result): Result {
  if (!env.drawObservations) return step();
  env.drawObservations = false;
  try {
    return step();
  } finally {
    env.drawObservations = true;
  }
}
