import type { Env, Frame, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { ResetNeeded } from "../errors.ts";
import { Wrapper } from "./wrapper.ts";

/** Refuses `step` and `render` before the first `reset` (`gymnasium.wrappers.OrderEnforcing`). */
export class OrderEnforcing<Observation, Action> extends Wrapper<Observation, Action> {
  #wasReset = false;
  readonly #disableRenderOrderEnforcing: boolean;

  constructor(env: Env<Observation, Action>, { disableRenderOrderEnforcing = false } = {}) {
    super(env);
    this.#disableRenderOrderEnforcing = disableRenderOrderEnforcing;
  }

  override get passesThrough(): boolean {
    return true;
  }

  override reset(options?: ResetOptions): ResetResult<Observation> {
    const result = this.env.reset(options);
    this.#wasReset = true;
    return result;
  }

  override step(action: Action): StepResult<Observation> {
    if (!this.#wasReset) throw new ResetNeeded("step: call reset() first");
    return this.env.step(action);
  }

  override render(): Frame | null {
    if (!this.#wasReset && !this.#disableRenderOrderEnforcing)
      throw new ResetNeeded("render: call reset() first");
    return this.env.render();
  }
}
