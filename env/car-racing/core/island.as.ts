/**
 * The solver: `b2Island::Solve` of Box2D 2.3 for the hull, four wheels and their revolute joints with motor and limit, in
 * float32 and with the bits of its plain twin (test/env/oracle/solver-twin.ts), which also lists the parts of Box2D that
 * are left out and why. It is faster than the twin without changing a bit:
 * - values that a joint's iterations share are computed before them;
 * - the 180 velocity iterations stop once a state comes back, since from there they only repeat (`solveVelocities`).
 *
 * After Box2D 2.3 by Erin Catto (zlib licence; see NOTICE).
 */
import { Point, body, cross, dot, least, most } from "./body.as.ts";
import { FPS } from "./constants.ts";
import { cosine, sincos, sine } from "./float-trigonometry.as.ts";
import {
  ANCHOR,
  FORCE_AT,
  HULL_CENTER,
  HULL_INV_INERTIA,
  HULL_INV_MASS,
  HULL_LOCAL_CENTER,
  IMPULSE,
  LIMIT_INACTIVE,
  LIMIT_LOWER,
  LIMIT_STATE,
  LIMIT_UPPER,
  MOTOR_SPEED_AT,
  SLEEP_TIME,
  WHEEL_INV_INERTIA,
  WHEEL_INV_MASS,
} from "./layout.ts";

// b2Settings.h
const PI: f32 = 3.14159265359;
const LINEAR_SLOP: f32 = 0.005;
const ANGULAR_SLOP: f32 = (<f32>2 / <f32>180) * PI;
const MAX_ANGULAR_CORRECTION: f32 = (<f32>8 / <f32>180) * PI;
const MAX_TRANSLATION: f32 = 2;
const MAX_ROTATION: f32 = <f32>0.5 * PI;
const TIME_TO_SLEEP: f32 = 0.5;
const LINEAR_SLEEP_TOLERANCE: f32 = 0.01;
const ANGULAR_SLEEP_TOLERANCE: f32 = (<f32>2 / <f32>180) * PI;

// Gymnasium's world.Step(1.0 / FPS, 6 * 30, 2 * 30) and its joints
const DT: f32 = <f32>1 / <f32>FPS;
const VELOCITY_ITERATIONS: i32 = 180;
const POSITION_ITERATIONS: i32 = 60;
const MAX_MOTOR_IMPULSE: f32 = DT * <f32>64.8;
const LOWER_ANGLE: f32 = -0.4;
const UPPER_ANGLE: f32 = 0.4;

/** Impulses of a joint: along x and y, of its limit, of its motor. */
@unmanaged
class Impulse {
  x: f32;
  y: f32;
  limit: f32;
  motor: f32;
}

/** A joint and its wheel while the velocities are solved. */
@unmanaged
class Joint {
  // The wheel's velocity and two of the joint's impulses: with the hull's velocity all that an iteration depends on.
  vx: f32;
  vy: f32;
  w: f32;
  limit: f32;
  motor: f32;
  // The other impulses are only summed up: these are the last iteration's additions, and the sums.
  addedX: f32;
  addedY: f32;
  x: f32;
  y: f32;
  // The rest stays the same. The arm from the hull's centre:
  armX: f32;
  armY: f32;
  speed: f32;
  state: i32;
  // m_mass, its determinants' reciprocals, and the cross product of its columns y and z
  m11: f32;
  m12: f32;
  m22: f32;
  m13: f32;
  m23: f32;
  det22: f32;
  det33: f32;
  crossX: f32;
  crossY: f32;
  crossZ: f32;
}

/** A body's centre of mass and angle while the positions are solved. */
@unmanaged
class Position {
  x: f32;
  y: f32;
  angle: f32;
}

const JOINTS: usize = memory.data(4 * offsetof<Joint>(), 16);
const POSITIONS: usize = memory.data(5 * offsetof<Position>(), 16);

@inline
function joint(i: i32): Joint {
  return changetype<Joint>(JOINTS + offsetof<Joint>() * i);
}

@inline
function anchor(i: i32): Point {
  return changetype<Point>(ANCHOR + 8 * i);
}

@inline
function position(i: i32): Position {
  return changetype<Position>(POSITIONS + offsetof<Position>() * i);
}

/** `b2Island::Solve`, the car's only island. */
export function solveIsland(): void {
  integrateVelocities();
  initVelocities();
  solveVelocities();
  integratePositions();
  const solved = solvePositions();
  finish();
  sleep(solved);
}

function integrateVelocities(): void {
  const mB = load<f32>(WHEEL_INV_MASS);
  const hull = position(0);
  hull.x = load<f32>(HULL_CENTER);
  hull.y = load<f32>(HULL_CENTER + 4);
  hull.angle = body(0).angle;
  for (let i = 0; i < 4; i++) {
    const b = body(1 + i);
    const c = position(1 + i);
    c.x = b.x;
    c.y = b.y;
    c.angle = b.angle;
    const force = changetype<Point>(FORCE_AT + 8 * i);
    const j = joint(i);
    j.vx = b.vx + DT * (0 + mB * (0 + force.x));
    j.vy = b.vy + DT * (0 + mB * (0 + force.y));
    j.w = b.w;
  }
}

/** b2RevoluteJoint::InitVelocityConstraints: newest joint first, as everywhere below. */
function initVelocities(): void {
  const mA = load<f32>(HULL_INV_MASS);
  const iA = load<f32>(HULL_INV_INERTIA);
  const mB = load<f32>(WHEEL_INV_MASS);
  const iB = load<f32>(WHEEL_INV_INERTIA);
  const m33 = iA + iB;
  const hull = body(0);
  for (let i = 3; i >= 0; i--) {
    const j = joint(i);
    const r = anchor(i);
    const rx = hull.cos * r.x - hull.sin * r.y;
    const ry = hull.sin * r.x + hull.cos * r.y;
    const m11 = mA + mB + ry * ry * iA;
    const m12 = -ry * rx * iA;
    const m13 = -ry * iA;
    const m22 = mA + mB + rx * rx * iA;
    const m23 = rx * iA;
    j.armX = rx;
    j.armY = ry;
    j.m11 = m11;
    j.m12 = m12;
    j.m13 = m13;
    j.m22 = m22;
    j.m23 = m23;
    j.det22 = <f32>1 / (m11 * m22 - m12 * m12);
    j.crossX = m22 * m33 - m23 * m23;
    j.crossY = m23 * m13 - m12 * m33;
    j.crossZ = m12 * m23 - m22 * m13;
    j.det33 = <f32>1 / (m11 * j.crossX + m12 * j.crossY + m13 * j.crossZ);
    j.speed = load<f32>(MOTOR_SPEED_AT + 4 * i);

    const impulse = changetype<Impulse>(IMPULSE + 16 * i);
    const stateAt: usize = LIMIT_STATE + 4 * i;
    const angle = body(1 + i).angle - hull.angle;
    const state = angle <= LOWER_ANGLE ? LIMIT_LOWER : angle >= UPPER_ANGLE ? LIMIT_UPPER : LIMIT_INACTIVE;
    const kept = state != LIMIT_INACTIVE && state == load<i32>(stateAt);
    store<i32>(stateAt, state);
    j.state = state;
    j.x = impulse.x;
    j.y = impulse.y;
    j.limit = kept ? impulse.limit : 0;
    j.motor = impulse.motor;

    hull.vx -= mA * j.x;
    hull.vy -= mA * j.y;
    hull.w -= iA * (cross(rx, ry, j.x, j.y) + j.motor + j.limit);
    j.vx += mB * j.x;
    j.vy += mB * j.y;
    j.w += iB * (j.motor + j.limit);
  }
}

/** Periods of velocity iterations longer than this are not made use of. */
const LONGEST_PERIOD: i32 = 8;
/** Additions of a period's iterations to the impulses: x of the four joints, then y. */
const ADDED: usize = memory.data(LONGEST_PERIOD * 32, 16);
const SAVED: usize = memory.data(6 * 16, 16);

/**
 * The 180 velocity iterations. Mostly they come back to a state that was there before, when driving after some 15
 * iterations; from then on they repeat, and only the sums of the impulses go on.
 */
function solveVelocities(): void {
  let left = VELOCITY_ITERATIONS;
  let period = 0;
  let savedAt = 0;
  for (let k = 1, saveAt = 2; k <= VELOCITY_ITERATIONS; k++) {
    iterate();
    left--;
    if (savedAt && isSaved()) {
      period = k - savedAt;
      break;
    }
    if (k == saveAt) {
      save();
      savedAt = k;
      saveAt += max(2, k >> 2);
    }
  }
  // Some odd iterations first, so that whole periods are left.
  for (let odd = period > LONGEST_PERIOD ? left : period ? left % period : 0; odd > 0; odd--, left--) iterate();
  if (!left) return;
  for (let at = ADDED, end = ADDED + 32 * period; at < end; at += 32, left--) {
    iterate();
    v128.store(at, f32x4(joint(0).addedX, joint(1).addedX, joint(2).addedX, joint(3).addedX));
    v128.store(at, f32x4(joint(0).addedY, joint(1).addedY, joint(2).addedY, joint(3).addedY), 16);
  }
  let x = f32x4(joint(0).x, joint(1).x, joint(2).x, joint(3).x);
  let y = f32x4(joint(0).y, joint(1).y, joint(2).y, joint(3).y);
  for (let at = ADDED; left > 0; left--) {
    x = f32x4.add(x, v128.load(at));
    y = f32x4.add(y, v128.load(at, 16));
    at += 32;
    if (at == ADDED + 32 * period) at = ADDED;
  }
  storeLanes(x, offsetof<Joint>("x"));
  storeLanes(y, offsetof<Joint>("y"));
}

/** Stores lane i at a field of joint i. */
@inline
function storeLanes(values: v128, field: usize): void {
  store<f32>(JOINTS + field, f32x4.extract_lane(values, 0));
  store<f32>(JOINTS + offsetof<Joint>() + field, f32x4.extract_lane(values, 1));
  store<f32>(JOINTS + 2 * offsetof<Joint>() + field, f32x4.extract_lane(values, 2));
  store<f32>(JOINTS + 3 * offsetof<Joint>() + field, f32x4.extract_lane(values, 3));
}

@inline
function motors(): v128 {
  return f32x4(joint(0).motor, joint(1).motor, joint(2).motor, joint(3).motor);
}

@inline
function hullVelocity(): v128 {
  return f32x4(body(0).vx, body(0).vy, body(0).w, 0);
}

/** Keeps all that the next iteration depends on. */
function save(): void {
  for (let i: usize = 0; i < 4; i++) v128.store(SAVED + 16 * i, v128.load(JOINTS + offsetof<Joint>() * i));
  v128.store(SAVED, motors(), 64);
  v128.store(SAVED, hullVelocity(), 80);
}

/** True if the present state equals the saved one bit for bit. */
function isSaved(): bool {
  let difference = v128.xor(hullVelocity(), v128.load(SAVED, 80));
  if (v128.any_true(difference)) return false;
  difference = v128.xor(motors(), v128.load(SAVED, 64));
  for (let i: usize = 0; i < 4; i++) {
    const saved = v128.load(SAVED + 16 * i);
    difference = v128.or(difference, v128.xor(saved, v128.load(JOINTS + offsetof<Joint>() * i)));
  }
  return !v128.any_true(difference);
}

/** b2RevoluteJoint::SolveVelocityConstraints of all joints. */
function iterate(): void {
  const mA = load<f32>(HULL_INV_MASS);
  const iA = load<f32>(HULL_INV_INERTIA);
  const mB = load<f32>(WHEEL_INV_MASS);
  const iB = load<f32>(WHEEL_INV_INERTIA);
  const m33 = iA + iB;
  const motorMass = <f32>1 / m33;
  const hull = body(0);
  let vx = hull.vx;
  let vy = hull.vy;
  let w = hull.w;
  for (let at = JOINTS + 3 * offsetof<Joint>(); at >= JOINTS; at -= offsetof<Joint>()) {
    const j = changetype<Joint>(at);

    const old = j.motor;
    const wanted = old + -motorMass * (j.w - w - j.speed);
    const motor = most(-MAX_MOTOR_IMPULSE, least(wanted, MAX_MOTOR_IMPULSE));
    j.motor = motor;
    w -= iA * (motor - old);
    let wB = j.w + iB * (motor - old);

    const rx = j.armX;
    const ry = j.armY;
    const speedX = j.vx - vx - -w * ry;
    const speedY = j.vy - vy - w * rx;
    let px: f32;
    let py: f32;
    let turn: f32;
    if (j.state == LIMIT_INACTIVE) {
      px = j.det22 * (j.m22 * -speedX - j.m12 * -speedY);
      py = j.det22 * (j.m11 * -speedY - j.m12 * -speedX);
      turn = cross(rx, ry, px, py);
    } else {
      // b2Mat33::Solve33
      const speed = wB - w;
      const m11 = j.m11;
      const m12 = j.m12;
      const m13 = j.m13;
      const m22 = j.m22;
      const m23 = j.m23;
      let pz = -(
        j.det33 *
        (m11 * (m22 * speed - m23 * speedY) + m12 * (m23 * speedX - m12 * speed) + m13 * (m12 * speedY - m22 * speedX))
      );
      const z = j.limit;
      const sum = z + pz;
      if (j.state == LIMIT_LOWER ? sum < 0 : sum > 0) {
        const bx = -speedX + z * m13;
        const by = -speedY + z * m23;
        px = j.det22 * (m22 * bx - m12 * by);
        py = j.det22 * (m11 * by - m12 * bx);
        pz = -z;
        j.limit = 0;
      } else {
        px = -(j.det33 * (speedX * j.crossX + speedY * j.crossY + speed * j.crossZ));
        py = -(
          j.det33 *
          (m11 * (speedY * m33 - speed * m23) + m12 * (speed * m13 - speedX * m33) + m13 * (speedX * m23 - speedY * m13))
        );
        j.limit = sum;
      }
      turn = cross(rx, ry, px, py) + pz;
      wB += iB * pz;
    }
    j.addedX = px;
    j.addedY = py;
    j.x += px;
    j.y += py;
    vx -= mA * px;
    vy -= mA * py;
    w -= iA * turn;
    j.vx += mB * px;
    j.vy += mB * py;
    j.w = wB;
  }
  hull.vx = vx;
  hull.vy = vy;
  hull.w = w;
}

function integratePositions(): void {
  for (let i = 0; i < 4; i++) {
    const j = joint(i);
    const b = body(1 + i);
    b.vx = j.vx;
    b.vy = j.vy;
    b.w = j.w;
    const impulse = changetype<Impulse>(IMPULSE + 16 * i);
    impulse.x = j.x;
    impulse.y = j.y;
    impulse.limit = j.limit;
    impulse.motor = j.motor;
  }
  for (let i = 0; i < 5; i++) {
    const b = body(i);
    const tx = DT * b.vx;
    const ty = DT * b.vy;
    const square = dot(tx, ty, tx, ty);
    if (square > MAX_TRANSLATION * MAX_TRANSLATION) {
      const ratio = MAX_TRANSLATION / sqrt<f32>(square);
      b.vx *= ratio;
      b.vy *= ratio;
    }
    const rotation = DT * b.w;
    if (rotation * rotation > MAX_ROTATION * MAX_ROTATION) b.w *= MAX_ROTATION / abs<f32>(rotation);
    const c = position(i);
    c.x += DT * b.vx;
    c.y += DT * b.vy;
    c.angle += DT * b.w;
  }
}

/** b2RevoluteJoint::SolvePositionConstraints until all errors are small. @returns true if they are */
function solvePositions(): bool {
  for (let k = 0; k < POSITION_ITERATIONS; k++) {
    let solved = true;
    for (let i = 3; i >= 0; i--) solved = solvePosition(i) && solved;
    if (solved) return true;
  }
  return false;
}

function solvePosition(i: i32): bool {
  const mA = load<f32>(HULL_INV_MASS);
  const iA = load<f32>(HULL_INV_INERTIA);
  const mB = load<f32>(WHEEL_INV_MASS);
  const iB = load<f32>(WHEEL_INV_INERTIA);
  const hull = position(0);
  const wheel = position(1 + i);
  let angularError: f32 = 0;
  const state = joint(i).state;
  if (state != LIMIT_INACTIVE) {
    const angle = wheel.angle - hull.angle;
    let c: f32;
    if (state == LIMIT_LOWER) {
      c = angle - LOWER_ANGLE;
      angularError = -c;
      c = most(-MAX_ANGULAR_CORRECTION, least(c + ANGULAR_SLOP, 0));
    } else {
      c = angle - UPPER_ANGLE;
      angularError = c;
      c = most(0, least(c - ANGULAR_SLOP, MAX_ANGULAR_CORRECTION));
    }
    const limit = -(<f32>1 / (iA + iB)) * c;
    hull.angle -= iA * limit;
    wheel.angle += iB * limit;
  }
  sincos(hull.angle);
  const r = anchor(i);
  const rx = cosine * r.x - sine * r.y;
  const ry = sine * r.x + cosine * r.y;
  const errorX = wheel.x - hull.x - rx;
  const errorY = wheel.y - hull.y - ry;
  const positionError = sqrt<f32>(errorX * errorX + errorY * errorY);
  const k11 = mA + mB + iA * ry * ry;
  const k12 = -iA * rx * ry;
  const k22 = mA + mB + iA * rx * rx;
  const det = <f32>1 / (k11 * k22 - k12 * k12);
  const px = -(det * (k22 * errorX - k12 * errorY));
  const py = -(det * (k11 * errorY - k12 * errorX));
  hull.x -= mA * px;
  hull.y -= mA * py;
  hull.angle -= iA * cross(rx, ry, px, py);
  wheel.x += mB * px;
  wheel.y += mB * py;
  return positionError <= LINEAR_SLOP && angularError <= ANGULAR_SLOP;
}

/** Copies the positions back to the bodies. */
function finish(): void {
  for (let i = 0; i < 5; i++) {
    const b = body(i);
    const c = position(i);
    b.angle = c.angle;
    b.x = c.x;
    b.y = c.y;
    b.rotate();
  }
  const hull = body(0);
  store<f32>(HULL_CENTER, hull.x);
  store<f32>(HULL_CENTER + 4, hull.y);
  const x = load<f32>(HULL_LOCAL_CENTER);
  const y = load<f32>(HULL_LOCAL_CENTER + 4);
  hull.x -= hull.cos * x - hull.sin * y;
  hull.y -= hull.sin * x + hull.cos * y;
}

/** Bodies that are all slow for half a second lose their velocity; the car's next step wakes them. */
function sleep(solved: bool): void {
  let shortest = f32.MAX_VALUE;
  for (let i = 0; i < 5; i++) {
    const b = body(i);
    const at: usize = SLEEP_TIME + 4 * i;
    const slow =
      b.w * b.w <= ANGULAR_SLEEP_TOLERANCE * ANGULAR_SLEEP_TOLERANCE &&
      dot(b.vx, b.vy, b.vx, b.vy) <= LINEAR_SLEEP_TOLERANCE * LINEAR_SLEEP_TOLERANCE;
    const time: f32 = slow ? load<f32>(at) + DT : 0;
    store<f32>(at, time);
    shortest = least(shortest, time);
  }
  if (shortest < TIME_TO_SLEEP || !solved) return;
  for (let i = 0; i < 5; i++) {
    const b = body(i);
    store<f32>(SLEEP_TIME + 4 * i, 0);
    b.vx = 0;
    b.vy = 0;
    b.w = 0;
  }
}
