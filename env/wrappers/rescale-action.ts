import type { Env, StepResult } from "../api.ts";
import { InvalidOption } from "../errors.ts";
import { Box, type Space } from "../spaces.ts";
import { boxActions, checkNumbers } from "./box-actions.ts";
import { Wrapper } from "./wrapper.ts";

/** Takes actions in [min, max] and stretches them to the environment's bounds (`gymnasium.wrappers.RescaleAction`). */
export class RescaleAction<Observation> extends Wrapper<Observation, ArrayLike<number>> {
  readonly #space: Box<"float32">;
  readonly #inner: Box;
  readonly #action: Float32Array;

  /** @param min lower bound of the new actions: one number for all of an action, or one for each of it; `max` likewise */
  constructor(
    env: Env<Observation, ArrayLike<number>>,
    min: number | ArrayLike<number>,
    max: number | ArrayLike<number>,
  ) {
    super(env);
    this.#inner = boxActions("RescaleAction", env);
    const { shape, size, low, high } = this.#inner;
    this.#space = new Box({ low: min, high: max, shape, dtype: "float32" });
    for (let i = 0; i < size; i++) {
      const range = this.#space.high[i] - this.#space.low[i];
      if (!(range > 0 && Number.isFinite(range) && Number.isFinite(high[i] - low[i]))) {
        throw new InvalidOption(
          `RescaleAction: expected finite bounds min < max, got ${this.#space} for ${this.#inner}`,
        );
      }
    }
    this.#action = new Float32Array(size);
  }

  override get actionSpace(): Space<ArrayLike<number>> {
    return this.#space;
  }

  override step(action: ArrayLike<number>): StepResult<Observation> {
    checkNumbers(action, this.#action.length);
    const { low, high } = this.#inner;
    for (let i = 0; i < this.#action.length; i++) {
      const from = this.#space.low[i];
      const share = (action[i] - from) / (this.#space.high[i] - from);
      this.#action[i] = low[i] + share * (high[i] - low[i]);
    }
    return this.env.step(this.#action);
  }
}
