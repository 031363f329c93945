import type { Env, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { describe } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import { Box, type Space } from "../spaces.ts";
import { pictureObservations } from "./array-observations.ts";
import { createResize, type Resize } from "./resize-area.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Pictures made smaller or larger, byte for byte as `gymnasium.wrappers.ResizeObservation` makes them (with OpenCV's
 * INTER_AREA).
 */
export class ResizeObservation<Action> extends Wrapper<Uint8Array, Action> {
  readonly #space: Box<"uint8">;
  readonly #resize: Resize;

  /** @param shape height and width, from 1 up */
  constructor(env: Env<Uint8Array, Action>, shape: readonly [height: number, width: number]) {
    super(env);
    const [fromHeight, fromWidth, ...rest] = pictureObservations("ResizeObservation", env, [2, 3]).shape;
    if (
      !Array.isArray(shape) ||
      shape.length !== 2 ||
      !shape.every((n) => Number.isSafeInteger(n) && n > 0)
    ) {
      throw new InvalidOption(
        `ResizeObservation: expected [height, width], whole numbers from 1 up, got ${describe(shape)}`,
      );
    }
    const [height, width] = shape;
    this.#space = new Box({ low: 0, high: 255, shape: [height, width, ...rest], dtype: "uint8" });
    this.#resize = createResize({
      from: [fromHeight, fromWidth],
      to: [height, width],
      channels: rest[0] ?? 1,
    });
  }

  override get observationSpace(): Space<Uint8Array> {
    return this.#space;
  }

  override reset(options?: ResetOptions): ResetResult<Uint8Array> {
    const { observation, info } = this.env.reset(options);
    return { observation: this.#resize(observation), info };
  }

  override step(action: Action): StepResult<Uint8Array> {
    const result = this.env.step(action);
    return { ...result, observation: this.#resize(result.observation) };
  }
}
