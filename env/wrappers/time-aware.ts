/** The time as part of the observation, for policies that should know how much of an episode is left. */
import type { Env, Info, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { InvalidOption } from "../errors.ts";
import { Box, Dict, type DType, type Space, type TypedArray } from "../spaces.ts";
import { arrayOf, numberObservations } from "./array-observations.ts";
import { Wrapper } from "./wrapper.ts";

/** An observation and its time. */
export interface TimedObservation<Observation> {
  /** The observation of the environment inside. */
  obs: Observation;
  /** One number: the steps since reset, or their share of the time limit. */
  time: Int32Array | Float32Array;
}

/** Options of {@link TimeAware}. */
export interface TimeAwareOptions<Flatten extends boolean> {
  /** True for one array with the time at its end, false for a {@link TimedObservation}. Default: true. */
  flatten?: Flatten;
  /** True for the time as a share of the limit, 0 to 1; false for a number of steps. Default: false. */
  normalizeTime?: boolean;
}

/** The observation's type by `flatten`: a flat array, or an observation and its time. */
type Timed<Observation, Flatten> = Flatten extends false ? TimedObservation<Observation> : TypedArray;

/**
 * Adds the time to the observation (`gymnasium.wrappers.TimeAwareObservation`). The environment needs a time limit.
 *
 * @example new TimeAware(await make("CarRacing-v3"), { flatten: false }); // { obs, time }
 */
export class TimeAware<
  Observation extends TypedArray,
  Action,
  Flatten extends boolean = true,
  Details extends Info = Info,
> extends Wrapper<Timed<Observation, Flatten>, Action, Observation, Action, Details> {
  readonly #flat: Box | null;
  readonly #space: Space;
  readonly #limit: number;
  readonly #normalize: boolean;
  #elapsed = 0;

  /**
   * @param env an environment with a time limit and Box observations
   * @throws {@link InvalidOption} on another environment
   */
  constructor(env: Env<Observation, Action, Details>, options: TimeAwareOptions<Flatten> = {}) {
    super(env);
    const { flatten = true, normalizeTime = false } = options;
    const limit = env.spec?.maxEpisodeSteps;
    if (!limit) throw new InvalidOption("TimeAware: expected an environment with a time limit");
    this.#limit = limit;
    this.#normalize = normalizeTime;
    const obs = numberObservations("TimeAware", env);
    const time = normalizeTime
      ? new Box({ low: 0, high: 1, dtype: "float32" })
      : new Box({ low: 0, high: limit, dtype: "int32" });
    this.#flat = flatten ? joined(obs, time) : null;
    this.#space = this.#flat ?? new Dict({ obs, time });
  }

  override get observationSpace(): Space<Timed<Observation, Flatten>> {
    return this.#space as Space<Timed<Observation, Flatten>>;
  }

  override reset(options?: ResetOptions): ResetResult<Timed<Observation, Flatten>, Details> {
    const { observation, info } = this.env.reset(options);
    this.#elapsed = 0;
    return { observation: this.#timed(observation), info };
  }

  override step(action: Action): StepResult<Timed<Observation, Flatten>, Details> {
    const result = this.env.step(action);
    this.#elapsed++;
    return { ...result, observation: this.#timed(result.observation) };
  }

  #timed(obs: Observation): Timed<Observation, Flatten> {
    const elapsed = this.#normalize ? this.#elapsed / this.#limit : this.#elapsed;
    if (this.#flat) {
      const flat = arrayOf<TypedArray>(this.#flat);
      flat.set(obs);
      flat[obs.length] = elapsed;
      return flat as Timed<Observation, Flatten>;
    }
    const time = this.#normalize ? Float32Array.of(elapsed) : Int32Array.of(elapsed);
    return { obs, time } as Timed<Observation, Flatten>;
  }
}

/** Types whose values fit into int32 and into float32. */
const SMALL: readonly DType[] = ["uint8", "int8", "int16", "uint16"];

/** The flat space of two, of the type that holds the values of both (numpy's `result_type`). */
function joined(obs: Box, time: Box): Box {
  const dtype = SMALL.includes(obs.dtype) || obs.dtype === time.dtype ? time.dtype : "float64";
  return new Box({
    low: [...obs.low, ...time.low],
    high: [...obs.high, ...time.high],
    shape: [obs.size + time.size],
    dtype,
  });
}
