/**
 * The base of all wrappers (`gymnasium.Wrapper`): an environment that passes everything through to the one inside.
 * A wrapper overrides what it changes.
 */
import type { Env, EnvSpec, Frame, Metadata, ResetOptions, ResetResult, StepResult } from "../api.ts";
import type { Space } from "../spaces.ts";

/** @typeParam Inner observation and action of the environment inside, where they differ from the wrapper's own */
export abstract class Wrapper<Observation, Action, InnerObservation = Observation, InnerAction = Action>
  implements Env<Observation, Action>
{
  readonly env: Env<InnerObservation, InnerAction>;

  constructor(env: Env<InnerObservation, InnerAction>) {
    this.env = env;
  }

  get observationSpace(): Space<Observation> {
    return this.env.observationSpace as unknown as Space<Observation>;
  }

  get actionSpace(): Space<Action> {
    return this.env.actionSpace as unknown as Space<Action>;
  }

  get metadata(): Metadata {
    return this.env.metadata;
  }

  get renderMode(): string | null {
    return this.env.renderMode;
  }

  get spec(): EnvSpec | null {
    return this.env.spec;
  }

  /**
   * Whether actions, observations, rewards and ends pass through as they are, so that the environment inside does the
   * same without this wrapper. Default: false.
   */
  get passesThrough(): boolean {
    return false;
  }

  get unwrapped(): Env {
    return this.env.unwrapped;
  }

  reset(options?: ResetOptions): ResetResult<Observation> {
    return this.env.reset(options) as unknown as ResetResult<Observation>;
  }

  step(action: Action): StepResult<Observation> {
    return this.env.step(action as unknown as InnerAction) as unknown as StepResult<Observation>;
  }

  render(): Frame | null {
    return this.env.render();
  }

  close(): void {
    this.env.close();
  }
}
