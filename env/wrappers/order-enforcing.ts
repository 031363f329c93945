import type { Env, Frame, Info, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { ResetNeeded } from "../errors.ts";
import { Wrapper } from "./wrapper.ts";

/** Throws `ResetNeeded` from `step` and `render` before the first `reset` (`gymnasium.wrappers.OrderEnforcing`). */
export class OrderEnforcing<Observation, Action, Details extends Info = Info> extends Wrapper<
  Observation,
  Action,
  Observation,
  Action,
  Details
> {
  #wasReset = false;
  readonly #disableRenderOrderEnforcing: boolean;

  /** @param options.disableRenderOrderEnforcing whether `render` is allowed before the first `reset`. Default: false. */
  constructor(env: Env<Observation, Action, Details>, { disableRenderOrderEnforcing = false } = {}) {
    super(env);
    this.#disableRenderOrderEnforcing = disableRenderOrderEnforcing;
  }

  override get passesThrough(): boolean {
    return true;
  }

  override reset(options?: ResetOptions): ResetResult<Observation, Details> {
    const result = this.env.reset(options);
    this.#wasReset = true;
    return result;
  }

  override step(action: Action): StepResult<Observation, Details> {
    if (!this.#wasReset) throw new ResetNeeded("step: call reset() first");
    return this.env.step(action);
  }

  override render(): Frame | null {
    if (!this.#wasReset && !this.#disableRenderOrderEnforcing)
      throw new ResetNeeded("render: call reset() first");
    return this.env.render();
  }
}
