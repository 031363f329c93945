/**
 * Makes a racing line faster by trying: changes to its course and to the grip it reckons with, one place after
 * another, each kept when the driver then finishes the simulated lap earlier, or, as long as it loses the line, gets farther. So the line suits this car and this
 * driver, with their slides, weight of wheels and late steering, of which a point mass knows nothing.
 */
import type { SplineLine } from "./racing-line.ts";
import { Road, SimulatedLap } from "./simulated-lap.ts";

/** Rounds over the whole track; almost all is gained in six. */
const SWEEPS = 6;
/** First step of a knot sideways, units, and of the grip, a share of it. Steps grow where they help, and shrink elsewhere. */
const SHIFT = 1.4;
const GRIP_CHANGE = 0.18;
const GROW = 1.3;
const SHRINK = 0.55;
/** Bounds of the grip, times the usual. */
const LEAST_GRIP = 0.6;
const MOST_GRIP = 2;
/** Points on either side of a place over which a change of its grip fades out. */
const GRIP_REACH = 5;
/** Points of the line: how far ahead the driver looks at most; how far behind a change its gain must show. */
const LOOK_AHEAD = 12;
const TAIL = 30;
/** Least gain that counts: steps, or points of the line for a lap that does not finish yet. */
const LEAST_GAIN = 1e-3;
/** The last tile has been visited when the car is this far from the end of the line, points. */
const FINISH = 1.5;

/**
 * @param track float64 [n, 4]: alpha, beta, x, y
 * @param line the line to change, made for this track
 * @param limit greatest distance from the centre of the road, units; wheels may leave the road as long as one stays
 * @param pace speed cap, units a second
 */
export function refineLine(track: Float64Array, line: SplineLine, limit: number, pace: number): void {
  new Refinement(track, line, limit, pace).run();
}

class Refinement {
  readonly #line: SplineLine;
  readonly #limit: number;
  readonly #pace: number;
  readonly #finish: number;
  /** The best lap so far, on the line as it was then; and the one that is tried. */
  #best: SimulatedLap;
  #trial: SimulatedLap;
  #finished: boolean;
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

  #moveKnots(knot: number, reach: number, steps: Float64Array): void {
    this.#tryBothWays(knot, steps, (shift) => {
      this.#line.move(knot, reach, shift, this.#limit);
      return () => {
        this.#line.knots.set(this.#bestKnots);
        this.#line.update(knot, reach);
      };
    });
  }

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

  /** Tries a change of `steps[knot]`, then its opposite. @param change makes it, and returns what takes it back */
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

  /** Whether the line as it now is gives a faster lap, which then is the best. */
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

  /** First and last point that differ from the best line's. */
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
