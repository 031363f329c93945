/**
 * The base class of drivers that follow a racing line: it checks options, reads the environment's track and bodies, and
 * finds the car's place on the line. Such drivers are privileged: they know the track and the car's exact state, and
 * never see the picture.
 */
import type { Env } from "../../env/api.ts";
import { describe } from "../../env/describe.ts";
import { InvalidOption, ResetNeeded } from "../../env/errors.ts";
import type { Policy } from "../policy.ts";
import { type CarMotion, readMotion } from "./car-model.ts";
import { type LinePlace, locate } from "./line-place.ts";
import type { LineOptions, RacingLine } from "./racing-line.ts";

/**
 * Options of a driver: `pace` from 10 to 100 (Box2D moves nothing faster than 100 units a second), `halfWidth` from 0 to
 * 6.5 units. Each driver's constructor names its defaults.
 */
export type LineDriverOptions = Partial<LineOptions>;

/** The part of `CarRacing` that these drivers read. */
interface Privileged {
  readonly track: Float64Array;
  bodyState(): Float32Array;
}

/** A driver's answer to one state of the environment. */
export interface Label {
  /** float32 [3]: steer, gas, brake. Valid until the next call. */
  action: Float32Array;
  /** Distance of the car from the racing line, units, at least 0. */
  distance: number;
  /** Speed of the car, units a second, at least 0. */
  speed: number;
}

/** A driver that follows a racing line. Subclasses plan the line and control the car. */
export abstract class LineDriver implements Policy<unknown> {
  abstract readonly name: string;
  readonly observes = false;
  /** The options in use, defaults filled in. */
  readonly options: LineOptions;
  #car: Privileged | undefined;
  #line: RacingLine | undefined;
  readonly #action = new Float32Array(3);

  /** @throws {@link InvalidOption} on a value outside its range */
  protected constructor(options: LineOptions) {
    const { pace, halfWidth } = options;
    if (!(pace >= 10 && pace <= 100)) {
      throw new InvalidOption(`pace: expected 10 to 100 units a second, got ${describe(pace)}`);
    }
    if (!(halfWidth >= 0 && halfWidth <= 6.5)) {
      throw new InvalidOption(`halfWidth: expected 0 to 6.5 units, got ${describe(halfWidth)}`);
    }
    this.options = options;
  }

  /** Plans the line to drive on a track (float64 [n, 4]: alpha, beta, x, y). */
  protected abstract plan(track: Float64Array): RacingLine;

  /** Writes the action for a car at `place` of the line to `action`: steer, gas, brake. It must keep no memory. */
  protected abstract control(line: RacingLine, place: LinePlace, car: CarMotion, action: Float32Array): void;

  /**
   * Plans the line of the episode's track, which takes about 0.2 s; the expert needs about 0.5 s more.
   * @throws {@link InvalidOption} on an environment that does not show its track and bodies, such as one over a network
   */
  reset(env: Env): void {
    const car = env.unwrapped as unknown as Partial<Privileged>;
    if (!(car.track instanceof Float64Array) || typeof car.bodyState !== "function") {
      throw new InvalidOption(
        `the ${this.name} expects a CarRacing environment in this process: it reads track and bodies`,
      );
    }
    this.#car = car as Privileged;
    this.#line = this.plan(car.track);
  }

  /**
   * The action for the environment's present state.
   * @returns float32 [3]: steer, gas, brake. Valid until the next call
   * @throws {@link ResetNeeded} before the first reset
   */
  act(): Float32Array {
    return this.label().action;
  }

  /**
   * The action that this driver would choose in the environment's present state. It answers for any state, even one
   * that another driver reached: on the line or far from it, facing forwards or spun round. A call changes neither the
   * environment nor later answers.
   * @throws {@link ResetNeeded} before the first reset
   */
  label(): Label {
    if (!this.#car || !this.#line)
      throw new ResetNeeded(`${this.name}: call reset(env, seed) before act() or label()`);
    const motion = readMotion(this.#car.bodyState());
    const place = locate(this.#line, motion);
    this.control(this.#line, place, motion, this.#action);
    return { action: this.#action, distance: place.distance, speed: motion.speed };
  }
}
