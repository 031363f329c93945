/** TimeAware: the time as part of the observation, for policies that should know how much of an episode is left. */
import type { Env, ResetOptions, ResetResult, StepResult } from "../api.ts";
import { InvalidOption } from "../errors.ts";
import { Box, Dict, type DType, type Space, type TypedArray } from "../spaces.ts";
import { arrayOf, boxObservations } from "./array-observations.ts";
import { Wrapper } from "./wrapper.ts";

/** An observation and the step it belongs to. */
export interface TimedObservation<Observation> {
  obs: Observation;
  /** One number: the steps since reset, or their share of the time limit. */
  time: Int32Array | Float32Array;
}

export interface TimeAwareOptions<Flatten extends boolean> {
  /** One array, the time behind the observation (true, the default), or {@link TimedObservation}. */
  flatten?: Flatten;
  /** Time as a share of the limit, 0 to 1, instead of a number of steps. Default false. */
  normalizeTime?: boolean;
}

/** What `flatten` says: a flat array, or an observation and its time. */
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
> extends Wrapper<Timed<Observation, Flatten>, Action, Observation> {
  readonly #flat: Box | null;
  readonly #space: Space;
  readonly #limit: number;
  readonly #normalize: boolean;
  #elapsed = 0;

  constructor(env: Env<Observation, Action>, options: TimeAwareOptions<Flatten> = {}) {
    super(env);
    const { flatten = true, normalizeTime = false } = options;
    const limit = env.spec?.maxEpisodeSteps;
    if (!limit) throw new InvalidOption("TimeAware: expected an environment with a time limit");
    this.#limit = limit;
    this.#normalize = normalizeTime;
    const obs = boxObservations("TimeAware", env);
    const time = normalizeTime
      ? new Box({ low: 0, high: 1, dtype: "float32" })
      : new Box({ low: 0, high: limit, dtype: "int32" });
    this.#flat = flatten ? joined(obs, time) : null;
    this.#space = this.#flat ?? new Dict({ obs, time });
  }

  override get observationSpace(): Space<Timed<Observation, Flatten>> {
    return this.#space as Space<Timed<Observation, Flatten>>;
  }

  override reset(options?: ResetOptions): ResetResult<Timed<Observation, Flatten>> {
    const { observation, info } = this.env.reset(options);
    this.#elapsed = 0;
    return { observation: this.#timed(observation), info };
  }

  override step(action: Action): StepResult<Timed<Observation, Flatten>> {
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

/** Types all of whose values int32 and float32 hold. */
const SMALL: readonly DType[] = ["uint8", "int8", "int16", "uint16"];

/** One flat space of two, of the type that holds both, as numpy's `result_type`. */
function joined(obs: Box, time: Box): Box {
  const dtype = SMALL.includes(obs.dtype) || obs.dtype === time.dtype ? time.dtype : "float64";
  return new Box({
    low: [...obs.low, ...time.low],
    high: [...obs.high, ...time.high],
    shape: [obs.size + time.size],
    dtype,
  });
}
