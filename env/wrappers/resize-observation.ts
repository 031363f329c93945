import type { Env, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { InvalidOption } from "../errors.ts";
import { Box, type Space } from "../spaces.ts";
import { pictureObservations } from "./array-observations.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Pictures made smaller: each new pixel is the mean of the area that it covers
 * (`gymnasium.wrappers.ResizeObservation`, which takes OpenCV's INTER_AREA). Bytes are OpenCV's, but for some ties at
 * exactly half the size and float32 roundings at odd ones, which are off by one. Enlarging is not offered.
 */
export class ResizeObservation<Action> extends Wrapper<Uint8Array, Action> {
  readonly #space: Box<"uint8">;
  readonly #rows: Share[][];
  readonly #columns: Share[][];
  readonly #channels: number;
  readonly #fromWidth: number;

  /** @param shape height and width, neither above the environment's */
  constructor(env: Env<Uint8Array, Action>, shape: readonly [number, number]) {
    super(env);
    const from = pictureObservations("ResizeObservation", env, [2, 3]).shape;
    const [height, width] = shape;
    const fits = (n: number, most: number) => Number.isSafeInteger(n) && n > 0 && n <= most;
    if (!fits(height, from[0]) || !fits(width, from[1])) {
      throw new InvalidOption(
        `ResizeObservation: expected a height from 1 to ${from[0]} and a width from 1 to ${from[1]}, got ${height} and ${width}`,
      );
    }
    this.#space = new Box({ low: 0, high: 255, shape: [height, width, ...from.slice(2)], dtype: "uint8" });
    this.#rows = shares(from[0], height);
    this.#columns = shares(from[1], width);
    this.#channels = from[2] ?? 1;
    this.#fromWidth = from[1];
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

  #resize(picture: Uint8Array): Uint8Array {
    const out = new Uint8ClampedArray(this.#space.size); // rounds halves to even, as OpenCV does
    const channels = this.#channels;
    let at = 0;
    for (const row of this.#rows) {
      for (const column of this.#columns) {
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (const y of row) {
            for (const x of column) {
              sum += y.weight * x.weight * picture[(y.index * this.#fromWidth + x.index) * channels + c];
            }
          }
          out[at++] = sum;
        }
      }
    }
    return new Uint8Array(out.buffer);
  }
}

/** An old pixel and its weight in the mean of a new one, along one axis. */
interface Share {
  index: number;
  weight: number;
}

function shares(from: number, to: number): Share[][] {
  return Array.from({ length: to }, (_, i) => {
    // In units of 1/to of an old pixel all borders are whole numbers.
    const start = i * from;
    const end = start + from;
    const list: Share[] = [];
    for (let index = Math.floor(start / to); index * to < end; index++) {
      const covered = Math.min(end, (index + 1) * to) - Math.max(start, index * to);
      list.push({ index, weight: covered / from });
    }
    return list;
  });
}
