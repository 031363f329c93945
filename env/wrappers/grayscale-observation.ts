import type { Env, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { Box, type Space } from "../spaces.ts";
import { pictureObservations } from "./array-observations.ts";
import { Wrapper } from "./wrapper.ts";

/** Weights of red, green and blue. */
const WEIGHTS = [0.2125, 0.7154, 0.0721] as const;

/** RGB pictures as grey ones, byte for byte as `gymnasium.wrappers.GrayscaleObservation` makes them. */
export class GrayscaleObservation<Action> extends Wrapper<Uint8Array, Action> {
  readonly #space: Box<"uint8">;

  /** @param options.keepDim shape [height, width, 1] instead of [height, width] */
  constructor(env: Env<Uint8Array, Action>, { keepDim = false } = {}) {
    super(env);
    const [height, width] = pictureObservations("GrayscaleObservation", env, [3]).shape;
    const shape = keepDim ? [height, width, 1] : [height, width];
    this.#space = new Box({ low: 0, high: 255, shape, dtype: "uint8" });
  }

  override get observationSpace(): Space<Uint8Array> {
    return this.#space;
  }

  override reset(options?: ResetOptions): ResetResult<Uint8Array> {
    const { observation, info } = this.env.reset(options);
    return { observation: this.#gray(observation), info };
  }

  override step(action: Action): StepResult<Uint8Array> {
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
