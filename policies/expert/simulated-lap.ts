/**
 * A lap driven in the car model instead of the environment: some 0.5 µs a step, so that thousands of changes to a
 * line can be tried. Keeps every step, so that a changed line need be driven only from where it changed.
 */
import { CarModel, STATE_SIZE } from "./car-model.ts";
import { drive } from "./driver.ts";
import { locate } from "./line-place.ts";
import type { RacingLine } from "./racing-line.ts";

/** Wheel centres within this of the middle touch the road's tiles, which end at 6.67 and are straight across bends. */
const ON_ROAD = 6.85;
/**
 * The wheel nearest to the middle should stay within this, for a tile that no wheel touches spoils the lap; each unit
 * beyond costs so many steps a step. The margin is for what the model gets wrong.
 */
const VISITING = 6;
const MARGIN_COST = 5;
/** Farther than this from the line the car has lost it. */
const LOST = 6;
/** Steps that an episode lasts at most. */
const MAX_SIMULATED_STEPS = 1000;

/** The road as the straight pieces between its points. */
export class Road {
  readonly length: number;
  readonly #track: Float64Array;
  /** Unit vector along and length of the piece from each point to the next. */
  readonly #pieces: Float64Array;

  /** @param track float64 [n, 4]: alpha, beta, x, y */
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

  /** Distance of a place from the middle of the road, looked for from piece `near` on. */
  offset(x: number, y: number, near: number): number {
    const pieces = this.#pieces;
    let i = near;
    // A car is no longer than two pieces on the inside of the tightest bend.
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

export class SimulatedLap {
  /** The step that the lap has got to. */
  steps = 0;
  readonly #road: Road;
  readonly #car = new CarModel();
  readonly #action = new Float32Array(3);
  /** Of every step so far: the model's state, the progress in points of the line, and what it has cost. */
  readonly #states = new Float64Array((MAX_SIMULATED_STEPS + 1) * STATE_SIZE);
  readonly #progress = new Float64Array(MAX_SIMULATED_STEPS + 1);
  readonly #cost = new Float64Array(MAX_SIMULATED_STEPS + 1);

  /** At the start of a track. */
  constructor(road: Road, track: Float64Array) {
    this.#road = road;
    this.#car.start(track);
    this.#states.set(this.#car.state);
  }

  /** Becomes another lap as it was at one of its steps. */
  copy(other: SimulatedLap, step: number): void {
    this.#states.set(other.#states.subarray(0, (step + 1) * STATE_SIZE));
    this.#progress.set(other.#progress.subarray(0, step + 1));
    this.#cost.set(other.#cost.subarray(0, step + 1));
    this.steps = step;
  }

  /** How far the lap has got, points of the line. */
  get progress(): number {
    return this.#progress[this.steps];
  }

  /** Drives on until `end`, points of the line. False if the car loses the line or the episode is over first. */
  driveTo(end: number, line: RacingLine): boolean {
    const n = line.length;
    const { motion, state } = this.#car;
    state.set(this.#states.subarray(this.steps * STATE_SIZE, (this.steps + 1) * STATE_SIZE));
    let at = this.progress;
    let cost = this.#cost[this.steps];
    while (at < end) {
      if (this.steps === MAX_SIMULATED_STEPS) return false;
      this.#car.look();
      const place = locate(line, motion, (Math.floor(at) % n) - 2, 8);
      if (place.distance > LOST) return false;
      cost += 1 + MARGIN_COST * Math.max(0, this.#touchRoad(place.index) - VISITING);
      drive(line, place, motion, this.#action);
      this.#car.step(this.#action);
      this.#car.look();
      const next = locate(line, motion, place.index - 2, 8);
      // The shortest way round, so that the lap's first and last points are not mixed up.
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

  /** The last step before `progress`, in points of the line. */
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

  /** Steps, and parts of one, until `progress`, with what nearing the road's edge cost. */
  costAt(progress: number): number {
    const step = this.stepBefore(progress);
    const from = this.#progress[step];
    const share = (progress - from) / (this.#progress[step + 1] - from);
    return this.#cost[step] + share * (this.#cost[step + 1] - this.#cost[step]);
  }

  /** Tells the model which wheels are on grass; returns how far from the middle the wheel nearest to it is. */
  #touchRoad(near: number): number {
    const { wheelX, wheelY, onGrass } = this.#car;
    let least = Number.POSITIVE_INFINITY;
    for (let wheel = 0; wheel < 4; wheel++) {
      const offset = this.#road.offset(wheelX[wheel], wheelY[wheel], near);
      onGrass[wheel] = offset > ON_ROAD;
      least = Math.min(least, offset);
    }
    return least;
  }
}
