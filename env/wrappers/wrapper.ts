/**
 * The base of all wrappers (`gymnasium.Wrapper`): an environment that passes every call on to the one inside. A wrapper
 * overrides the calls that it changes.
 */
import type { Env, EnvSpec, Frame, Info, Metadata, ResetOptions, ResetResult, StepResult } from "../api.ts";
import type { Space } from "../spaces.ts";

/**
 * An environment around another one.
 * @typeParam InnerObservation type of the inner environment's observations, if it differs from the wrapper's own
 * @typeParam InnerAction type of the inner environment's actions, if it differs from the wrapper's own
 * @typeParam Details type of the infos
 */
export abstract class Wrapper<
  Observation,
  Action,
  InnerObservation = Observation,
  InnerAction = Action,
  Details extends Info = Info,
> implements Env<Observation, Action, Details>
{
  /** The environment inside. */
  readonly env: Env<InnerObservation, InnerAction, Details>;

  /** @param env the environment inside */
  constructor(env: Env<InnerObservation, InnerAction, Details>) {
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
   * True if actions, observations, rewards and ends pass through unchanged, so that the environment inside behaves the
   * same without this wrapper. Default: false.
   */
  get passesThrough(): boolean {
    return false;
  }

  get unwrapped(): Env {
    return this.env.unwrapped;
  }

  reset(options?: ResetOptions): ResetResult<Observation, Details> {
    return this.env.reset(options) as unknown as ResetResult<Observation, Details>;
  }

  step(action: Action): StepResult<Observation, Details> {
    return this.env.step(action as unknown as InnerAction) as unknown as StepResult<Observation, Details>;
  }

  render(): Frame | null {
    return this.env.render();
  }

  close(): void {
    this.env.close();
  }
}
