/**
 * The expert's hands and feet: computes, from the car's place and motion, the action that follows a racing line. It
 * keeps no memory, so it answers for any state: off the line, off the road, sliding or standing.
 *
 * Steering is pure pursuit with the car's dynamics inverted: the curve to a point ahead on the line gives a turning
 * rate, the turning rate gives a side force of the front tyres, and the force gives their angle. Gas and brake aim at
 * a slip of the wheels that leaves room for their side force. As in racing-line.ts, only + - * / and sqrt are used.
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

// These values were found by random search for the shortest laps on the tracks of seeds 11000 to 11009.

/** Distance along the line to the point that is steered for, units, at speed 0. */
const LOOK_AHEAD = 5.8;
/** Seconds of travel that are added to that distance. */
const LOOK_AHEAD_TIME = 0.24;
/** Distance ahead at which the line's speed is read, seconds of travel: an action shows one step (0.02 s) later. */
const SPEED_AHEAD_TIME = 0.034;
/** Time in which the turning rate should reach the wanted one, seconds. */
const TURNING_TIME = 0.04;
/** Time in which the speed should reach the wanted one, seconds. */
const SPEED_TIME = 0.042;
/** Slip from which a tyre slides and gives no more force: speed of its surface over the ground, units a second. */
const SLIP_LIMIT = TYRE_LIMIT / TYRE_STIFFNESS;
// A sliding tyre keeps its force, so the greatest slips that the driver aims at are a little above the limit.
const STEERING_SLIP = 1.39 * SLIP_LIMIT;
const GAS_SLIP = 1.67 * SLIP_LIMIT;
const BRAKING_SLIP = 1.76 * SLIP_LIMIT;

/** Mass that the rear wheels push: the car's, plus the inertia of the front wheels, which they spin up. */
const DRIVEN_MASS = 18.3;
/** Inertia against turning: the car's, plus that of the wheels, two of which speed up while two slow down. */
const YAW_INERTIA = 46;
/** Distance between the axles, units. */
const WHEELBASE = FRONT_ARM + REAR_ARM;
/** Speed below which the tyres do not slip, so that geometry alone gives the steering angle, units a second. */
const CRAWL_SPEED = 4;

/** Largest angle of the front wheels, radians. */
const MAX_STEER = 0.4;
/** Hardest braking: from 0.9 on the wheels would lock. */
const MAX_BRAKE = 0.89;

/**
 * Computes the action that follows a line.
 * @param line the racing line
 * @param place the place of the line nearest to the car
 * @param car the car's place and motion
 * @param action float32 [3] that steer, gas and brake are written to
 */
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

/** Angle of the front wheels for a curvature (1/units), radians. Left is positive for both. */
function steering(car: CarMotion, bend: number): number {
  if (car.frontForward < CRAWL_SPEED) return WHEELBASE * bend;
  const torque = (YAW_INERTIA * (bend * car.speed - car.turning)) / TURNING_TIME;
  const rearForce = -2 * TYRE_STIFFNESS * clip(car.rearSide, -SLIP_LIMIT, SLIP_LIMIT);
  const frontForce = (torque + REAR_ARM * rearForce) / FRONT_ARM;
  const slip = clip(frontForce / (2 * TYRE_STIFFNESS), -STEERING_SLIP, STEERING_SLIP);
  const tangent = (car.frontSide + slip) / car.frontForward;
  return tangent - (tangent * tangent * tangent) / 3;
}

/**
 * Gas for a car that is `missing` units a second too slow: the rear wheels push as hard as the missing speed needs, but
 * only as hard as their side slip allows.
 */
function gas(car: CarMotion, missing: number): number {
  const wanted = (DRIVEN_MASS * missing) / SPEED_TIME / (2 * TYRE_STIFFNESS);
  const slip = Math.min(wanted, spareSlip(GAS_SLIP, car.rearSide));
  const faster = (car.rearForward + slip) / WHEEL_RADIUS - car.rearWheels;
  return (faster * (Math.abs(car.rearWheels) + 5)) / ENGINE_RATE;
}

/**
 * Brake for a car that is `excess` units a second too fast: all wheels drag as hard as the excess needs, but only as
 * hard as the side slip of either axle allows.
 */
function brake(car: CarMotion, excess: number, steer: number): number {
  const frontSide = car.frontSide - steer * car.frontForward;
  const wanted = (MASS * excess) / SPEED_TIME / (4 * TYRE_STIFFNESS);
  const slip = Math.min(
    wanted,
    spareSlip(BRAKING_SLIP, Math.max(Math.abs(car.rearSide), Math.abs(frontSide))),
  );
  return (car.frontWheels - (car.rearForward - slip) / WHEEL_RADIUS) / BRAKE_RATE;
}

/** Largest slip along a tyre that, together with the slip across it, stays within `limit`; units a second. */
function spareSlip(limit: number, across: number): number {
  return Math.sqrt(Math.max(0, limit * limit - across * across));
}

function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
