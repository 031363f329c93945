// The exact solver: one step of Box2D 2.3's world for the car, its four revolute joints and the road's sensors, in
// float32 and with the bits of its plain twin (solver-twin.ts), which also says what of Box2D is left out and why.
// solver-layout.ts describes the memory.
//
// After Box2D 2.3 by Erin Catto (zlib licence; see NOTICE). What makes it fast changes no bit:
// - whatever a joint's iterations share is worked out before them;
// - the 180 velocity iterations stop once a state comes back, since from there they only repeat (`solveVelocities`).
import {
  ANCHOR,
  BEGUN_COUNT,
  BODIES,
  BODY_BYTES,
  begunOffset,
  CONTACT_COUNT,
  contactsOffset,
  FORCE,
  HULL_BEGUN_COUNT,
  HULL_CENTER,
  HULL_INV_INERTIA,
  HULL_INV_MASS,
  HULL_LOCAL_CENTER,
  hullBegunOffset,
  IMPULSE,
  JOINT_ANGLE,
  LIMIT_INACTIVE,
  LIMIT_LOWER,
  LIMIT_STATE,
  LIMIT_UPPER,
  MOTOR_SPEED,
  POLYGON_BYTES,
  POLYGON_COUNT,
  POLYGONS,
  SLEEP_TIME,
  TILE_BOX,
  TILE_BYTES,
  TILE_COUNT,
  TILE_PAINTED,
  TILE_VERTICES,
  TILES,
  TOUCHING,
  WHEEL_BOX,
  WHEEL_INV_INERTIA,
  WHEEL_INV_MASS,
  WHEEL_POLYGON,
} from "./solver-layout.ts";

// b2Settings.h
const PI: f32 = 3.14159265359;
const EPSILON: f32 = 1.1920929e-7; // 2^-23
const POLYGON_RADIUS: f32 = 2 * <f32>0.005;
const AABB_EXTENSION: f32 = 0.1;
const LINEAR_SLOP: f32 = 0.005;
const ANGULAR_SLOP: f32 = (<f32>2 / <f32>180) * PI;
const MAX_ANGULAR_CORRECTION: f32 = (<f32>8 / <f32>180) * PI;
const MAX_TRANSLATION: f32 = 2;
const MAX_ROTATION: f32 = <f32>0.5 * PI;
const TIME_TO_SLEEP: f32 = 0.5;
const LINEAR_SLEEP_TOLERANCE: f32 = 0.01;
const ANGULAR_SLEEP_TOLERANCE: f32 = (<f32>2 / <f32>180) * PI;

// Gymnasium's world.Step(1.0 / FPS, 6 * 30, 2 * 30) and its joints
const DT: f32 = 0.02;
const VELOCITY_ITERATIONS: i32 = 180;
const POSITION_ITERATIONS: i32 = 60;
const MAX_MOTOR_IMPULSE: f32 = DT * <f32>64.8;
const LOWER_ANGLE: f32 = -0.4;
const UPPER_ANGLE: f32 = 0.4;


@unmanaged
class Body {
  x: f32;
  y: f32;
  angle: f32;
  vx: f32;
  vy: f32;
  w: f32;
  sin: f32;
  cos: f32;
}

@unmanaged
class Point {
  x: f32;
  y: f32;
}

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
  // The other impulses are only summed up: what the last iteration added, and the sums.
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
/** The wheels' transforms before the step: x, y, sine, cosine. */
const BEFORE: usize = memory.data(4 * 16, 16);

@inline
function body(i: i32): Body {
  return changetype<Body>(BODIES + BODY_BYTES * i);
}

@inline
function joint(i: i32): Joint {
  return changetype<Joint>(JOINTS + offsetof<Joint>() * i);
}

@inline
function position(i: i32): Position {
  return changetype<Position>(POSITIONS + offsetof<Position>() * i);
}

@inline
function anchor(i: i32): Point {
  return changetype<Point>(ANCHOR + 8 * i);
}

@inline
function least(a: f32, b: f32): f32 {
  return a < b ? a : b;
}

@inline
function most(a: f32, b: f32): f32 {
  return a > b ? a : b;
}

export function begin(): void {
  for (let i = 0; i < 5; i++) rotate(body(i));
  const hull = body(0);
  const x = load<f32>(HULL_LOCAL_CENTER);
  const y = load<f32>(HULL_LOCAL_CENTER + 4);
  store<f32>(HULL_CENTER, hull.cos * x - hull.sin * y + hull.x);
  store<f32>(HULL_CENTER + 4, hull.sin * x + hull.cos * y + hull.y);

  const tiles = TILES + TILE_BYTES * load<i32>(TILE_COUNT);
  for (let tile: usize = TILES; tile < <usize>tiles; tile += TILE_BYTES) {
    setBox(tile, load<i32>(tile + TILE_VERTICES), 0, 0, 0, 1);
    store<f32>(tile + TILE_BOX, lowerX - AABB_EXTENSION);
    store<f32>(tile + TILE_BOX + 4, lowerY - AABB_EXTENSION);
    store<f32>(tile + TILE_BOX + 8, -(upperX + AABB_EXTENSION));
    store<f32>(tile + TILE_BOX + 12, -(upperY + AABB_EXTENSION));
  }
  const nowhere = f32x4.splat(-Infinity);
  for (let wheel = 0; wheel < 4; wheel++) {
    const b = body(1 + wheel);
    setBox(WHEEL_POLYGON, load<i32>(WHEEL_POLYGON + POLYGON_COUNT), b.x, b.y, b.sin, b.cos);
    storeWheelBox(wheel, 0, 0);
  }
  addContacts(15, nowhere, nowhere, nowhere, nowhere);
  storeJointAngles();
}

export function step(): void {
  collide();
  collideHull();
  integrateVelocities();
  initVelocities();
  solveVelocities();
  integratePositions();
  const solved = solvePositions();
  finish();
  sleep(solved);
  synchronize();
  storeJointAngles();
  memory.fill(FORCE, 0, 32);
}

function storeJointAngles(): void {
  for (let i = 0; i < 4; i++) store<f32>(JOINT_ANGLE + 4 * i, body(1 + i).angle - body(0).angle);
}

// ---- b2ContactManager and the broad phase ----

let lowerX: f32 = 0;
let lowerY: f32 = 0;
let upperX: f32 = 0;
let upperY: f32 = 0;

/** b2PolygonShape::ComputeAABB into lowerX … upperY. */
function setBox(polygon: usize, count: i32, px: f32, py: f32, sin: f32, cos: f32): void {
  let lx: f32 = Infinity;
  let ly: f32 = Infinity;
  let ux: f32 = -Infinity;
  let uy: f32 = -Infinity;
  for (let end = polygon + 8 * count; polygon < end; polygon += 8) {
    const v = changetype<Point>(polygon);
    const x = cos * v.x - sin * v.y + px;
    const y = sin * v.x + cos * v.y + py;
    lx = least(lx, x);
    ly = least(ly, y);
    ux = most(ux, x);
    uy = most(uy, y);
  }
  lowerX = lx - POLYGON_RADIUS;
  lowerY = ly - POLYGON_RADIUS;
  upperX = ux + POLYGON_RADIUS;
  upperY = uy + POLYGON_RADIUS;
}

/** b2DynamicTree::MoveProxy: lowerX … upperY grown by a margin, and by twice the displacement (dx, dy) ahead. */
function storeWheelBox(wheel: i32, dx: f32, dy: f32): void {
  const at: usize = WHEEL_BOX + 16 * wheel;
  store<f32>(at, upperX + AABB_EXTENSION + most(2 * dx, 0));
  store<f32>(at + 4, upperY + AABB_EXTENSION + most(2 * dy, 0));
  store<f32>(at + 8, -(lowerX - AABB_EXTENSION + least(2 * dx, 0)));
  store<f32>(at + 12, -(lowerY - AABB_EXTENSION + least(2 * dy, 0)));
}

@inline
function wheelBox(wheel: i32): v128 {
  return v128.load(WHEEL_BOX + 16 * wheel);
}

@inline
function inside(inner: v128, outer: v128): bool {
  return i32x4.all_true(f32x4.le(inner, outer));
}

/** b2Fixture::Synchronize and b2ContactManager::FindNewContacts. */
function synchronize(): void {
  const old0 = wheelBox(0);
  const old1 = wheelBox(1);
  const old2 = wheelBox(2);
  const old3 = wheelBox(3);
  let moved = 0;
  for (let wheel = 0; wheel < 4; wheel++) {
    const before: usize = BEFORE + 16 * wheel;
    const b = body(1 + wheel);
    const x = load<f32>(before);
    const y = load<f32>(before + 4);
    const count = load<i32>(WHEEL_POLYGON + POLYGON_COUNT);
    setBox(WHEEL_POLYGON, count, x, y, load<f32>(before + 8), load<f32>(before + 12));
    const lx = lowerX;
    const ly = lowerY;
    const ux = upperX;
    const uy = upperY;
    setBox(WHEEL_POLYGON, count, b.x, b.y, b.sin, b.cos);
    lowerX = least(lx, lowerX);
    lowerY = least(ly, lowerY);
    upperX = most(ux, upperX);
    upperY = most(uy, upperY);
    if (!inside(f32x4(upperX, upperY, -lowerX, -lowerY), wheelBox(wheel))) {
      storeWheelBox(wheel, b.x - x, b.y - y);
      moved |= 1 << wheel;
    }
  }
  if (moved) addContacts(moved, old0, old1, old2, old3);
}

/** Contacts of the moved wheels with tiles that their boxes did not overlap before, in Box2D's order. */
function addContacts(moved: i32, old0: v128, old1: v128, old2: v128, old3: v128): void {
  const tiles = load<i32>(TILE_COUNT);
  const contacts: usize = <usize>contactsOffset(tiles);
  let end = contacts + 4 * load<i32>(CONTACT_COUNT);
  // A wheel that has not moved compares as nowhere, as nothing is new to it.
  const nowhere = f32x4.splat(-Infinity);
  const new0 = moved & 1 ? wheelBox(0) : nowhere;
  const new1 = moved & 2 ? wheelBox(1) : nowhere;
  const new2 = moved & 4 ? wheelBox(2) : nowhere;
  const new3 = moved & 8 ? wheelBox(3) : nowhere;
  const any = f32x4.pmax(f32x4.pmax(new0, new1), f32x4.pmax(new2, new3));
  for (let i = 0; i < tiles; i++) {
    const box = v128.load(TILES + TILE_BYTES * i, TILE_BOX);
    if (!inside(box, any)) continue;
    const contact = i << 3;
    end = addContact(end, contact, box, new0, old0);
    end = addContact(end, contact | 2, box, new1, old1);
    end = addContact(end, contact | 4, box, new2, old2);
    end = addContact(end, contact | 6, box, new3, old3);
  }
  store<i32>(CONTACT_COUNT, <i32>(end - contacts) >> 2);
}

@inline
function addContact(end: usize, contact: i32, tile: v128, now: v128, old: v128): usize {
  if (!inside(tile, now) || inside(tile, old)) return end;
  store<i32>(end, contact);
  return end + 4;
}

/** b2ContactManager::Collide, of the wheels. */
function collide(): void {
  const tiles = load<i32>(TILE_COUNT);
  const contacts: usize = <usize>contactsOffset(tiles);
  const begun: usize = <usize>begunOffset(tiles);
  const end = contacts + 4 * load<i32>(CONTACT_COUNT);
  let begunEnd = begun;
  // Newest first; those that stay move up to the end of the list.
  let kept = end;
  for (let at = end - 4; at >= contacts; at -= 4) {
    const contact = load<i32>(at);
    const wheel = (contact >> 1) & 3;
    const tile: usize = TILES + TILE_BYTES * (contact >> 3);
    const was = contact & 1;
    const near = inside(v128.load(tile, TILE_BOX), wheelBox(wheel));
    const touch = near && touches(tile, body(1 + wheel), WHEEL_POLYGON) ? 1 : 0;
    if (touch != was) {
      const touching: usize = TOUCHING + 4 * wheel;
      store<i32>(touching, load<i32>(touching) + touch - was);
      if (touch) {
        store<i32>(tile, 1, TILE_PAINTED);
        store<i32>(begunEnd, contact >> 3);
        begunEnd += 4;
      }
    }
    if (near) {
      kept -= 4;
      store<i32>(kept, (contact & ~1) | touch);
    }
  }
  if (kept != contacts) memory.copy(contacts, kept, end - kept);
  store<i32>(CONTACT_COUNT, <i32>(end - kept) >> 2);
  store<i32>(BEGUN_COUNT, <i32>(begunEnd - begun) >> 2);
}

/** No point of the hull is farther from its origin. */
const HULL_REACH: f32 = 3;

/** The hull's contacts only paint tiles, so that their order and their end do not matter. */
function collideHull(): void {
  const tiles = load<i32>(TILE_COUNT);
  const begun: usize = <usize>hullBegunOffset(tiles);
  let begunEnd = begun;
  const hull = body(0);
  const box = f32x4(hull.x + HULL_REACH, hull.y + HULL_REACH, HULL_REACH - hull.x, HULL_REACH - hull.y);
  for (let i = 0; i < tiles; i++) {
    const tile: usize = TILES + TILE_BYTES * i;
    if (!inside(v128.load(tile, TILE_BOX), box) || load<i32>(tile, TILE_PAINTED)) continue;
    for (let polygon: usize = POLYGONS; polygon < <usize>WHEEL_POLYGON; polygon += POLYGON_BYTES) {
      if (touches(tile, hull, polygon)) {
        store<i32>(tile, 1, TILE_PAINTED);
        store<i32>(begunEnd, i);
        begunEnd += 4;
        break;
      }
    }
  }
  store<i32>(HULL_BEGUN_COUNT, <i32>(begunEnd - begun) >> 2);
}

// ---- b2TestOverlap by b2Distance (GJK) ----

@inline
function dot(ax: f32, ay: f32, bx: f32, by: f32): f32 {
  return ax * bx + ay * by;
}

@inline
function cross(ax: f32, ay: f32, bx: f32, by: f32): f32 {
  return ax * by - ay * bx;
}

/** Address of the vertex that reaches farthest in direction (dx, dy). */
@inline
function support(vertices: usize, count: i32, dx: f32, dy: f32): usize {
  let best = vertices;
  let bestValue = dot(changetype<Point>(vertices).x, changetype<Point>(vertices).y, dx, dy);
  for (let v = vertices + 8, end = vertices + 8 * count; v < end; v += 8) {
    const value = dot(changetype<Point>(v).x, changetype<Point>(v).y, dx, dy);
    if (value > bestValue) {
      best = v;
      bestValue = value;
    }
  }
  return best;
}

/** Whether a tile and a polygon of `b` overlap, their skins of POLYGON_RADIUS included. */
function touches(tile: usize, b: Body, polygon: usize): bool {
  const tileCount = load<i32>(tile, TILE_VERTICES);
  const count = load<i32>(polygon, POLYGON_COUNT);
  const sin = b.sin;
  const cos = b.cos;
  const px = b.x;
  const py = b.y;

  // The simplex of n vertices: each the difference (x, y) of support points a of the tile and b of the polygon.
  let n = 1;
  let a1 = tile;
  let b1 = polygon;
  let a2: usize = 0;
  let b2: usize = 0;
  let a3: usize = 0;
  let b3: usize = 0;
  let p = changetype<Point>(b1);
  let x1: f32 = cos * p.x - sin * p.y + px - changetype<Point>(a1).x;
  let y1: f32 = sin * p.x + cos * p.y + py - changetype<Point>(a1).y;
  let x2: f32 = 0;
  let y2: f32 = 0;
  let x3: f32 = 0;
  let y3: f32 = 0;
  // Barycentric weights of the first two
  let u1: f32 = 1;
  let u2: f32 = 0;

  for (let iteration = 0; iteration < 20; iteration++) {
    const saved = n;
    const sa1 = a1;
    const sb1 = b1;
    const sa2 = a2;
    const sb2 = b2;
    const sa3 = a3;
    const sb3 = b3;
    if (n == 2) {
      // b2Simplex::Solve2
      const ex = x2 - x1;
      const ey = y2 - y1;
      const d2 = -dot(x1, y1, ex, ey);
      const d1 = dot(x2, y2, ex, ey);
      if (d2 <= 0) {
        n = 1;
      } else if (d1 <= 0) {
        n = 1;
        a1 = a2;
        b1 = b2;
        x1 = x2;
        y1 = y2;
      } else {
        const inverse = <f32>1 / (d1 + d2);
        u1 = d1 * inverse;
        u2 = d2 * inverse;
      }
    } else if (n == 3) {
      // b2Simplex::Solve3
      const e12x = x2 - x1;
      const e12y = y2 - y1;
      const d12a = dot(x2, y2, e12x, e12y);
      const d12b = -dot(x1, y1, e12x, e12y);
      const e13x = x3 - x1;
      const e13y = y3 - y1;
      const d13a = dot(x3, y3, e13x, e13y);
      const d13b = -dot(x1, y1, e13x, e13y);
      const e23x = x3 - x2;
      const e23y = y3 - y2;
      const d23a = dot(x3, y3, e23x, e23y);
      const d23b = -dot(x2, y2, e23x, e23y);
      const n123 = cross(e12x, e12y, e13x, e13y);
      const d123a = n123 * cross(x2, y2, x3, y3);
      const d123b = n123 * cross(x3, y3, x1, y1);
      const d123c = n123 * cross(x1, y1, x2, y2);
      if (d12b <= 0 && d13b <= 0) {
        n = 1;
      } else if (d12a > 0 && d12b > 0 && d123c <= 0) {
        n = 2;
        const inverse = <f32>1 / (d12a + d12b);
        u1 = d12a * inverse;
        u2 = d12b * inverse;
      } else if (d13a > 0 && d13b > 0 && d123b <= 0) {
        n = 2;
        const inverse = <f32>1 / (d13a + d13b);
        u1 = d13a * inverse;
        u2 = d13b * inverse;
        a2 = a3;
        b2 = b3;
        x2 = x3;
        y2 = y3;
      } else if (d12a <= 0 && d23b <= 0) {
        n = 1;
        a1 = a2;
        b1 = b2;
        x1 = x2;
        y1 = y2;
      } else if (d13a <= 0 && d23a <= 0) {
        n = 1;
        a1 = a3;
        b1 = b3;
        x1 = x3;
        y1 = y3;
      } else if (d23a > 0 && d23b > 0 && d123a <= 0) {
        n = 2;
        const inverse = <f32>1 / (d23a + d23b);
        u2 = d23a * inverse;
        u1 = d23b * inverse;
        a1 = a3;
        b1 = b3;
        x1 = x3;
        y1 = y3;
      } else {
        return true;
      }
    }

    let dx = -x1;
    let dy = -y1;
    if (n == 2) {
      const ex = x2 - x1;
      const ey = y2 - y1;
      const left = cross(ex, ey, dx, dy) > 0;
      dx = left ? -ey : ey;
      dy = left ? ex : -ex;
    }
    if (dot(dx, dy, dx, dy) < EPSILON * EPSILON) break;

    const a = support(tile, tileCount, -dx, -dy);
    const q = support(polygon, count, cos * dx + sin * dy, -sin * dx + cos * dy);
    if (
      (a == sa1 && q == sb1) ||
      (saved > 1 && a == sa2 && q == sb2) ||
      (saved > 2 && a == sa3 && q == sb3)
    ) {
      break;
    }
    p = changetype<Point>(q);
    const x = cos * p.x - sin * p.y + px - changetype<Point>(a).x;
    const y = sin * p.x + cos * p.y + py - changetype<Point>(a).y;
    if (n == 1) {
      a2 = a;
      b2 = q;
      x2 = x;
      y2 = y;
      n = 2;
    } else {
      a3 = a;
      b3 = q;
      x3 = x;
      y3 = y;
      n = 3;
    }
  }

  if (n == 3) return true;
  let ax = changetype<Point>(a1).x;
  let ay = changetype<Point>(a1).y;
  p = changetype<Point>(b1);
  let bx = cos * p.x - sin * p.y + px;
  let by = sin * p.x + cos * p.y + py;
  if (n == 2) {
    p = changetype<Point>(b2);
    ax = u1 * ax + u2 * changetype<Point>(a2).x;
    ay = u1 * ay + u2 * changetype<Point>(a2).y;
    bx = u1 * bx + u2 * (cos * p.x - sin * p.y + px);
    by = u1 * by + u2 * (sin * p.x + cos * p.y + py);
  }
  const ex = ax - bx;
  const ey = ay - by;
  const distance = sqrt<f32>(ex * ex + ey * ey);
  const radii = POLYGON_RADIUS + POLYGON_RADIUS;
  return distance <= radii || distance - radii < 10 * EPSILON;
}

// ---- b2Island::Solve ----

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
    const before: usize = BEFORE + 16 * i;
    store<f32>(before, b.x);
    store<f32>(before + 4, b.y);
    store<f32>(before + 8, b.sin);
    store<f32>(before + 12, b.cos);
    const force = changetype<Point>(FORCE + 8 * i);
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
    j.speed = load<f32>(MOTOR_SPEED + 4 * i);

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
/** What the iterations of a period add to the impulses: x of the four joints, then y. */
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
  // What is left is whole periods, after some odd iterations.
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

/** Whether that is what was saved, bit for bit. */
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

/** b2RevoluteJoint::SolvePositionConstraints until all errors are small; returns whether they are. */
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
    rotate(b);
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

function rotate(b: Body): void {
  sincos(b.angle);
  b.sin = sine;
  b.cos = cosine;
}

// ---- glibc's sinf and cosf: see solver-trig-twin.ts ----

let sine: f32 = 0;
let cosine: f32 = 0;

const QUARTERS_PER_RADIAN: f64 = 10680707.430881744;
const QUARTER_HIGH: f64 = 1.5707963267923333;
const QUARTER_LOW: f64 = 2.5632829192545614e-12;

function sincos(angle: f32): void {
  const size = abs<f32>(angle);
  if (size < 0.000244140625) {
    sine = angle;
    cosine = 1;
    return;
  }
  let x: f64 = angle;
  let quarters = 0;
  if (size >= 120) {
    x = reduceLarge(size);
    quarters = turns;
    if (angle < 0) {
      x = -x;
      quarters = -quarters;
    }
  } else if (size >= 0.75) {
    quarters = (<i32>(x * QUARTERS_PER_RADIAN) + 0x800000) >> 24;
    x = x - <f64>quarters * QUARTER_HIGH - <f64>quarters * QUARTER_LOW;
  }
  const x2 = x * x;
  const x3 = x2 * x;
  const x4 = x2 * x2;
  const s = <f32>(
    (x + x3 * -0.16666654943701084 + x3 * x2 * (0.008332178146138854 + x2 * -0.00019517298981385725))
  );
  const c = <f32>(
    (1 +
      x2 * -0.49999999725108224 +
      x4 * 0.041666623324344516 +
      x4 * x2 * (-0.001388676379437604 + x2 * 2.4390450703564542e-5))
  );
  const odd = quarters & 1;
  sine = odd ? c : s;
  cosine = odd ? s : c;
  if (quarters & 2) sine = -sine;
  if ((quarters + 1) & 2) cosine = -cosine;
}

/** Quarter turns that the last `reduceLarge` took off. */
let turns = 0;

/** 4 / pi, most significant byte first, behind three zeros. */
const FOUR_OVER_PI: usize = memory.data<u8>([
  0, 0, 0, 0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57, 0xd1, 0xf5, 0x34, 0xdd, 0xc0, 0xdb,
  0x62, 0x95, 0x99, 0x3c, 0x43, 0x90, 0x41,
]);

function reduceLarge(x: f32): f64 {
  const bits = reinterpret<u32>(x);
  const mantissa = <u64>(((bits & 0x7fffff) | 0x800000) << ((bits >> 23) & 7));
  const from = FOUR_OVER_PI + ((bits >> 26) & 15);
  const product =
    ((mantissa * bswap<u32>(load<u32>(from))) << 32) +
    mantissa * bswap<u32>(load<u32>(from, 4)) +
    ((mantissa * bswap<u32>(load<u32>(from, 8))) >> 32);
  const n = (product + (<u64>1 << 61)) >> 62;
  turns = <i32>n;
  return <f64>(<i64>(product - (n << 62))) * 3.4061215800865545e-19;
}
