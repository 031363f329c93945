/**
 * A model of CarRacing's car for planning: one rigid body on four tyres, without the joints and contacts of the
 * physics engines. Its speed stays within about 0.1 units a second of Box2D's over 50 steps, and a step takes a
 * hundredth of the time. Steps use only + - * / and sqrt, so every JavaScript engine plans the same line.
 */
import { FPS, WHEELS } from "../../env/car-racing/core/constants.ts";
import { cos, sin } from "../../env/math.ts";

// The numbers come from car_dynamics.py at its size of 0.02; lengths are in world units.

/** Duration of a step, seconds. */
const STEP = 1 / FPS;
/** Mass of the hull and the four wheels. */
export const MASS = 7.302;
/** Moment of inertia of the hull and the four wheels about their mass centre. */
const INERTIA = 19.15;
/** Place of the mass centre along the hull, units from its middle: it lies behind the middle. */
const CENTRE = -0.0804;
/** Distance from the mass centre to the front axle, units. */
export const FRONT_ARM = 1.68;
/** Distance from the mass centre to the rear axle, units. */
export const REAR_ARM = 1.56;
/** Distance from the middle of the car to the wheels of either side, units. */
const HALF_TRACK = 1.1;
/** Radius of a wheel, units. */
export const WHEEL_RADIUS = 0.54;
/** Moment of inertia of a wheel about its axle. */
const WHEEL_INERTIA = 1.6;
/** Force of a tyre for each unit a second of slip. */
export const TYRE_STIFFNESS = 82;
/** Greatest force of a tyre on the road. */
export const TYRE_LIMIT = 400;
/** Greatest force of a tyre on grass. */
const GRASS_LIMIT = 240;
/** Full gas raises a rear wheel's angular velocity w by ENGINE_RATE / (|w| + 5) radians a second in a step. */
export const ENGINE_RATE = 500;
/** Most that the gas rises in a step; it falls at once. */
const GAS_RISE = 0.1;
/** Full braking slows a wheel by this in a step, radians a second. */
export const BRAKE_RATE = 15;
/** Turning rate of a front wheel's joint for each radian that it is off, radians a second. */
const STEER_GAIN = 50;
/** Greatest turning rate of that joint, radians a second. */
const STEER_RATE = 3;
/** Angle at which a front wheel stops, radians: a little past Box2D's limit of 0.4, which its joints overshoot. */
const STEER_STOP = 0.4045;
/** Fastest that anything moves, units a second: Box2D moves no body, car or wheel, farther than 2 units a step. */
const TOP_SPEED = 100;

/** Place and motion of a car. The side speeds and the turning rate are positive to the left. */
export interface CarMotion {
  /** Place of the middle of the car, world units. */
  x: number;
  /** Place of the middle of the car, world units. */
  y: number;
  /** x of the unit vector along the hull. */
  forwardX: number;
  /** y of the unit vector along the hull. */
  forwardY: number;
  /** Speed of the car in any direction, units a second, at least 0. */
  speed: number;
  /** Turning rate of the hull, radians a second. */
  turning: number;
  /** Speed of the middle of the front axle along the hull, units a second. */
  frontForward: number;
  /** Speed of the middle of the front axle across the hull, units a second. */
  frontSide: number;
  /** Speed of the middle of the rear axle along the hull, units a second. */
  rearForward: number;
  /** Speed of the middle of the rear axle across the hull, units a second. */
  rearSide: number;
  /** Mean angular velocity of the front wheels, radians a second. */
  frontWheels: number;
  /** Mean angular velocity of the rear wheels, radians a second. */
  rearWheels: number;
}

/** First column of each wheel in `CarRacing.bodyState()`: six columns of the hull, then thirteen of each wheel. */
const WHEEL = [6, 19, 32, 45] as const;
// Columns within the hull's six or a wheel's thirteen.
const X = 0;
const Y = 1;
const VX = 3;
const VY = 4;
const TURNING = 5;
const OMEGA = 6;

/**
 * Reads the motion of a car from `CarRacing.bodyState()`. The hull's direction comes from the wheels' places, which
 * needs no sine.
 * @param state float32 [58], as `bodyState()` returns it
 */
export function readMotion(state: Float32Array): CarMotion {
  const front = (column: number) => (state[WHEEL[0] + column] + state[WHEEL[1] + column]) / 2;
  const rear = (column: number) => (state[WHEEL[2] + column] + state[WHEEL[3] + column]) / 2;
  const dx = front(X) - rear(X);
  const dy = front(Y) - rear(Y);
  const d = Math.sqrt(dx * dx + dy * dy);
  const forwardX = dx / d;
  const forwardY = dy / d;
  return {
    x: state[X],
    y: state[Y],
    forwardX,
    forwardY,
    speed: Math.sqrt(state[VX] * state[VX] + state[VY] * state[VY]),
    turning: state[TURNING],
    frontForward: forwardX * front(VX) + forwardY * front(VY),
    frontSide: forwardX * front(VY) - forwardY * front(VX),
    rearForward: forwardX * rear(VX) + forwardY * rear(VY),
    rearSide: forwardX * rear(VY) - forwardY * rear(VX),
    frontWheels: front(OMEGA),
    rearWheels: rear(OMEGA),
  };
}

/** Columns of a model's state: places in units, speeds in units a second. The wheels' angular velocities come last. */
const Column = {
  x: 0,
  y: 1,
  forwardX: 2,
  forwardY: 3,
  vx: 4,
  vy: 5,
  turning: 6,
  steer: 7,
  gas: 8,
  wheels: 9,
} as const;
/** Number of values in a model's state. */
export const STATE_SIZE = Column.wheels + WHEELS;

/** Place of each wheel to the right of the mass centre, units, in Gymnasium's order. */
const WHEEL_RIGHT = [-HALF_TRACK, HALF_TRACK, -HALF_TRACK, HALF_TRACK] as const;
/** Place of each wheel ahead of the mass centre, units, in Gymnasium's order. */
const WHEEL_AHEAD = [FRONT_ARM, FRONT_ARM, -REAR_ARM, -REAR_ARM] as const;

/** A car in the model. A caller that plans calls `look`, sets `onGrass`, and then calls `step`. */
export class CarModel {
  /** The state, float64 [13], in the order of `Column`. Callers may save it and set it again. */
  readonly state = new Float64Array(STATE_SIZE);
  /** Place and motion of the car, for the driver; set by `look`. */
  readonly motion: CarMotion = {
    x: 0,
    y: 0,
    forwardX: 0,
    forwardY: 1,
    speed: 0,
    turning: 0,
    frontForward: 0,
    frontSide: 0,
    rearForward: 0,
    rearSide: 0,
    frontWheels: 0,
    rearWheels: 0,
  };
  /** x of each wheel's centre, world units; set by `look`. */
  readonly wheelX = new Float64Array(WHEELS);
  /** y of each wheel's centre, world units; set by `look`. */
  readonly wheelY = new Float64Array(WHEELS);
  /** True for each wheel that is on grass; set by the caller, who knows the road. */
  readonly onGrass = [false, false, false, false];

  /**
   * Puts the car at rest where an episode begins.
   * @param track float64 [n, 4]: alpha, beta, x, y, as `CarRacing.track`
   */
  start(track: Float64Array): void {
    const { state } = this;
    state.fill(0);
    state[Column.forwardX] = -sin(track[1]);
    state[Column.forwardY] = cos(track[1]);
    state[Column.x] = track[2] + CENTRE * state[Column.forwardX];
    state[Column.y] = track[3] + CENTRE * state[Column.forwardY];
  }

  /** Sets `motion`, `wheelX` and `wheelY` from `state`. */
  look(): void {
    const { state, motion, wheelX, wheelY } = this;
    const forwardX = state[Column.forwardX];
    const forwardY = state[Column.forwardY];
    const vx = state[Column.vx];
    const vy = state[Column.vy];
    const turning = state[Column.turning];
    const forward = forwardX * vx + forwardY * vy;
    const left = forwardX * vy - forwardY * vx;
    motion.x = state[Column.x] - CENTRE * forwardX;
    motion.y = state[Column.y] - CENTRE * forwardY;
    motion.forwardX = forwardX;
    motion.forwardY = forwardY;
    motion.speed = Math.sqrt(vx * vx + vy * vy);
    motion.turning = turning;
    motion.frontForward = forward;
    motion.rearForward = forward;
    motion.frontSide = left + turning * FRONT_ARM;
    motion.rearSide = left - turning * REAR_ARM;
    motion.frontWheels = (state[Column.wheels] + state[Column.wheels + 1]) / 2;
    motion.rearWheels = (state[Column.wheels + 2] + state[Column.wheels + 3]) / 2;
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      wheelX[wheel] = state[Column.x] + forwardY * WHEEL_RIGHT[wheel] + forwardX * WHEEL_AHEAD[wheel];
      wheelY[wheel] = state[Column.y] - forwardX * WHEEL_RIGHT[wheel] + forwardY * WHEEL_AHEAD[wheel];
    }
  }

  /**
   * Moves the car by one step, as `Car.step` and the world's step do together.
   * @param action float32 [3]: steer, gas and brake, inside the action space
   */
  step(action: Float32Array): void {
    const { state, onGrass } = this;
    const forwardX = state[Column.forwardX];
    const forwardY = state[Column.forwardY];
    const turning = state[Column.turning];
    const forwardSpeed = forwardX * state[Column.vx] + forwardY * state[Column.vy];
    const rightSpeed = forwardY * state[Column.vx] - forwardX * state[Column.vy];
    const steer = state[Column.steer];
    const square = steer * steer;
    const steerCos = 1 - square / 2 + (square * square) / 24;
    const steerSin = steer * (1 - square / 6 + (square * square) / 120);
    const brake = BRAKE_RATE * action[2];
    state[Column.gas] += Math.min(GAS_RISE, action[1] - state[Column.gas]);

    let forward = 0;
    let right = 0;
    let torque = 0;
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const front = wheel < 2;
      const c = front ? steerCos : 1;
      const s = front ? steerSin : 0;
      let hubForward = forwardSpeed + turning * WHEEL_RIGHT[wheel];
      let hubRight = rightSpeed - turning * WHEEL_AHEAD[wheel];
      const hubSpeed = Math.sqrt(hubForward * hubForward + hubRight * hubRight);
      if (hubSpeed > TOP_SPEED) {
        hubForward *= TOP_SPEED / hubSpeed;
        hubRight *= TOP_SPEED / hubSpeed;
      }
      let omega = state[Column.wheels + wheel];
      if (!front) omega += (ENGINE_RATE * state[Column.gas]) / (Math.abs(omega) + 5);
      omega = omega > 0 ? Math.max(0, omega - brake) : Math.min(0, omega + brake);
      // The tyre's force along and across the wheel, which is turned to the left by `steer`.
      let along = (omega * WHEEL_RADIUS - (hubForward * c - hubRight * s)) * TYRE_STIFFNESS;
      let across = -(hubRight * c + hubForward * s) * TYRE_STIFFNESS;
      const force = Math.sqrt(along * along + across * across);
      const limit = onGrass[wheel] ? GRASS_LIMIT : TYRE_LIMIT;
      if (force > limit) {
        along *= limit / force;
        across *= limit / force;
      }
      state[Column.wheels + wheel] = omega - (STEP * along * WHEEL_RADIUS) / WHEEL_INERTIA;
      const wheelForward = along * c + across * s;
      const wheelRight = across * c - along * s;
      forward += wheelForward;
      right += wheelRight;
      torque += WHEEL_RIGHT[wheel] * wheelForward - WHEEL_AHEAD[wheel] * wheelRight;
    }
    const missing = -action[0] - steer;
    const rate = Math.min(STEER_GAIN * Math.abs(missing), STEER_RATE);
    const turned = steer + (missing > 0 ? STEP : -STEP) * rate;
    state[Column.steer] = Math.min(STEER_STOP, Math.max(-STEER_STOP, turned));
    this.#move((STEP * forward) / MASS, (STEP * right) / MASS, (STEP * torque) / INERTIA);
  }

  /**
   * Changes the velocity and the turning rate, then moves the car by them. `forward` and `right` are changes of velocity
   * in units a second, `turn` is a change of the turning rate in radians a second.
   */
  #move(forward: number, right: number, turn: number): void {
    const { state } = this;
    const forwardX = state[Column.forwardX];
    const forwardY = state[Column.forwardY];
    let vx = state[Column.vx] + forward * forwardX + right * forwardY;
    let vy = state[Column.vy] + forward * forwardY - right * forwardX;
    const turning = state[Column.turning] + turn;
    const speed = Math.sqrt(vx * vx + vy * vy);
    if (speed > TOP_SPEED) {
      vx *= TOP_SPEED / speed;
      vy *= TOP_SPEED / speed;
    }
    const angle = STEP * turning;
    const c = 1 - (angle * angle) / 2 + (angle * angle * angle * angle) / 24;
    const s = angle * (1 - (angle * angle) / 6);
    state[Column.x] += STEP * vx;
    state[Column.y] += STEP * vy;
    state[Column.forwardX] = forwardX * c - forwardY * s;
    state[Column.forwardY] = forwardY * c + forwardX * s;
    state[Column.vx] = vx;
    state[Column.vy] = vy;
    state[Column.turning] = turning;
  }
}
