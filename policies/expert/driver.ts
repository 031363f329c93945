/**
 * The driver's hands and feet: from where the car is and how it moves, the action that brings it along a racing
 * line. It keeps no memory, so it answers for any state: off the line, off the road, sliding, standing.
 *
 * Steering is pure pursuit with the car's dynamics turned round: the point ahead on the line asks for a turning
 * rate, that for a side force of the front tyres, and that for an angle. Gas and brake aim at a slip of the wheels
 * that leaves room for their side force. Only + - * / and sqrt, as in racing-line.ts.
 */
import {
  BRAKE_RATE,
  type CarMotion,
  ENGINE_RATE,
  FRONT_ARM,
  MASS,
  REAR_ARM,
  TYRE_LIMIT,
  TYRE_STIFFNESS,
  WHEEL_RADIUS,
} from "./car-model.ts";
import { between, type LinePlace, walk } from "./line-place.ts";
import type { RacingLine } from "./racing-line.ts";

// Found by random search for the shortest laps on tracks of seeds 11000 to 11009.
/** Distance of the point that is steered for: units, and seconds of travel. */
const LOOK_AHEAD = 5.8;
const LOOK_AHEAD_TIME = 0.24;
/** How far ahead the line's speed is read, seconds: a step until the action shows, and most of another. */
const SPEED_AHEAD_TIME = 0.034;
/** In what time the turning rate and the speed are to reach what is asked of them, seconds. */
const TURNING_TIME = 0.04;
const SPEED_TIME = 0.042;
/** Slip (speed of a tyre's surface over ground, units a second) beyond which it gives no more force but slides. */
const SLIP_LIMIT = TYRE_LIMIT / TYRE_STIFFNESS;
/** Greatest slip aimed at. A sliding tyre keeps its force, so a little more than the limit makes the most of it. */
const STEERING_SLIP = 1.39 * SLIP_LIMIT;
const GAS_SLIP = 1.67 * SLIP_LIMIT;
const BRAKING_SLIP = 1.76 * SLIP_LIMIT;

/** Mass that the rear wheels drive: the car, and what spinning up the front wheels is worth. */
const DRIVEN_MASS = 18.3;
/** Resistance to turning: the car's inertia, and what speeding up two wheels and slowing down two is worth. */
const YAW_INERTIA = 46;
const WHEELBASE = FRONT_ARM + REAR_ARM;

/** Front wheels turn no further, radians. */
const MAX_STEER = 0.4;
/** From 0.9 on the wheels would lock. */
const MAX_BRAKE = 0.89;

/** Writes to `action` what to do at `place` of the line: steer, gas, brake. */
export function drive(line: RacingLine, place: LinePlace, car: CarMotion, action: Float32Array): void {
  const { speed } = car;
  const ahead = walk(line, place, LOOK_AHEAD + LOOK_AHEAD_TIME * speed);
  const dx = between(line.x, ahead) - car.x;
  const dy = between(line.y, ahead) - car.y;
  const bend = (2 * (car.forwardX * dy - car.forwardY * dx)) / (dx * dx + dy * dy);

  const steer = clip(steering(car, bend), -MAX_STEER, MAX_STEER);
  const missing = between(line.speed, walk(line, place, SPEED_AHEAD_TIME * speed)) - speed;
  action[0] = -steer;
  action[1] = missing >= 0 ? clip(gas(car, missing), 0, 1) : 0;
  action[2] = missing < 0 ? clip(brake(car, -missing, steer), 0, MAX_BRAKE) : 0;
}

/** Angle of the front wheels for a curvature, radians. */
function steering(car: CarMotion, bend: number): number {
  // At a crawl the tyres do not slip, and geometry is all.
  if (car.frontForward < 4) return WHEELBASE * bend;
  const torque = (YAW_INERTIA * (bend * car.speed - car.turning)) / TURNING_TIME;
  const rearForce = -2 * TYRE_STIFFNESS * clip(car.rearSide, -SLIP_LIMIT, SLIP_LIMIT);
  const frontForce = (torque + REAR_ARM * rearForce) / FRONT_ARM;
  const slip = clip(frontForce / (2 * TYRE_STIFFNESS), -STEERING_SLIP, STEERING_SLIP);
  const tangent = (car.frontSide + slip) / car.frontForward;
  return tangent - (tangent * tangent * tangent) / 3;
}

/** The gas that makes the rear wheels push as much as the missing speed asks and their side slip leaves. */
function gas(car: CarMotion, missing: number): number {
  const wanted = (DRIVEN_MASS * missing) / SPEED_TIME / (2 * TYRE_STIFFNESS);
  const slip = Math.min(wanted, spareSlip(GAS_SLIP, car.rearSide));
  const faster = (car.rearForward + slip) / WHEEL_RADIUS - car.rearWheels;
  return (faster * (Math.abs(car.rearWheels) + 5)) / ENGINE_RATE;
}

/** The brake that makes all wheels drag as much as the excess of speed asks and the side slip of either axle leaves. */
function brake(car: CarMotion, excess: number, steer: number): number {
  const frontSide = car.frontSide - steer * car.frontForward;
  const wanted = (MASS * excess) / SPEED_TIME / (4 * TYRE_STIFFNESS);
  const slip = Math.min(
    wanted,
    spareSlip(BRAKING_SLIP, Math.max(Math.abs(car.rearSide), Math.abs(frontSide))),
  );
  return (car.frontWheels - (car.rearForward - slip) / WHEEL_RADIUS) / BRAKE_RATE;
}

/** Slip along a tyre that, with a slip across it, makes `limit`. */
function spareSlip(limit: number, across: number): number {
  return Math.sqrt(Math.max(0, limit * limit - across * across));
}

function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
