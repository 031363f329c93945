/**
 * The racing line of a track: the course of a fast car, and its speed at each point.
 *
 * The line is the centre line moved sideways by a closed cubic B-spline. The spline's knots stay within `halfWidth`, so
 * the line does too. Coordinate descent moves runs of knots as long as that makes a lap faster for a point mass on a
 * friction ellipse. Only + - * / and sqrt are used, so every JavaScript engine finds the same line to the bit.
 */

/** Options of a racing line. */
export interface LineOptions {
  /** Greatest distance of the line from the centre of the road, units; the road reaches 6.67 units to either side. */
  halfWidth: number;
  /** Speed cap, units a second. */
  pace: number;
}

/** A closed line with one point for each point of the track. */
export interface RacingLine {
  /** Number of points. */
  readonly length: number;
  /** x of each point, world units. */
  readonly x: Float64Array;
  /** y of each point, world units. */
  readonly y: Float64Array;
  /** Distance from point i to point i + 1, units. */
  readonly step: Float64Array;
  /** Curvature at each point, 1/units; left is positive. */
  readonly curvature: Float64Array;
  /** Speed that the car should have at each point, units a second. */
  readonly speed: Float64Array;
}

/** Sideways acceleration that the profile allows, units/s². Four tyres of 400 each, on a mass of 7.30, could give 219. */
const GRIP = 180;
/** Deceleration that the profile allows, units/s². The brakes act on every wheel, so the tyres could give 219 here too. */
const BRAKING = 120;
/**
 * Acceleration on full gas, units/s²: two driven tyres of 400 each push the car's mass of 7.30 and spin up two idle front
 * wheels, each of which counts as a mass of 5.49: 800 / (7.30 + 2 * 5.49) = 43.8.
 */
const ACCELERATION = 43.8;

/** Number of track points (3.5 units apart) from one knot to the next. */
const KNOT_SPACING = 1.9;
/**
 * Kinds of move that are tried: a knot moves by `step` units in the first sweep, and with it, by less and less, its
 * neighbours up to `reach` on either side.
 */
const MOVES = [
  { reach: 6, step: 1.5 },
  { reach: 2, step: 1.0 },
  { reach: 0, step: 0.6 },
];
/** Number of sweeps over the whole track; steps shrink towards zero from one to the next. */
const SWEEPS = 24;

/**
 * Plans the racing line of a track.
 * @param track float64 [n, 4]: alpha, beta, x, y, as `CarRacing.track`
 */
export function racingLine(track: Float64Array, options: LineOptions): SplineLine {
  const { halfWidth, pace } = options;
  const line = new SplineLine(track);
  let best = line.setSpeeds(pace);
  const saved = new Float64Array(line.knots.length);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const shrink = 1 - sweep / SWEEPS;
    for (const { reach, step } of MOVES) {
      for (let knot = 0; knot < line.knots.length; knot += Math.max(1, reach >> 1)) {
        for (const shift of [step * shrink, -step * shrink]) {
          saved.set(line.knots);
          line.move(knot, reach, shift, halfWidth);
          const time = line.setSpeeds(pace);
          if (time < best) {
            best = time;
            break;
          }
          line.knots.set(saved);
          line.update(knot, reach);
        }
      }
    }
  }
  line.setSpeeds(pace);
  return line;
}

/** The centre line of a track, moved sideways by a uniform closed cubic B-spline. Positive knots move it to the right. */
export class SplineLine implements RacingLine {
  readonly length: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly step: Float64Array;
  readonly curvature: Float64Array;
  readonly speed: Float64Array;
  /** Coefficients of the B-spline, units. Everywhere it stays between the least and the greatest of four in a row. */
  readonly knots: Float64Array;
  /** Factor on the usual grip at each point, with which the speeds are computed. At first: 1. */
  readonly grip: Float64Array;
  readonly #track: Float64Array;
  /** float64 [n, 2]: x, y of the unit vector to the right of travel at each point, computed from its two neighbours. */
  readonly #normal: Float64Array;

  /**
   * Makes the centre line. Its speeds are 0 until `setSpeeds` is called.
   * @param track float64 [n, 4]: alpha, beta, x, y, as `CarRacing.track`
   */
  constructor(track: Float64Array) {
    const n = track.length / 4;
    this.length = n;
    this.x = new Float64Array(n);
    this.y = new Float64Array(n);
    this.step = new Float64Array(n);
    this.curvature = new Float64Array(n);
    this.speed = new Float64Array(n);
    this.knots = new Float64Array(Math.round(n / KNOT_SPACING));
    this.grip = new Float64Array(n).fill(1);
    this.#track = track;
    this.#normal = new Float64Array(2 * n);
    for (let i = 0; i < n; i++) {
      const before = 4 * ((i + n - 1) % n);
      const after = 4 * ((i + 1) % n);
      const dx = track[after + 2] - track[before + 2];
      const dy = track[after + 3] - track[before + 3];
      const d = Math.sqrt(dx * dx + dy * dy);
      this.#normal[2 * i] = dy / d;
      this.#normal[2 * i + 1] = -dx / d;
    }
    this.#place(0, n);
    this.#measure(0, n);
  }

  /**
   * Shifts a knot by `shift` units, and `reach` neighbours on either side by less and less. Knots stay within ±`limit`.
   */
  move(knot: number, reach: number, shift: number, limit: number): void {
    const { knots } = this;
    for (let k = -reach; k <= reach; k++) {
      const i = (knot + k + knots.length) % knots.length;
      const share = 1 - (k / (reach + 1)) ** 2;
      knots[i] = Math.min(limit, Math.max(-limit, knots[i] + shift * share));
    }
    this.update(knot, reach);
  }

  /** Recomputes the points that depend on the knots from `knot - reach` to `knot + reach`, after a caller set those. */
  update(knot: number, reach: number): void {
    const n = this.length;
    const spacing = n / this.knots.length;
    const first = Math.floor((knot - reach - 2) * spacing) - 1;
    const count = Math.min(n, Math.ceil((2 * reach + 4) * spacing) + 3);
    this.#place(first, count);
    this.#measure(first - 1, Math.min(n, count + 2));
  }

  /** Sets `x` and `y` of `count` points from the knots. */
  #place(first: number, count: number): void {
    const { length: n, knots } = this;
    const m = knots.length;
    for (let k = 0; k < count; k++) {
      const i = (first + k + n) % n;
      const u = (i * m) / n;
      const j = Math.floor(u);
      const t = u - j;
      const s = 1 - t;
      const shift =
        (s * s * s * knots[(j + m - 1) % m] +
          (4 - 6 * t * t + 3 * t * t * t) * knots[j] +
          (4 - 6 * s * s + 3 * s * s * s) * knots[(j + 1) % m] +
          t * t * t * knots[(j + 2) % m]) /
        6;
      this.x[i] = this.#track[4 * i + 2] + shift * this.#normal[2 * i];
      this.y[i] = this.#track[4 * i + 3] + shift * this.#normal[2 * i + 1];
    }
  }

  /**
   * Sets `step` and `curvature` of `count` points. The curvature is Menger's: 4 × area / product of the sides of the
   * triangle of a point and its two neighbours.
   */
  #measure(first: number, count: number): void {
    const { length: n, x, y } = this;
    for (let k = 0; k < count; k++) {
      const i = (first + k + n) % n;
      const before = (i + n - 1) % n;
      const after = (i + 1) % n;
      const ax = x[i] - x[before];
      const ay = y[i] - y[before];
      const bx = x[after] - x[i];
      const by = y[after] - y[i];
      const a = Math.sqrt(ax * ax + ay * ay);
      const b = Math.sqrt(bx * bx + by * by);
      const c = Math.sqrt((ax + bx) * (ax + bx) + (ay + by) * (ay + by));
      this.step[i] = b;
      this.curvature[i] = (2 * (ax * by - ay * bx)) / (a * b * c + 1e-9);
    }
  }

  /**
   * Sets `speed`. The cap and the grip bound it first; then a backward pass brakes in time for bends, and a forward pass
   * limits the acceleration. Both use only the grip that the bend leaves.
   * @param pace speed cap, units a second
   * @returns the time of a flying lap, seconds
   */
  setSpeeds(pace: number): number {
    const { length: n, step, curvature, speed, grip } = this;
    for (let i = 0; i < n; i++) {
      // Bends are smoothed over three points: the car cannot change its turning faster.
      const before = Math.abs(curvature[(i + n - 1) % n]);
      const after = Math.abs(curvature[(i + 1) % n]);
      const bend = (before + 2 * Math.abs(curvature[i]) + after) / 4;
      speed[i] = Math.min(pace, Math.sqrt((GRIP * grip[i]) / (bend + 1e-4)));
    }
    /** Share of the grip that is left for braking or accelerating at speed v, at least 0.14. */
    const spare = (i: number, v: number) => {
      const used = (v * v * curvature[i]) / (GRIP * grip[i]);
      return Math.sqrt(Math.max(0.02, 1 - used * used));
    };
    // Each pass goes round twice, since the lap is closed.
    for (let k = 2 * n - 1; k >= 0; k--) {
      const i = k % n;
      const v = speed[(i + 1) % n];
      speed[i] = Math.min(speed[i], Math.sqrt(v * v + 2 * BRAKING * spare(i, v) * step[i]));
    }
    for (let k = 0; k < 2 * n; k++) {
      const i = k % n;
      const j = (i + 1) % n;
      const v = speed[i];
      speed[j] = Math.min(speed[j], Math.sqrt(v * v + 2 * ACCELERATION * spare(i, v) * step[i]));
    }
    let time = 0;
    for (let i = 0; i < n; i++) time += (2 * step[i]) / (speed[i] + speed[(i + 1) % n]);
    return time;
  }
}
