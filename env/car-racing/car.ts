/**
 * The car around the physics engine: steering, engine, brakes and tyre friction of Gymnasium's `car_dynamics.Car`,
 * in float64 and in its order of operations. Before each world step the wheels' motor speeds and friction forces are
 * worked out from the bodies and written to the engine.
 */
import { WHEEL_RADIUS as DRAWN_WHEEL_RADIUS, SIZE } from "./car-shape.ts";
import { BODY_STRIDE, BodyColumn, type Physics } from "./physics/physics.ts";
import type { SkidMark } from "./render/renderer.ts";

const ENGINE_POWER = 100000000 * SIZE * SIZE;
const WHEEL_MOMENT_OF_INERTIA = 4000 * SIZE * SIZE;
const FRICTION_LIMIT = 1000000 * SIZE * SIZE;
const GRASS_FRICTION_LIMIT = FRICTION_LIMIT * 0.6;
/** Force per unit of speed difference between tyre and ground, before the friction limit. */
const GRIP = 205000 * SIZE * SIZE;
/** By how much full braking slows a wheel in a step, radians a second. */
const BRAKE_FORCE = 15;
/** World units. */
const WHEEL_RADIUS = DRAWN_WHEEL_RADIUS * SIZE;
const MAX_SKID_MARKS = 30;
const MAX_SKID_POINTS = 30;

/** Wheels in Gymnasium's order: front left, front right, rear left, rear right. */
export const WHEELS = 4;
const FIRST_REAR_WHEEL = 2;

/** A car's state beside the bodies. */
export interface CarSnapshot {
  /** omega, phase, gas, brake, steer of the four wheels. */
  wheels: Float64Array;
  skidMarks: SkidMark[];
  skidBegun: boolean[];
  /** The mark each wheel is drawing: its place in `skidMarks`, -1 for none, or a mark no longer in that list. */
  drawing: (number | SkidMark)[];
}

export class Car {
  /** Angular velocity of each wheel, radians a second, and the angle it has rolled through. */
  readonly omega = new Float64Array(WHEELS);
  readonly phase = new Float64Array(WHEELS);
  /** Controls as each wheel has them; gas rises by at most 0.1 a step. */
  readonly wheelGas = new Float64Array(WHEELS);
  readonly wheelBrake = new Float64Array(WHEELS);
  readonly wheelSteer = new Float64Array(WHEELS);
  /** The last 30 marks, oldest first. */
  readonly skidMarks: SkidMark[] = [];
  /** Per wheel: whether a skid began a step ago, and the mark that it is drawing. */
  readonly #skidBegun = [false, false, false, false];
  readonly #skidMark: (SkidMark | null)[] = [null, null, null, null];
  readonly #physics: Physics;

  /** @param physics a world that has been loaded */
  constructor(physics: Physics) {
    this.#physics = physics;
  }

  /** A car at rest, as after `load` of its world. */
  reset(): void {
    for (const values of [this.omega, this.phase, this.wheelGas, this.wheelBrake, this.wheelSteer])
      values.fill(0);
    this.skidMarks.length = 0;
    this.#skidBegun.fill(false);
    this.#skidMark.fill(null);
  }

  /** Rear wheel drive. @param gas clipped to [0, 1] */
  gas(gas: number): void {
    const wanted = gas < 0 ? 0 : Math.min(gas, 1);
    for (let wheel = FIRST_REAR_WHEEL; wheel < WHEELS; wheel++) {
      const rise = wanted - this.wheelGas[wheel];
      this.wheelGas[wheel] += Math.min(rise, 0.1);
    }
  }

  /** @param brake share of full braking, not clipped; from 0.9 on the wheels block */
  brake(brake: number): void {
    this.wheelBrake.fill(brake);
  }

  /** @param angle where the front wheels should turn to, radians, left positive, not clipped; the joints stop at 0.4 */
  steer(angle: number): void {
    this.wheelSteer[0] = angle;
    this.wheelSteer[1] = angle;
  }

  /** What comes before the world's step. @param dt seconds */
  step(dt: number): void {
    const { bodies, jointAngle, motorSpeed, force, touching } = this.#physics;
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const turn = this.wheelSteer[wheel] - jointAngle[wheel];
      motorSpeed[wheel] = Math.sign(turn) * Math.min(50 * Math.abs(turn), 3);

      const grass = touching[wheel] === 0;
      const limit = grass ? GRASS_FRICTION_LIMIT : FRICTION_LIMIT;

      // Forward is (0, 1) and sideways (1, 0) turned by the wheel's angle; the bodies are float32, the sums float64.
      const body = (wheel + 1) * BODY_STRIDE;
      const sin = bodies[body + BodyColumn.sin];
      const cos = bodies[body + BodyColumn.cos];
      const vx = bodies[body + BodyColumn.vx];
      const vy = bodies[body + BodyColumn.vy];
      const forwardSpeed = -sin * vx + cos * vy;
      const sideSpeed = cos * vx + sin * vy;

      let omega = this.omega[wheel];
      // Power over angular velocity is torque; 5 keeps a standing wheel from dividing by zero.
      omega += (dt * ENGINE_POWER * this.wheelGas[wheel]) / WHEEL_MOMENT_OF_INERTIA / (Math.abs(omega) + 5);
      const brake = this.wheelBrake[wheel];
      if (brake >= 0.9) {
        omega = 0;
      } else if (brake > 0) {
        omega += -Math.sign(omega) * Math.min(BRAKE_FORCE * brake, Math.abs(omega));
      }
      this.phase[wheel] += omega * dt;

      let forward = (-forwardSpeed + omega * WHEEL_RADIUS) * GRIP;
      let side = -sideSpeed * GRIP;
      const size = Math.sqrt(forward * forward + side * side);
      this.#skid(wheel, size > 2 * limit, grass, bodies[body + BodyColumn.x], bodies[body + BodyColumn.y]);
      if (size > limit) {
        forward = (forward / size) * limit;
        side = (side / size) * limit;
      }
      this.omega[wheel] = omega - (dt * forward * WHEEL_RADIUS) / WHEEL_MOMENT_OF_INERTIA;
      force[2 * wheel] = side * cos + forward * -sin;
      force[2 * wheel + 1] = side * sin + forward * cos;
    }
  }

  /**
   * Lengthens the wheel's mark, or begins one in the second step of a skid. Both its first points are then the same:
   * Gymnasium keeps a reference to the wheel's position, not the position where the skid began.
   */
  #skid(wheel: number, skidding: boolean, grass: boolean, x: number, y: number): void {
    const mark = this.#skidMark[wheel];
    if (!skidding) {
      this.#skidMark[wheel] = null;
      this.#skidBegun[wheel] = false;
    } else if (mark && mark.grass === grass && mark.points.length < 2 * MAX_SKID_POINTS) {
      mark.points.push(x, y);
    } else if (!this.#skidBegun[wheel]) {
      this.#skidBegun[wheel] = true;
    } else {
      const begun = { points: [x, y, x, y], grass };
      this.skidMarks.push(begun);
      if (this.skidMarks.length > MAX_SKID_MARKS) this.skidMarks.shift();
      this.#skidMark[wheel] = begun;
      this.#skidBegun[wheel] = false;
    }
  }

  snapshot(): CarSnapshot {
    const drawing = this.#skidMark.map((mark) => (mark ? this.skidMarks.indexOf(mark) : -1));
    return {
      wheels: Float64Array.of(
        ...this.omega,
        ...this.phase,
        ...this.wheelGas,
        ...this.wheelBrake,
        ...this.wheelSteer,
      ),
      skidMarks: this.skidMarks.map(({ points, grass }) => ({ points: [...points], grass })),
      skidBegun: [...this.#skidBegun],
      // A mark that newer ones pushed out of the list is still lengthened, unseen; its length decides when the next begins.
      drawing: this.#skidMark.map((mark, wheel) =>
        drawing[wheel] >= 0 || !mark ? drawing[wheel] : { points: [...mark.points], grass: mark.grass },
      ),
    };
  }

  restore(state: CarSnapshot): void {
    const fields = [this.omega, this.phase, this.wheelGas, this.wheelBrake, this.wheelSteer];
    fields.forEach((field, i) => {
      field.set(state.wheels.subarray(WHEELS * i, WHEELS * (i + 1)));
    });
    this.skidMarks.splice(
      0,
      Infinity,
      ...state.skidMarks.map(({ points, grass }) => ({ points: [...points], grass })),
    );
    state.drawing.forEach((mark, wheel) => {
      this.#skidBegun[wheel] = state.skidBegun[wheel];
      this.#skidMark[wheel] =
        typeof mark === "number"
          ? (this.skidMarks[mark] ?? null)
          : { points: [...mark.points], grass: mark.grass };
    });
  }
}
