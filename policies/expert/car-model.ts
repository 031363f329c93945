/**
 * A model of CarRacing's car, for plans: one rigid body on four tyres, without the joints and contacts of the
 * physics engines. Over 50 steps of driving it stays within some 0.1 units a second of Box2D, at a hundredth of the
 * time. Only + - * / and sqrt after the start, so every JavaScript engine plans the same.
 */
import { cos, sin } from "../../env/math.ts";

// From car_dynamics.py at its size of 0.02. Units, seconds, radians.
const STEP = 1 / 50;
/** The body and four wheels. */
export const MASS = 7.302;
/** Of all of these about their mass centre, which lies 0.08 behind the middle of the car. */
const INERTIA = 19.15;
const CENTRE = -0.0804;
/** From the mass centre to the axles, and from the middle to the wheels of either side. */
export const FRONT_ARM = 1.68;
export const REAR_ARM = 1.56;
const HALF_TRACK = 1.1;
export const WHEEL_RADIUS = 0.54;
const WHEEL_INERTIA = 1.6;
/** Force of a tyre per unit of slip, and its greatest on road and on grass. */
export const TYRE_STIFFNESS = 82;
export const TYRE_LIMIT = 400;
const GRASS_LIMIT = 240;
/** Full gas turns a rear wheel faster by this over (its angular velocity + 5) in a step; gas rises by 0.1 a step. */
export const ENGINE_RATE = 500;
const GAS_RISE = 0.1;
/** Full braking slows a wheel by this in a step, radians a second. */
export const BRAKE_RATE = 15;
/** The front wheels' joints: how fast they follow the wheel in a step, and where they stop (a little past Box2D's limit of 0.4). */
const STEER_GAIN = 50;
const STEER_RATE = 3;
const STEER_STOP = 0.4045;
/** Box2D moves no body farther than 2 units a step: neither the car's, nor a wheel's on the outside of a bend. */
const TOP_SPEED = 100;

/** Where and how a car moves. Speeds are of the axles' middles, along the hull and across it; left is positive. */
export interface CarMotion {
  x: number;
  y: number;
  /** Unit vector along the hull. */
  forwardX: number;
  forwardY: number;
  speed: number;
  /** Radians a second. */
  turning: number;
  frontForward: number;
  frontSide: number;
  rearForward: number;
  rearSide: number;
  /** Angular velocity of the wheels of each axle, radians a second. */
  frontWheels: number;
  rearWheels: number;
}

/** Columns of `CarRacing.bodyState()`: the hull's six, then thirteen of each wheel. */
const WHEEL = [6, 19, 32, 45] as const;
const X = 0;
const Y = 1;
const VX = 3;
const VY = 4;
const TURNING = 5;
const OMEGA = 6;

/** Reads `CarRacing.bodyState()`. The hull's direction comes from the wheels' places, which needs no sine. */
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

/** Columns of a model's state; then the four wheels' angular velocities. */
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
/** Numbers in a model's state. */
export const STATE_SIZE = Column.wheels + 4;

/** Wheels in Gymnasium's order, from the mass centre: to the right, and forwards. */
const WHEEL_RIGHT = [-HALF_TRACK, HALF_TRACK, -HALF_TRACK, HALF_TRACK] as const;
const WHEEL_AHEAD = [FRONT_ARM, FRONT_ARM, -REAR_ARM, -REAR_ARM] as const;

export class CarModel {
  /** Mass centre's place and velocity, heading, turning rate, front wheels' angle, gas, wheels. */
  readonly state = new Float64Array(STATE_SIZE);
  /** What the driver is told; set by `look`. */
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
  /** Places of the wheels; set by `look`. */
  readonly wheelX = new Float64Array(4);
  readonly wheelY = new Float64Array(4);
  /** Which wheels are on grass: the caller knows the road. */
  readonly onGrass = [false, false, false, false];

  /** At rest where an episode begins. @param track float64 [n, 4]: alpha, beta, x, y */
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
    for (let wheel = 0; wheel < 4; wheel++) {
      wheelX[wheel] = state[Column.x] + forwardY * WHEEL_RIGHT[wheel] + forwardX * WHEEL_AHEAD[wheel];
      wheelY[wheel] = state[Column.y] - forwardX * WHEEL_RIGHT[wheel] + forwardY * WHEEL_AHEAD[wheel];
    }
  }

  /** `Car.step` and the world's step. @param action steer, gas and brake, inside the action space */
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
    for (let wheel = 0; wheel < 4; wheel++) {
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
      // Along and across the wheel, which is turned to the left by `steer`.
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

  /** Changes the velocities, forwards, to the right and of turning; then moves by them. */
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
