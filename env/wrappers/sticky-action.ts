import type { Env, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { InvalidOption } from "../errors.ts";
import { Random } from "../random.ts";
import { Wrapper } from "./wrapper.ts";

/**
 * With some probability the last action is repeated instead of the one given (`gymnasium.wrappers.StickyAction`, of
 * duration 1). The draws are from a generator of its own that a reset's seed begins anew, so the tracks that a seed
 * gives stay the same; Gymnasium draws from the environment's.
 */
export class StickyAction<Observation, Action> extends Wrapper<Observation, Action> {
  readonly #probability: number;
  #random = new Random();
  #last: { action: Action } | null = null;

  /** @param repeatActionProbability from 0 to below 1 */
  constructor(env: Env<Observation, Action>, repeatActionProbability: number) {
    super(env);
    if (!(repeatActionProbability >= 0 && repeatActionProbability < 1)) {
      throw new InvalidOption(
        `StickyAction: expected a probability from 0 to below 1, got ${repeatActionProbability}`,
      );
    }
    this.#probability = repeatActionProbability;
  }

  override reset(options?: ResetOptions): ResetResult<Observation> {
    const result = this.env.reset(options);
    if (options?.seed !== undefined) this.#random = new Random(options.seed);
    this.#last = null;
    return result;
  }

  override step(action: Action): StepResult<Observation> {
    const sticks = this.#last && this.#random.random() < this.#probability;
    const taken = sticks && this.#last ? this.#last.action : copied(action);
    const result = this.env.step(taken);
    this.#last = { action: taken };
    return result;
  }
}

/** Policies may write their next action over the last one. */
function copied<Action>(action: Action): Action {
  const array = action as { slice?: () => Action };
  return typeof action === "object" && array.slice ? array.slice() : action;
}
