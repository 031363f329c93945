/**
 * The driver's hands and feet: from where the car is and how it moves, the action that brings it along a racing
 * line. It keeps no memory, so it answers for any state: off the line, off the road, sliding, standing.
 *
 * Steering is pure pursuit with the car's dynamics turned round: the point ahead on the line asks for a turning
 * rate, that for a side force of the front tyres, and that for an angle. Gas and brake aim at the wheels' slip,
 * never more than the tyres can use beside their side force. Only + - * / and sqrt, as in racing-line.ts.
 */
import type { RacingLine } from "./racing-line.ts";

/** Distance of the point that is steered for: units, and seconds of travel. */
const LOOK_AHEAD = 3.5;
const LOOK_AHEAD_TIME = 0.2;
/** How far ahead the line's speed is read, seconds: a step until the action shows, and part of another. */
const SPEED_AHEAD_TIME = 0.028;
/** In what time the turning rate and the speed are to reach what is asked of them, seconds. */
const TURNING_TIME = 0.05;
const SPEED_TIME = 0.04;

// The car, from car_dynamics.py at its size of 0.02: lengths in units, seconds.
/** Force of a tyre per unit of slip (speed of its surface over ground), and its greatest slip before it slides. */
const TYRE_STIFFNESS = 82;
const SLIP_LIMIT = 400 / TYRE_STIFFNESS;
const WHEEL_RADIUS = 0.54;
/** Car with four wheels; and with what spinning up its front wheels adds when it is the rear that drives. */
const MASS = 7.3;
const DRIVEN_MASS = 18.3;
/** About the mass centre: the body's, and that of the wheels, whose rolling resists turning as well. */
const YAW_INERTIA = 46;
const FRONT_ARM = 1.68;
const REAR_ARM = 1.56;
const WHEELBASE = 3.24;
/** Front wheels turn no further, radians. */
const MAX_STEER = 0.4;
/** Full braking slows a wheel by this in a step, radians a second; from 0.9 on it would lock. */
const BRAKE_RATE = 15;
const MAX_BRAKE = 0.89;
/** Full gas turns a rear wheel faster in a step by this over its angular velocity + 5. */
const ENGINE_RATE = 500;

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

/** A place on a line: `share` of the way from point `index` to the next, and how far the car is from it, units. */
export interface LinePlace {
  index: number;
  share: number;
  distance: number;
}

/** Parts of the line that run against the car's heading count as this much farther, units squared: roads run close to each other. */
const WRONG_WAY = 100;

/** The place of a line nearest to the car. */
export function locate(line: RacingLine, { x, y, forwardX, forwardY }: CarMotion): LinePlace {
  const n = line.length;
  const place = { index: 0, share: 0, distance: 0 };
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const j = i + 1 === n ? 0 : i + 1;
    const alongX = line.x[j] - line.x[i];
    const alongY = line.y[j] - line.y[i];
    const awayX = x - line.x[i];
    const awayY = y - line.y[i];
    const share = Math.min(1, Math.max(0, (awayX * alongX + awayY * alongY) / (line.step[i] * line.step[i])));
    const dx = awayX - share * alongX;
    const dy = awayY - share * alongY;
    const square = dx * dx + dy * dy;
    const wrongWay = alongX * forwardX + alongY * forwardY < 0 ? WRONG_WAY : 0;
    if (square + wrongWay < least) {
      least = square + wrongWay;
      place.index = i;
      place.share = share;
      place.distance = Math.sqrt(square);
    }
  }
  return place;
}

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
  const slip = clip(frontForce / (2 * TYRE_STIFFNESS), -SLIP_LIMIT, SLIP_LIMIT);
  const tangent = (car.frontSide + slip) / car.frontForward;
  return tangent - (tangent * tangent * tangent) / 3;
}

/** The gas that makes the rear wheels push as much as the missing speed asks and their side slip leaves. */
function gas(car: CarMotion, missing: number): number {
  const wanted = (DRIVEN_MASS * missing) / SPEED_TIME / (2 * TYRE_STIFFNESS);
  const slip = Math.min(wanted, spareSlip(car.rearSide));
  const faster = (car.rearForward + slip) / WHEEL_RADIUS - car.rearWheels;
  return (faster * (Math.abs(car.rearWheels) + 5)) / ENGINE_RATE;
}

/** The brake that makes all wheels drag as much as the excess of speed asks and the side slip of either axle leaves. */
function brake(car: CarMotion, excess: number, steer: number): number {
  const frontSide = car.frontSide - steer * car.frontForward;
  const wanted = (MASS * excess) / SPEED_TIME / (4 * TYRE_STIFFNESS);
  const slip = Math.min(wanted, spareSlip(Math.max(Math.abs(car.rearSide), Math.abs(frontSide))));
  return (car.frontWheels - (car.rearForward - slip) / WHEEL_RADIUS) / BRAKE_RATE;
}

/** Slip along a tyre that does not yet make it slide, beside a slip across it. */
function spareSlip(side: number): number {
  return Math.sqrt(Math.max(0, SLIP_LIMIT * SLIP_LIMIT - side * side));
}

/** The place that lies `distance` further along the line. */
export function walk(
  line: RacingLine,
  { index, share }: LinePlace,
  distance: number,
): { index: number; share: number } {
  let i = index;
  let left = distance + share * line.step[i];
  while (left > line.step[i]) {
    left -= line.step[i];
    i = (i + 1) % line.length;
  }
  return { index: i, share: left / line.step[i] };
}

/** A value of the line's points at a place between two of them. */
export function between(values: Float64Array, { index, share }: { index: number; share: number }): number {
  return values[index] * (1 - share) + values[(index + 1) % values.length] * share;
}

function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
