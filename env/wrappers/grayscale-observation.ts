import type { Env, Info, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { Box, type Space } from "../spaces.ts";
import { pictureObservations } from "./array-observations.ts";
import { Wrapper } from "./wrapper.ts";

/** Weights of red, green and blue. */
const WEIGHTS = [0.2125, 0.7154, 0.0721] as const;

/** Turns RGB pictures grey, byte for byte as `gymnasium.wrappers.GrayscaleObservation` does. */
export class GrayscaleObservation<Action, Details extends Info = Info> extends Wrapper<
  Uint8Array,
  Action,
  Uint8Array,
  Action,
  Details
> {
  readonly #space: Box<"uint8">;

  /**
   * @param options.keepDim whether the shape is [height, width, 1] or [height, width]. Default: false, the latter.
   * @throws {@link InvalidOption} on observations that are not RGB pictures
   */
  constructor(env: Env<Uint8Array, Action, Details>, { keepDim = false } = {}) {
    super(env);
    const [height, width] = pictureObservations("GrayscaleObservation", env, [3]).shape;
    const shape = keepDim ? [height, width, 1] : [height, width];
    this.#space = new Box({ low: 0, high: 255, shape, dtype: "uint8" });
  }

  override get observationSpace(): Space<Uint8Array> {
    return this.#space;
  }

  override reset(options?: ResetOptions): ResetResult<Uint8Array, Details> {
    const { observation, info } = this.env.reset(options);
    return { observation: this.#gray(observation), info };
  }

  override step(action: Action): StepResult<Uint8Array, Details> {
    const result = this.env.step(action);
    return { ...result, observation: this.#gray(result.observation) };
  }

  #gray(rgb: Uint8Array): Uint8Array {
    const gray = new Uint8Array(this.#space.size);
    for (let i = 0; i < gray.length; i++) {
      gray[i] = rgb[3 * i] * WEIGHTS[0] + rgb[3 * i + 1] * WEIGHTS[1] + rgb[3 * i + 2] * WEIGHTS[2];
    }
    return gray;
  }
}
