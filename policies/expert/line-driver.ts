/**
 * What the drivers that follow a racing line share: options, a look at the environment's track and bodies, and the
 * place on the line. They are privileged: they know the track and the car's exact state and never see the picture.
 */

import type { Env } from "../../env/api.ts";
import { describe } from "../../env/describe.ts";
import { InvalidOption, ResetNeeded } from "../../env/errors.ts";
import type { Policy } from "../policy.ts";
import { type CarMotion, readMotion } from "./car-model.ts";
import { type LinePlace, locate } from "./line-place.ts";
import type { LineOptions, RacingLine } from "./racing-line.ts";

/** Of a driver; `pace` from 10 to 100 (as fast as Box2D moves anything), `halfWidth` from 0 to 6.5. */
export type LineDriverOptions = Partial<LineOptions>;

/** What is asked of an environment: `CarRacing` has it. */
interface Privileged {
  readonly track: Float64Array;
  bodyState(): Float32Array;
}

/** The answer to a state. */
export interface Label {
  /** float32 [3]: steer, gas, brake. Valid until the next call. */
  action: Float32Array;
  /** How far the car is from the racing line, units. */
  distance: number;
  /** Of the car, units a second. */
  speed: number;
}

export abstract class LineDriver implements Policy<unknown> {
  abstract readonly name: string;
  readonly observes = false;
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

  /** The line to drive on a track (float64 [n, 4]: alpha, beta, x, y). */
  protected abstract plan(track: Float64Array): RacingLine;

  /** Writes to `action` what to do at `place` of the line: steer, gas, brake. Keeps nothing. */
  protected abstract control(line: RacingLine, place: LinePlace, car: CarMotion, action: Float32Array): void;

  /**
   * Plans the line of the episode's track (0.2 s; the expert's takes some 0.5 s more).
   * @throws {@link InvalidOption} on an environment that does not show its track and bodies, as one over a network
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

  act(): Float32Array {
    return this.label().action;
  }

  /**
   * What this driver would do in the environment's present state, whoever drove there, on the line or far from it,
   * forwards or spun round. Nothing changes by asking: neither the environment nor what it says later.
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
