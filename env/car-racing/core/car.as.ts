/**
 * The car around the world: steering, engine, brakes and tyre friction of Gymnasium's `car_dynamics.Car`, in float64 and
 * in its order of operations. Before each step of the world the wheels' motor speeds and friction forces are worked out
 * from the bodies.
 */
import { Body } from "./body.as.ts";
import { WHEELS } from "./constants.ts";
import {
  BODIES_AT,
  BODY_BYTES,
  FORCE_AT,
  JOINT_ANGLE_AT,
  MOTOR_SPEED_AT,
  TOUCHING_AT,
  WHEEL_BYTES,
  WHEELS_AT,
} from "./layout.ts";
import { sign } from "./math.as.ts";
import { options } from "./options.as.ts";
import { SIZE } from "./constants.ts";
import { WHEEL_R } from "./shapes.as.ts";
import { resetSkids, skid } from "./skids.as.ts";

const ENGINE_POWER: f64 = 100000000 * SIZE * SIZE;
const WHEEL_MOMENT_OF_INERTIA: f64 = 4000 * SIZE * SIZE;
const FRICTION_LIMIT: f64 = 1000000 * SIZE * SIZE;
const GRASS_FRICTION: f64 = 0.6;
/** Force per unit of speed difference between tyre and ground, before the friction limit. */
const STIFFNESS: f64 = 205000 * SIZE * SIZE;
/** Reduction of a wheel's angular velocity by full braking in a step, radians a second. */
const BRAKE_FORCE: f64 = 15;
/** World units. */
const WHEEL_RAD: f64 = WHEEL_R * SIZE;

const FIRST_REAR_WHEEL: i32 = 2;

@unmanaged
export class Wheel {
  /** Angular velocity, radians a second, and the angle that the wheel has rolled through. */
  omega: f64;
  phase: f64;
  /** Controls as the wheel has them; gas rises by at most 0.1 a step. */
  gas: f64;
  brake: f64;
  steer: f64;
}

@inline
export function wheel(w: i32): Wheel {
  return changetype<Wheel>(WHEELS_AT + WHEEL_BYTES * w);
}

/** A car at rest. */
export function resetCar(): void {
  memory.fill(WHEELS_AT, 0, WHEEL_BYTES * WHEELS);
  resetSkids();
}

/** Rear wheel drive. @param gas clipped to [0, 1] */
export function gas(gas: f64): void {
  const wanted = gas < 0 ? 0 : min(gas, 1);
  for (let w = FIRST_REAR_WHEEL; w < WHEELS; w++) wheel(w).gas += min(wanted - wheel(w).gas, 0.1);
}

/** @param b share of full braking, not clipped; from 0.9 on the wheels block */
export function brake(b: f64): void {
  for (let w = 0; w < WHEELS; w++) wheel(w).brake = b;
}

/** @param s where the front wheels should turn to, radians, left positive, not clipped; the joints stop at 0.4 */
export function steer(s: f64): void {
  wheel(0).steer = s;
  wheel(1).steer = s;
}

/** Works out motor speeds and forces for the world's next step. @param dt seconds */
export function stepCar(dt: f64): void {
  for (let w = 0; w < WHEELS; w++) stepWheel(w, dt);
}

function stepWheel(w: i32, dt: f64): void {
  const wh = wheel(w);
  const turn = wh.steer - f64(load<f32>(JOINT_ANGLE_AT + 4 * w));
  store<f32>(MOTOR_SPEED_AT + 4 * w, f32(sign(turn) * min(50 * abs(turn), 3)));

  const grass = load<i32>(TOUCHING_AT + 4 * w) == 0;
  const frictionLimit = FRICTION_LIMIT * (grass ? GRASS_FRICTION : 1) * options.grip;

  // Forward is (0, 1) and sideways (1, 0) turned by the wheel's angle; the bodies are float32, the sums float64.
  const body = changetype<Body>(BODIES_AT + BODY_BYTES * (1 + w));
  const sin = f64(body.sin);
  const cos = f64(body.cos);
  const vx = f64(body.vx);
  const vy = f64(body.vy);
  const vf = -sin * vx + cos * vy;
  const vs = cos * vx + sin * vy;

  let omega = wh.omega;
  // Power over angular velocity is torque; 5 keeps a standing wheel from dividing by zero.
  omega += (dt * ENGINE_POWER * wh.gas) / WHEEL_MOMENT_OF_INERTIA / (abs(omega) + 5);
  if (wh.brake >= 0.9) {
    omega = 0;
  } else if (wh.brake > 0) {
    omega += -sign(omega) * min(BRAKE_FORCE * wh.brake, abs(omega));
  }
  wh.phase += omega * dt;

  let fForce = (-vf + omega * WHEEL_RAD) * STIFFNESS;
  let pForce = -vs * STIFFNESS;
  const force = sqrt(fForce * fForce + pForce * pForce);
  skid(w, force > 2 * frictionLimit, grass, body.x, body.y);
  if (force > frictionLimit) {
    fForce = (fForce / force) * frictionLimit;
    pForce = (pForce / force) * frictionLimit;
  }
  wh.omega = omega - (dt * fForce * WHEEL_RAD) / WHEEL_MOMENT_OF_INERTIA;
  store<f32>(FORCE_AT + 8 * w, f32(pForce * cos + fForce * -sin));
  store<f32>(FORCE_AT + 8 * w, f32(pForce * sin + fForce * cos), 4);
}
