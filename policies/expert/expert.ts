/**
 * The expert: a privileged driver that knows the track and the car's exact state and never looks at the picture. It
 * gives demonstrations to imitate, labels the states that other drivers get into (DAgger), and is the ceiling they
 * are measured against.
 */
import type { Env } from "../../env/api.ts";
import { InvalidOption, ResetNeeded } from "../../env/errors.ts";
import type { Policy } from "../policy.ts";
import { drive, locate, readMotion } from "./driver.ts";
import { type RacingLine, racingLine } from "./racing-line.ts";

export interface ExpertOptions {
  /**
   * Greatest speed, units a second, 10 to 100 (the default, and as fast as Box2D moves anything). A slower expert
   * drives more smoothly and is easier to imitate.
   */
  pace?: number;
  /** Greatest distance of the racing line from the middle of the road, units, 0 to 6.5; default 5.5. The road's edge is at 6.67. */
  halfWidth?: number;
}

const DEFAULTS = { pace: 100, halfWidth: 5.5 } as const satisfies Required<ExpertOptions>;

/** What the expert is told of an environment: `CarRacing` has it. */
interface Privileged {
  readonly track: Float64Array;
  bodyState(): Float32Array;
}

/** The expert's answer to a state. */
export interface Label {
  /** float32 [3]: steer, gas, brake. Valid until the next call. */
  action: Float32Array;
  /** How far the car is from the racing line, units. */
  distance: number;
}

export class ExpertPolicy implements Policy<unknown> {
  readonly name = "expert";
  readonly observes = false;
  readonly options: Required<ExpertOptions>;
  #car: Privileged | undefined;
  #line: RacingLine | undefined;
  readonly #action = new Float32Array(3);

  /** @throws {@link InvalidOption} on a value outside its range */
  constructor(options: ExpertOptions = {}) {
    const { pace = DEFAULTS.pace, halfWidth = DEFAULTS.halfWidth } = options;
    if (!(pace >= 10 && pace <= 100)) {
      throw new InvalidOption(`pace: expected 10 to 100 units a second, got ${pace}`);
    }
    if (!(halfWidth >= 0 && halfWidth <= 6.5)) {
      throw new InvalidOption(`halfWidth: expected 0 to 6.5 units, got ${halfWidth}`);
    }
    this.options = { pace, halfWidth };
  }

  /**
   * Finds the racing line of the episode's track (about 0.2 s).
   * @throws {@link InvalidOption} on an environment that does not show its track and bodies, as one over a network
   */
  reset(env: Env): void {
    const car = env.unwrapped as unknown as Partial<Privileged>;
    if (!(car.track instanceof Float64Array) || typeof car.bodyState !== "function") {
      throw new InvalidOption(
        "the expert expects a CarRacing environment in this process: it reads track and bodies",
      );
    }
    this.#car = car as Privileged;
    this.#line = racingLine(car.track, this.options);
  }

  act(): Float32Array {
    return this.label().action;
  }

  /**
   * What the expert would do in the environment's present state, whoever drove there, on the line or far from it,
   * forwards or spun round. Nothing changes by asking: neither the environment nor what the expert says later.
   */
  label(): Label {
    if (!this.#car || !this.#line)
      throw new ResetNeeded("expert: call reset(env, seed) before act() or label()");
    const motion = readMotion(this.#car.bodyState());
    const place = locate(this.#line, motion);
    drive(this.#line, place, motion, this.#action);
    return { action: this.#action, distance: place.distance };
  }
}
