import type { Env, Info, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { describe } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import { Random } from "../random.ts";
import { Wrapper } from "./wrapper.ts";

/** Options of {@link StickyAction}. */
export interface StickyActionOptions {
  /** Steps that an action sticks, from 1 up: a number, or the least and the most between which one is drawn. Default: 1. */
  repeatActionDuration?: number | readonly [least: number, most: number];
}

/**
 * Repeats the last action with some probability in place of the given one (`gymnasium.wrappers.StickyAction`). It draws
 * from the environment's own generator (`unwrapped.random`), as in Gymnasium: the same seed sticks at the same steps, and
 * later resets without a seed give other tracks than without this wrapper. For an environment without a generator the
 * wrapper has its own, which the seed of a reset begins anew.
 */
export class StickyAction<Observation, Action, Details extends Info = Info> extends Wrapper<
  Observation,
  Action,
  Observation,
  Action,
  Details
> {
  readonly #probability: number;
  readonly #least: number;
  readonly #most: number;
  #own = new Random();
  #last: { action: Action } | null = null;
  /** Steps that the last action still sticks. */
  #left = 0;

  /**
   * @param repeatActionProbability probability that the last action is repeated, from 0 to below 1
   * @throws {@link InvalidOption} on another probability or duration
   */
  constructor(
    env: Env<Observation, Action, Details>,
    repeatActionProbability: number,
    { repeatActionDuration = 1 }: StickyActionOptions = {},
  ) {
    super(env);
    if (!(repeatActionProbability >= 0 && repeatActionProbability < 1)) {
      throw new InvalidOption(
        `StickyAction: expected a probability from 0 to below 1, got ${describe(repeatActionProbability)}`,
      );
    }
    const [least, most] =
      typeof repeatActionDuration === "number"
        ? [repeatActionDuration, repeatActionDuration]
        : repeatActionDuration;
    if (!(Number.isSafeInteger(least) && Number.isSafeInteger(most) && least >= 1 && most >= least)) {
      throw new InvalidOption(
        `StickyAction: expected repeatActionDuration to be a whole number from 1 up, or the least and the most, got ${describe(repeatActionDuration)}`,
      );
    }
    this.#probability = repeatActionProbability;
    this.#least = least;
    this.#most = most;
  }

  override reset(options?: ResetOptions): ResetResult<Observation, Details> {
    const result = this.env.reset(options);
    if (options?.seed !== undefined) this.#own = new Random(options.seed);
    this.#last = null;
    this.#left = 0;
    return result;
  }

  override step(action: Action): StepResult<Observation, Details> {
    const { random = this.#own } = this.unwrapped as { random?: Random };
    if (this.#left === 0 && this.#last && random.random() < this.#probability) {
      this.#left = random.integers(this.#least, this.#most + 1);
    }
    const sticks = this.#left > 0 && this.#last;
    const taken = sticks ? sticks.action : copied(action);
    const result = this.env.step(taken);
    if (sticks) this.#left--;
    this.#last = { action: taken };
    return result;
  }
}

/** Policies may write their next action over the last one. */
function copied<Action>(action: Action): Action {
  const array = action as { slice?: () => Action } | null | undefined;
  return array?.slice ? array.slice() : action;
}
