import type { Env, Frame, Metadata, ResetOptions, ResetResult, StepResult } from "../../env/api.ts";
import { Random } from "../../env/random.ts";
import { Box, Discrete } from "../../env/spaces.ts";

/**
 * The smallest environment: the observation is the number of steps so far and a random number drawn at reset, the
 * reward is the action, and the episode terminates after `length` steps.
 */
export class CountingEnv implements Env<Float64Array, number> {
  readonly observationSpace = new Box({ low: 0, high: 1e6, shape: [2], dtype: "float64" });
  readonly actionSpace = new Discrete(4);
  readonly metadata: Metadata = { renderModes: [], renderFps: 10 };
  readonly renderMode = null;
  readonly spec = null;
  readonly length: number;
  /** Actions since the last reset, and how often `reset` and `close` were called. */
  readonly actions: number[] = [];
  resets = 0;
  closes = 0;
  #random = new Random(0);
  #draw = 0;

  constructor(length: number) {
    this.length = length;
  }

  get unwrapped(): this {
    return this;
  }

  #observe(): Float64Array {
    return Float64Array.of(this.actions.length, this.#draw);
  }

  reset({ seed }: ResetOptions = {}): ResetResult<Float64Array> {
    if (seed !== undefined) this.#random = new Random(seed);
    this.#draw = this.#random.random();
    this.resets++;
    this.actions.length = 0;
    return { observation: this.#observe(), info: {} };
  }

  step(action: number): StepResult<Float64Array> {
    this.actions.push(action);
    const terminated = this.actions.length >= this.length;
    return { observation: this.#observe(), reward: action, terminated, truncated: false, info: {} };
  }

  render(): Frame | null {
    return null;
  }

  close(): void {
    this.closes++;
  }
}
