import type { Env, Info, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { describe } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import { Box, type Space, type TypedArray } from "../spaces.ts";
import { boxObservations, emptyLike } from "./array-observations.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * Stacks the observations of the last steps along a new first axis, oldest first
 * (`gymnasium.wrappers.FrameStackObservation`).
 */
export class FrameStack<Observation extends TypedArray, Action, Details extends Info = Info> extends Wrapper<
  Observation,
  Action,
  Observation,
  Action,
  Details
> {
  readonly #space: Box;
  readonly #size: number;
  readonly #padding: "reset" | "zero";
  #stack: Observation | null = null;

  /**
   * @param stackSize number of observations, from 1 up
   * @param options.paddingType what fills the steps before a reset: its observation ("reset") or zeros ("zero").
   *   Default: "reset".
   * @throws {@link InvalidOption} on other values, and on observations that are not arrays
   */
  constructor(
    env: Env<Observation, Action, Details>,
    stackSize: number,
    { paddingType = "reset" }: { paddingType?: "reset" | "zero" } = {},
  ) {
    super(env);
    if (!Number.isSafeInteger(stackSize) || stackSize < 1) {
      throw new InvalidOption(
        `FrameStack: expected a stack of a whole number from 1 up, got ${describe(stackSize)}`,
      );
    }
    if (paddingType !== "reset" && paddingType !== "zero") {
      throw new InvalidOption(
        `FrameStack: expected paddingType "reset" or "zero", got ${describe(paddingType)}`,
      );
    }
    const { low, high, shape, size, dtype } = boxObservations("FrameStack", env);
    const repeated = (bound: TypedArray) =>
      Array.from({ length: stackSize * size }, (_, i) => bound[i % size]);
    this.#space = new Box({ low: repeated(low), high: repeated(high), shape: [stackSize, ...shape], dtype });
    this.#size = size;
    this.#padding = paddingType;
  }

  override get observationSpace(): Space<Observation> {
    return this.#space as unknown as Space<Observation>;
  }

  override reset(options?: ResetOptions): ResetResult<Observation, Details> {
    const { observation, info } = this.env.reset(options);
    const stack = emptyLike(observation, this.#space.size);
    const first = this.#padding === "reset" ? 0 : this.#space.size - this.#size;
    for (let at = first; at < stack.length; at += this.#size) stack.set(observation, at);
    this.#stack = stack;
    return { observation: stack.slice() as Observation, info };
  }

  override step(action: Action): StepResult<Observation, Details> {
    const result = this.env.step(action);
    const stack = this.#stack ?? emptyLike(result.observation, this.#space.size);
    stack.copyWithin(0, this.#size);
    stack.set(result.observation, stack.length - this.#size);
    this.#stack = stack;
    return { ...result, observation: stack.slice() as Observation };
  }
}
