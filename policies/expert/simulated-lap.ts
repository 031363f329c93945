/**
 * A lap driven in the car model instead of the environment. A step takes about 0.5 µs, so that thousands of changes to a
 * line can be tried. Every step is kept, so that a changed line is driven again only from the change on.
 */
import { EPISODE_STEPS, WHEELS } from "../../env/car-racing/core/constants.ts";
import { CarModel, STATE_SIZE } from "./car-model.ts";
import { drive } from "./driver.ts";
import { locate } from "./line-place.ts";
import type { RacingLine } from "./racing-line.ts";

/**
 * A wheel counts as touching the road if its centre is at most this far from the middle of the road, units. The road's
 * tiles end at 6.67 and do not curve with a bend.
 */
const ON_ROAD = 6.85;
/**
 * The wheel nearest to the middle of the road should stay within this, units: a tile that no wheel touches spoils the
 * lap. The value leaves a margin for the model's errors.
 */
const VISITING = 6;
/** Cost of a step in which that wheel is farther out, in steps for each unit. */
const MARGIN_COST = 5;
/** Distance from the line, units, beyond which the car has lost it. */
const LOST = 6;

/** The road as straight pieces between the track's points. */
export class Road {
  /** Number of pieces. */
  readonly length: number;
  readonly #track: Float64Array;
  /** float64 [n, 3] for the piece from each point to the next: x and y of the unit vector along it, and its length. */
  readonly #pieces: Float64Array;

  /** @param track float64 [n, 4]: alpha, beta, x, y, as `CarRacing.track` */
  constructor(track: Float64Array) {
    const n = track.length / 4;
    this.length = n;
    this.#track = track;
    this.#pieces = new Float64Array(3 * n);
    for (let i = 0; i < n; i++) {
      const j = (i + 1) % n;
      const dx = track[4 * j + 2] - track[4 * i + 2];
      const dy = track[4 * j + 3] - track[4 * i + 3];
      const d = Math.sqrt(dx * dx + dy * dy);
      this.#pieces.set([dx / d, dy / d, d], 3 * i);
    }
  }

  /**
   * Distance of a place from the middle of the road, units.
   * @param x world units
   * @param y world units
   * @param near a piece near the place, from which the search for the piece beside it starts
   */
  offset(x: number, y: number, near: number): number {
    const pieces = this.#pieces;
    let i = near;
    // Three moves are enough: a car is no longer than two pieces, even on the inside of the tightest bend.
    for (let moved = 0; ; moved++) {
      const dx = x - this.#track[4 * i + 2];
      const dy = y - this.#track[4 * i + 3];
      const along = dx * pieces[3 * i] + dy * pieces[3 * i + 1];
      const beside = moved === 3 || (along >= 0 && along <= pieces[3 * i + 2]);
      if (beside) return Math.abs(dx * pieces[3 * i + 1] - dy * pieces[3 * i]);
      i = (i + (along < 0 ? this.length - 1 : 1)) % this.length;
    }
  }
}

/** A lap, or the part of it that has been driven so far. */
export class SimulatedLap {
  /** Number of steps driven. */
  steps = 0;
  readonly #road: Road;
  readonly #car = new CarModel();
  readonly #action = new Float32Array(3);
  /** The model's state after every step so far. */
  readonly #states = new Float64Array((EPISODE_STEPS + 1) * STATE_SIZE);
  /** The progress after every step so far, in points of the line. */
  readonly #progress = new Float64Array(EPISODE_STEPS + 1);
  /** The cost after every step so far, in steps. */
  readonly #cost = new Float64Array(EPISODE_STEPS + 1);

  /** Makes a lap of no steps, with the car at the start of the track (float64 [n, 4]: alpha, beta, x, y). */
  constructor(road: Road, track: Float64Array) {
    this.#road = road;
    this.#car.start(track);
    this.#states.set(this.#car.state);
  }

  /** Makes this lap equal to another one after `step` of its steps. */
  copy(other: SimulatedLap, step: number): void {
    this.#states.set(other.#states.subarray(0, (step + 1) * STATE_SIZE));
    this.#progress.set(other.#progress.subarray(0, step + 1));
    this.#cost.set(other.#cost.subarray(0, step + 1));
    this.steps = step;
  }

  /** Progress of the lap so far, in points of the line. */
  get progress(): number {
    return this.#progress[this.steps];
  }

  /**
   * Drives on until the progress is `end`, in points of the line.
   * @returns false if the car loses the line first, or the lap takes 1000 steps
   */
  driveTo(end: number, line: RacingLine): boolean {
    const n = line.length;
    const { motion, state } = this.#car;
    state.set(this.#states.subarray(this.steps * STATE_SIZE, (this.steps + 1) * STATE_SIZE));
    let at = this.progress;
    let cost = this.#cost[this.steps];
    while (at < end) {
      if (this.steps === EPISODE_STEPS) return false;
      this.#car.look();
      const place = locate(line, motion, (Math.floor(at) % n) - 2, 8);
      if (place.distance > LOST) return false;
      cost += 1 + MARGIN_COST * Math.max(0, this.#touchRoad(place.index) - VISITING);
      drive(line, place, motion, this.#action);
      this.#car.step(this.#action);
      this.#car.look();
      const next = locate(line, motion, place.index - 2, 8);
      // The line is closed, so the car may have passed from its last point to its first: the shorter way is the one driven.
      let gone = next.index + next.share - (at % n);
      if (gone < -n / 2) gone += n;
      if (gone > n / 2) gone -= n;
      at += gone;
      this.steps++;
      this.#states.set(state, this.steps * STATE_SIZE);
      this.#progress[this.steps] = at;
      this.#cost[this.steps] = cost;
    }
    return true;
  }

  /** Finds the last step before a progress, in points of the line. */
  stepBefore(progress: number): number {
    let low = 0;
    let high = this.steps;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#progress[middle] < progress) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Cost until a progress (in points of the line), in steps and parts of one: time, and nearness to the road's edge. */
  costAt(progress: number): number {
    const step = this.stepBefore(progress);
    const from = this.#progress[step];
    const share = (progress - from) / (this.#progress[step + 1] - from);
    return this.#cost[step] + share * (this.#cost[step + 1] - this.#cost[step]);
  }

  /** Tells the model which wheels are on grass. @returns distance of the nearest wheel from the middle of the road, units */
  #touchRoad(near: number): number {
    const { wheelX, wheelY, onGrass } = this.#car;
    let least = Number.POSITIVE_INFINITY;
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const offset = this.#road.offset(wheelX[wheel], wheelY[wheel], near);
      onGrass[wheel] = offset > ON_ROAD;
      least = Math.min(least, offset);
    }
    return least;
  }
}
