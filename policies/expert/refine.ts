/**
 * Makes a racing line faster by trial. One place after another, it changes the line's course or the grip that its
 * speeds are computed with, and drives a simulated lap. A change is kept if the lap gets faster, or, while the driver
 * still loses the line before the end, if the driver gets farther. So the line suits this car and this driver: their
 * slides, spinning wheels and late steering, which a point mass does not have.
 */
import type { SplineLine } from "./racing-line.ts";
import { Road, SimulatedLap } from "./simulated-lap.ts";

/** Number of sweeps over the whole track; more gain almost nothing. */
const SWEEPS = 6;
/** First step of a knot sideways, units. */
const SHIFT = 1.4;
/** First step of the grip, as a share of it. */
const GRIP_CHANGE = 0.18;
/** Factor on a place's step after a change that helped. */
const GROW = 1.3;
/** Factor on a place's step after changes both ways that did not help. */
const SHRINK = 0.55;
/** Smallest factor on the usual grip. */
const LEAST_GRIP = 0.6;
/** Largest factor on the usual grip. */
const MOST_GRIP = 2;
/** Number of points on either side of a place over which a change of its grip fades out. */
const GRIP_REACH = 5;
/** Farthest that the driver looks ahead, in points of the line. */
const LOOK_AHEAD = 12;
/** Distance behind a change, in points of the line, at which the gain must have shown. */
const TAIL = 30;
/** Least gain that counts: in steps, or in points of the line for a lap that does not finish yet. */
const LEAST_GAIN = 1e-3;
/** Distance from the end of the line, in points, at which the car has visited the last tile. */
const FINISH = 1.5;

/**
 * Changes a line until its driver laps faster.
 * @param track float64 [n, 4]: alpha, beta, x, y
 * @param line the line to change, made for this track
 * @param limit greatest distance of the line from the centre of the road, units; some wheels may leave the road
 * @param pace speed cap, units a second
 */
export function refineLine(track: Float64Array, line: SplineLine, limit: number, pace: number): void {
  new Refinement(track, line, limit, pace).run();
}

/** One refinement: the line that is changed, and the best version so far. */
class Refinement {
  readonly #line: SplineLine;
  readonly #limit: number;
  readonly #pace: number;
  /** Progress at which a lap is finished, in points of the line. */
  readonly #finish: number;
  /** The best lap so far. */
  #best: SimulatedLap;
  /** Memory for the lap that is tried. */
  #trial: SimulatedLap;
  /** True if the best lap got to the finish. */
  #finished: boolean;
  // The line on which the best lap was driven.
  readonly #bestX: Float64Array;
  readonly #bestY: Float64Array;
  readonly #bestSpeed: Float64Array;
  readonly #bestKnots: Float64Array;
  readonly #bestGrip: Float64Array;

  constructor(track: Float64Array, line: SplineLine, limit: number, pace: number) {
    const road = new Road(track);
    this.#line = line;
    this.#limit = limit;
    this.#pace = pace;
    this.#finish = line.length - FINISH;
    this.#best = new SimulatedLap(road, track);
    this.#trial = new SimulatedLap(road, track);
    this.#finished = this.#best.driveTo(this.#finish, line);
    this.#bestX = line.x.slice();
    this.#bestY = line.y.slice();
    this.#bestSpeed = line.speed.slice();
    this.#bestKnots = line.knots.slice();
    this.#bestGrip = line.grip.slice();
  }

  /** Makes all sweeps and leaves the line as the best one. */
  run(): void {
    const knots = this.#line.knots.length;
    const shiftOne = new Float64Array(knots).fill(SHIFT);
    const shiftFive = new Float64Array(knots).fill(SHIFT);
    const gripChange = new Float64Array(knots).fill(GRIP_CHANGE);
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      for (let knot = 0; knot < knots; knot++) {
        this.#moveKnots(knot, 0, shiftOne);
        if (knot % 2 === 1) continue;
        this.#moveKnots(knot, 2, shiftFive);
        this.#changeGrip(knot, gripChange);
      }
    }
    this.#line.setSpeeds(this.#pace);
  }

  /** Tries to move a knot and `reach` neighbours on either side. */
  #moveKnots(knot: number, reach: number, steps: Float64Array): void {
    this.#tryBothWays(knot, steps, (shift) => {
      this.#line.move(knot, reach, shift, this.#limit);
      return () => {
        this.#line.knots.set(this.#bestKnots);
        this.#line.update(knot, reach);
      };
    });
  }

  /** Tries to change the grip around a knot. */
  #changeGrip(knot: number, steps: Float64Array): void {
    const { grip, knots, length } = this.#line;
    const middle = Math.floor((knot * length) / knots.length);
    this.#tryBothWays(knot, steps, (change) => {
      for (let k = -GRIP_REACH; k <= GRIP_REACH; k++) {
        const i = (middle + k + length) % length;
        const share = 1 - (k / (GRIP_REACH + 1)) ** 2;
        grip[i] = Math.min(MOST_GRIP, Math.max(LEAST_GRIP, grip[i] * (1 + change * share)));
      }
      return () => grip.set(this.#bestGrip);
    });
  }

  /**
   * Tries a change of size `steps[knot]`, then the opposite one.
   * @param change makes the change and returns a function that takes it back
   */
  #tryBothWays(knot: number, steps: Float64Array, change: (size: number) => () => void): void {
    for (const size of [steps[knot], -steps[knot]]) {
      const undo = change(size);
      if (this.#isFaster()) {
        steps[knot] *= GROW;
        return;
      }
      undo();
    }
    steps[knot] *= SHRINK;
  }

  /** Drives a lap on the changed line. @returns true if it is better than the best one, which it then replaces */
  #isFaster(): boolean {
    const line = this.#line;
    line.setSpeeds(this.#pace);
    const changed = this.#changedPoints();
    if (!changed) return false;
    const trial = this.#trial;
    trial.copy(this.#best, this.#best.stepBefore(changed.first - LOOK_AHEAD));
    if (this.#finished) {
      const end = Math.min(this.#finish, changed.last + TAIL);
      if (!trial.driveTo(end, line)) return false;
      if (trial.costAt(end) > this.#best.costAt(end) - LEAST_GAIN) return false;
    }
    const finished = trial.driveTo(this.#finish, line);
    if (this.#finished) {
      if (!finished || trial.costAt(this.#finish) >= this.#best.costAt(this.#finish)) return false;
    } else if (!finished && trial.progress <= this.#best.progress + LEAST_GAIN) return false;
    this.#trial = this.#best;
    this.#best = trial;
    this.#finished = finished;
    this.#bestX.set(line.x);
    this.#bestY.set(line.y);
    this.#bestSpeed.set(line.speed);
    this.#bestKnots.set(line.knots);
    this.#bestGrip.set(line.grip);
    return true;
  }

  /** First and last point that differ from those of the best line; null if none does. */
  #changedPoints(): { first: number; last: number } | null {
    const { length, x, y, speed } = this.#line;
    let first = -1;
    let last = -1;
    for (let i = 0; i < length; i++) {
      if (x[i] === this.#bestX[i] && y[i] === this.#bestY[i] && speed[i] === this.#bestSpeed[i]) continue;
      if (first < 0) first = i;
      last = i;
    }
    return first < 0 ? null : { first, last };
  }
}
