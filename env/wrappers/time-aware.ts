import type { Env, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { InvalidOption } from "../errors.ts";
import { Box, Dict, type Space, type TypedArray } from "../spaces.ts";
import { boxObservations } from "./array-observations.ts";
import { Wrapper } from "./wrapper.ts";

/** An observation and the step it belongs to. */
export interface TimedObservation<Observation> {
  obs: Observation;
  /** One number: the steps since reset, or their share of the time limit. */
  time: Int32Array | Float32Array;
}

/**
 * Adds the time to the observation (`gymnasium.wrappers.TimeAwareObservation` with `flatten=False`). The environment
 * needs a time limit.
 */
export class TimeAware<Observation extends TypedArray, Action> extends Wrapper<
  TimedObservation<Observation>,
  Action,
  Observation
> {
  readonly #space: Dict;
  readonly #limit: number;
  readonly #normalize: boolean;
  #elapsed = 0;

  /** @param options.normalizeTime time as a share of the limit, 0 to 1, instead of a number of steps */
  constructor(env: Env<Observation, Action>, { normalizeTime = false } = {}) {
    super(env);
    const limit = env.spec?.maxEpisodeSteps;
    if (!limit) throw new InvalidOption("TimeAware: expected an environment with a time limit");
    this.#limit = limit;
    this.#normalize = normalizeTime;
    const time = normalizeTime
      ? new Box({ low: 0, high: 1, dtype: "float32" })
      : new Box({ low: 0, high: limit, dtype: "int32" });
    this.#space = new Dict({ obs: boxObservations("TimeAware", env), time });
  }

  override get observationSpace(): Space<TimedObservation<Observation>> {
    return this.#space as unknown as Space<TimedObservation<Observation>>;
  }

  override reset(options?: ResetOptions): ResetResult<TimedObservation<Observation>> {
    const { observation, info } = this.env.reset(options);
    this.#elapsed = 0;
    return { observation: this.#timed(observation), info };
  }

  override step(action: Action): StepResult<TimedObservation<Observation>> {
    const result = this.env.step(action);
    this.#elapsed++;
    return { ...result, observation: this.#timed(result.observation) };
  }

  #timed(obs: Observation): TimedObservation<Observation> {
    const time = this.#normalize
      ? Float32Array.of(this.#elapsed / this.#limit)
      : Int32Array.of(this.#elapsed);
    return { obs, time };
  }
}
