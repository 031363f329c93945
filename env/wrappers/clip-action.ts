import type { Env, StepResult } from "../api.ts";
import { Box, type Space } from "../spaces.ts";
import { boxActions, checkNumbers } from "./box-actions.ts";
import { Wrapper } from "./wrapper.ts";

/** Takes any numbers and clips them to the environment's bounds (`gymnasium.wrappers.ClipAction`). */
export class ClipAction<Observation> extends Wrapper<Observation, ArrayLike<number>> {
  readonly #space: Box<"float32">;
  readonly #inner: Box;
  readonly #action: Float64Array;

  constructor(env: Env<Observation, ArrayLike<number>>) {
    super(env);
    this.#inner = boxActions("ClipAction", env);
    const { shape, size } = this.#inner;
    this.#space = new Box({ low: -Infinity, high: Infinity, shape, dtype: "float32" });
    this.#action = new Float64Array(size);
  }

  override get actionSpace(): Space<ArrayLike<number>> {
    return this.#space;
  }

  override step(action: ArrayLike<number>): StepResult<Observation> {
    checkNumbers(action, this.#action.length);
    const { low, high } = this.#inner;
    for (let i = 0; i < this.#action.length; i++) {
      this.#action[i] = Math.min(high[i], Math.max(low[i], action[i]));
    }
    return this.env.step(this.#action);
  }
}
