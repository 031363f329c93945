import type { Env, EnvTaking, Info, StepResult } from "../api.ts";
import { shorten } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import { Box, type Space } from "../spaces.ts";
import { boxActions, checkNumbers } from "./box-actions.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Takes actions in [min, max] and stretches them to the environment's bounds (`gymnasium.wrappers.RescaleAction`). The
 * arithmetic is float32, as Gymnasium's is for actions of the space's own type.
 */
export class RescaleAction<Observation, Details extends Info = Info> extends Wrapper<
  Observation,
  ArrayLike<number>,
  Observation,
  ArrayLike<number>,
  Details
> {
  readonly #space: Box<"float32">;
  readonly #gradient: Float32Array;
  readonly #intercept: Float32Array;
  readonly #action: Float32Array;

  /**
   * @param env an environment with bounded Box actions
   * @param min lower bound of the new actions: a number for all elements, or one for each
   * @param max upper bound of the new actions, likewise
   * @throws {@link InvalidOption} on bounds that are not finite or not in order, and on an environment with other actions
   */
  constructor(
    env: EnvTaking<Observation, ArrayLike<number>, Details>,
    min: number | ArrayLike<number>,
    max: number | ArrayLike<number>,
  ) {
    super(env as Env<Observation, ArrayLike<number>, Details>);
    const inner = boxActions("RescaleAction", env);
    const { shape, size, low, high } = inner;
    this.#space = new Box({ low: min, high: max, shape, dtype: "float32" });
    this.#gradient = new Float32Array(size);
    this.#intercept = new Float32Array(size);
    this.#action = new Float32Array(size);
    for (let i = 0; i < size; i++) {
      const from = typeof min === "number" ? min : min[i];
      const to = typeof max === "number" ? max : max[i];
      this.#gradient[i] = (to - from) / (high[i] - low[i]);
      this.#intercept[i] = Math.fround(this.#gradient[i] * -low[i]) + from;
      const bounds = [from, to, low[i], high[i]];
      if (!(this.#space.high[i] > this.#space.low[i] && bounds.every(Number.isFinite))) {
        throw new InvalidOption(
          `RescaleAction: expected finite bounds min < max, got ${shorten(String(this.#space))} for ${inner}`,
        );
      }
    }
  }

  override get actionSpace(): Space<ArrayLike<number>> {
    return this.#space;
  }

  override step(action: ArrayLike<number>): StepResult<Observation, Details> {
    checkNumbers(action, this.#action.length);
    for (let i = 0; i < this.#action.length; i++) {
      const above = Math.fround(Math.fround(action[i]) - this.#intercept[i]);
      this.#action[i] = above / this.#gradient[i];
    }
    return this.env.step(this.#action);
  }
}
