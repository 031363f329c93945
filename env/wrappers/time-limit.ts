import type { Env, EnvSpec, Info, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { describe } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import { Wrapper } from "./wrapper.ts";

/** Truncates episodes after a number of steps (`gymnasium.wrappers.TimeLimit`). */
export class TimeLimit<Observation, Action, Details extends Info = Info> extends Wrapper<
  Observation,
  Action,
  Observation,
  Action,
  Details
> {
  /** Steps after which an episode is truncated. */
  readonly maxEpisodeSteps: number;
  #elapsed = 0;

  /**
   * @param maxEpisodeSteps steps after which an episode is truncated, from 1 up
   * @throws {@link InvalidOption} on another number
   */
  constructor(env: Env<Observation, Action, Details>, maxEpisodeSteps: number) {
    super(env);
    if (!Number.isSafeInteger(maxEpisodeSteps) || maxEpisodeSteps < 1) {
      throw new InvalidOption(
        `maxEpisodeSteps: expected a whole number from 1 up, got ${describe(maxEpisodeSteps)}`,
      );
    }
    this.maxEpisodeSteps = maxEpisodeSteps;
  }

  /** The spec of the environment inside, with this limit. */
  override get spec(): EnvSpec | null {
    const { spec } = this.env;
    return spec && { ...spec, maxEpisodeSteps: this.maxEpisodeSteps };
  }

  /** True where the limit replaces a longer one: a replay takes it from the spec. */
  override get passesThrough(): boolean {
    const inner = this.env.spec?.maxEpisodeSteps ?? Number.POSITIVE_INFINITY;
    return this.maxEpisodeSteps <= inner;
  }

  /** Steps since the last reset. */
  get elapsedSteps(): number {
    return this.#elapsed;
  }

  override reset(options?: ResetOptions): ResetResult<Observation, Details> {
    const result = this.env.reset(options);
    this.#elapsed = 0;
    return result;
  }

  override step(action: Action): StepResult<Observation, Details> {
    const result = this.env.step(action);
    this.#elapsed++;
    if (this.#elapsed >= this.maxEpisodeSteps) result.truncated = true;
    return result;
  }
}
