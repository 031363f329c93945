import type { Env, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { describe } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Repeats each action and adds the rewards up (`gymnasium.wrappers.RepeatAction`). An environment that can step without
 * drawing, as CarRacing can (`drawObservations`), draws only the last step, which the time limit of its spec may bring
 * forward.
 */
export class ActionRepeat<Observation, Action> extends Wrapper<Observation, Action> {
  readonly repeats: number;
  #elapsed = 0;

  constructor(env: Env<Observation, Action>, repeats: number) {
    super(env);
    if (!Number.isSafeInteger(repeats) || repeats < 1) {
      throw new InvalidOption(
        `ActionRepeat: expected a whole number of repeats from 1 up, got ${describe(repeats)}`,
      );
    }
    this.repeats = repeats;
  }

  override reset(options?: ResetOptions): ResetResult<Observation> {
    const result = this.env.reset(options);
    this.#elapsed = 0;
    return result;
  }

  override step(action: Action): StepResult<Observation> {
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

/** Runs a step that is not looked at. */
function undrawn<Result>(env: Env & { drawObservations?: boolean }, step: () => Result): Result {
  if (!env.drawObservations) return step();
  env.drawObservations = false;
  try {
    return step();
  } finally {
    env.drawObservations = true;
  }
}
