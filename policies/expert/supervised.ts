/**
 * A learner that drives under supervision, as in a driving school. The teacher takes over when the learner is lost or
 * stands still, and on request for a share of the turns (DAgger's mixture of policies, Ross et al. 2011). An episode
 * that went wrong then still shows frames worth learning from: the way back to the road, and the rest of the track.
 */

import type { Env } from "../../env/api.ts";
import { FPS } from "../../env/car-racing/core/constants.ts";
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";
import { Random } from "../../env/random.ts";
import type { Policy } from "../policy.ts";
import type { LineDriver } from "./line-driver.ts";

/** The teacher takes over beyond this distance from its line, units; the road is 13.3 wide. */
const LOST = 12;
/** The car stands if it is slower than this, units a second. */
const STANDING_SPEED = 3;
/** The teacher takes over when the car has been standing for more steps than this. */
const STANDING_STEPS = 75;
/** The teacher hands back within this distance from its line, units, if the car is also fast enough. */
const FOUND = 3;
/** The teacher hands back above this speed, units a second, if the car is also near enough to the line. */
const FOUND_SPEED = 10;
/** Length of a turn, steps: one second. */
const TURN = FPS;

/** Options of supervision. */
export interface SupervisionOptions {
  /** Share of the turns (of one second each) that the teacher drives in any case, 0 to 1. Default: 0. */
  teacherShare?: number;
}

/** A learner that drives with a teacher who takes over when it must. */
export class SupervisedPolicy<Observation> implements Policy<Observation> {
  readonly name: string;
  readonly observes: boolean;
  readonly #learner: Policy<Observation>;
  readonly #teacher: LineDriver;
  readonly #teacherShare: number;
  #random = new Random(0);
  #step = 0;
  /** Number of steps for which the car has been standing. */
  #standing = 0;
  /** True while the teacher brings the car back. */
  #rescues = false;
  /** True while a turn is the teacher's. */
  #teacherTurn = false;

  /**
   * Makes the pair a policy with the learner's name.
   * @param learner the policy that drives as a rule
   * @param teacher the driver that takes over; it is reset with the learner
   * @param options see `SupervisionOptions`
   * @throws {@link InvalidOption} on a share outside 0 to 1
   */
  constructor(
    learner: Policy<Observation>,
    teacher: LineDriver,
    { teacherShare = 0 }: SupervisionOptions = {},
  ) {
    if (!(teacherShare >= 0 && teacherShare <= 1)) {
      throw new InvalidOption(`teacherShare: expected 0 to 1, got ${describe(teacherShare)}`);
    }
    this.name = learner.name;
    this.observes = learner.observes ?? true;
    this.#learner = learner;
    this.#teacher = teacher;
    this.#teacherShare = teacherShare;
  }

  /** Resets learner and teacher. Turns are drawn from the episode's seed, so that equal seeds give equal episodes. */
  reset(env: Env, seed: number | bigint): void {
    this.#learner.reset(env, seed);
    this.#teacher.reset(env);
    this.#random = new Random(seed);
    this.#step = 0;
    this.#standing = 0;
    this.#rescues = false;
  }

  /** The action of whoever drives now: steer, gas, brake. */
  act(observation: Observation): ArrayLike<number> {
    const { action, distance, speed } = this.#teacher.label();
    if (this.#step++ % TURN === 0) this.#teacherTurn = this.#random.random() < this.#teacherShare;
    this.#standing = speed < STANDING_SPEED ? this.#standing + 1 : 0;
    if (distance > LOST || this.#standing > STANDING_STEPS) this.#rescues = true;
    else if (distance < FOUND && speed > FOUND_SPEED) this.#rescues = false;
    return this.#rescues || this.#teacherTurn ? action : this.#learner.act(observation);
  }
}
