/**
 * A learner at the wheel with the teacher beside it, as in a driving school: the teacher takes over where the learner
 * is lost or stands still, and on a share of the road by turns, so that an episode that went wrong still shows frames
 * worth learning from: how one gets back, and the rest of the track (DAgger's mixture of policies, Ross et al. 2011).
 */

import type { Env } from "../../env/api.ts";
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";
import { Random } from "../../env/random.ts";
import type { Policy } from "../policy.ts";
import type { LineDriver } from "./line-driver.ts";

/** The teacher takes over farther than this from its line, units (the road is 13.3 wide), … */
const LOST = 12;
/** … or when the car has been slower than this, units a second, for so many steps, … */
const STANDING_SPEED = 3;
const STANDING_STEPS = 75;
/** … and gives back nearer than this, above this speed. */
const FOUND = 3;
const FOUND_SPEED = 10;
/** Steps of one turn: a second. */
const TURN = 50;

export interface SupervisionOptions {
  /** Share of the turns, 0 to 1, that the teacher drives anyway. Default 0. */
  teacherShare?: number;
}

export class SupervisedPolicy<Observation> implements Policy<Observation> {
  readonly name: string;
  readonly observes: boolean;
  readonly #learner: Policy<Observation>;
  readonly #teacher: LineDriver;
  readonly #teacherShare: number;
  #random = new Random(0);
  #step = 0;
  #standing = 0;
  #rescues = false;
  #teacherTurn = false;

  /**
   * @param teacher is reset with the learner; its labels stay those of the environment's state
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

  /** Turns are drawn from the episode's seed: the same seed, the same drive. */
  reset(env: Env, seed: number | bigint): void {
    this.#learner.reset(env, seed);
    this.#teacher.reset(env);
    this.#random = new Random(seed);
    this.#step = 0;
    this.#standing = 0;
    this.#rescues = false;
  }

  act(observation: Observation): ArrayLike<number> {
    const { action, distance, speed } = this.#teacher.label();
    if (this.#step++ % TURN === 0) this.#teacherTurn = this.#random.random() < this.#teacherShare;
    this.#standing = speed < STANDING_SPEED ? this.#standing + 1 : 0;
    if (distance > LOST || this.#standing > STANDING_STEPS) this.#rescues = true;
    else if (distance < FOUND && speed > FOUND_SPEED) this.#rescues = false;
    return this.#rescues || this.#teacherTurn ? action : this.#learner.act(observation);
  }
}
