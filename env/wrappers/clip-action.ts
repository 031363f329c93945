import type { Env, EnvTaking, Info, StepResult } from "../api.ts";
import { Box, type Space } from "../spaces.ts";
import { boxActions, checkNumbers } from "./box-actions.ts";
import { Wrapper } from "./wrapper.ts";

/** Takes any numbers and clips them to the environment's bounds (`gymnasium.wrappers.ClipAction`). */
export class ClipAction<Observation, Details extends Info = Info> extends Wrapper<
  Observation,
  ArrayLike<number>,
  Observation,
  ArrayLike<number>,
  Details
> {
  readonly #space: Box<"float32">;
  readonly #inner: Box;
  readonly #action: Float64Array;

  /**
   * @param env an environment with Box actions
   * @throws {@link InvalidOption} on an environment with others
   */
  constructor(env: EnvTaking<Observation, ArrayLike<number>, Details>) {
    super(env as Env<Observation, ArrayLike<number>, Details>);
    this.#inner = boxActions("ClipAction", env);
    const { shape, size } = this.#inner;
    this.#space = new Box({ low: -Infinity, high: Infinity, shape, dtype: "float32" });
    this.#action = new Float64Array(size);
  }

  override get actionSpace(): Space<ArrayLike<number>> {
    return this.#space;
  }

  override step(action: ArrayLike<number>): StepResult<Observation, Details> {
    checkNumbers(action, this.#action.length);
    const { low, high } = this.#inner;
    for (let i = 0; i < this.#action.length; i++) {
      this.#action[i] = Math.min(high[i], Math.max(low[i], action[i]));
    }
    return this.env.step(this.#action);
  }
}
