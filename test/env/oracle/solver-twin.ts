/**
 * The exact solver in plain TypeScript: one step of Box2D 2.3's world for the car, its four revolute joints and the
 * road's sensors. It is the oracle of the core's world, so it takes no shortcut: every operation of Box2D in Box2D's
 * order, rounded to float32 one by one. It works on a core's memory (core/layout.ts), in the place of its world.
 *
 * After Box2D 2.3 by Erin Catto (zlib licence; see NOTICE): `b2World::Step`, `b2ContactManager`, `b2Distance`,
 * `b2Island::Solve`, `b2RevoluteJoint`. Terms that are always zero here are left out: gravity, damping, torques, the
 * joints' reference angles, their anchors on the wheels (the wheels' centres of mass) and the tiles' transforms.
 */
import {
  ANCHOR,
  BEGUN_AT,
  BEGUN_COUNT_AT as BEGUN_COUNT,
  BODIES_AT as BODIES,
  BODY_BYTES,
  CONTACT_COUNT,
  CONTACTS_PLACE,
  FORCE_AT as FORCE,
  HULL_BEGUN_AT,
  HULL_BEGUN_COUNT_AT as HULL_BEGUN_COUNT,
  HULL_CENTER,
  HULL_INV_INERTIA,
  HULL_INV_MASS,
  HULL_LOCAL_CENTER,
  IMPULSE,
  JOINT_ANGLE_AT as JOINT_ANGLE,
  LIMIT_INACTIVE,
  LIMIT_LOWER,
  LIMIT_STATE,
  LIMIT_UPPER,
  MOTOR_SPEED_AT as MOTOR_SPEED,
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
  TOUCHING_AT as TOUCHING,
  WHEEL_BOX,
  WHEEL_INV_INERTIA,
  WHEEL_INV_MASS,
  WHEEL_POLYGON,
} from "../../../env/car-racing/core/layout.ts";
import { cosf, sinf } from "./solver-trig-twin.ts";

const f = Math.fround;

// b2Settings.h
const PI = f(Math.PI);
const EPSILON = 2 ** -23;
const POLYGON_RADIUS = f(2 * f(0.005));
const AABB_EXTENSION = f(0.1);
const LINEAR_SLOP = f(0.005);
const ANGULAR_SLOP = f(f(2 / 180) * PI);
const MAX_ANGULAR_CORRECTION = f(f(8 / 180) * PI);
const MAX_TRANSLATION = 2;
const MAX_ROTATION = f(0.5 * PI);
const TIME_TO_SLEEP = 0.5;
const LINEAR_SLEEP_TOLERANCE = f(0.01);
const ANGULAR_SLEEP_TOLERANCE = f(f(2 / 180) * PI);

// Gymnasium's world.Step(1.0 / FPS, 6 * 30, 2 * 30) and its joints
const DT = f(1 / 50);
const VELOCITY_ITERATIONS = 180;
const POSITION_ITERATIONS = 60;
const MAX_MOTOR_IMPULSE = f(DT * f(180 * 900 * 0.02 * 0.02));
const LOWER_ANGLE = f(-0.4);
const UPPER_ANGLE = f(0.4);

/** The world of a core's memory. */
export interface Solver {
  /** Completes a new world, of which tiles, car and the bodies' positions and angles are in memory. */
  begin(): void;
  step(): void;
}

export function createSolverTwin(buffer: ArrayBuffer): Solver {
  const floats = new Float32Array(buffer);
  const ints = new Int32Array(buffer);
  const get = (offset: number) => floats[offset >> 2];
  const set = (offset: number, value: number) => {
    floats[offset >> 2] = value;
  };
  const getInt = (offset: number) => ints[offset >> 2];
  const setInt = (offset: number, value: number) => {
    ints[offset >> 2] = value;
  };

  // Bodies: 0 is the hull. Columns of physics.ts.
  const body = (i: number) => BODIES + BODY_BYTES * i;
  const X = 0;
  const Y = 4;
  const ANGLE = 8;
  const VX = 12;
  const VY = 16;
  const W = 20;
  const SIN = 24;
  const COS = 28;

  function begin() {
    for (let i = 0; i < 5; i++) rotate(i);
    const [px, py] = hullPoint(get(HULL_LOCAL_CENTER), get(HULL_LOCAL_CENTER + 4));
    set(HULL_CENTER, px);
    set(HULL_CENTER + 4, py);
    for (let t = 0; t < getInt(TILE_COUNT); t++) {
      const tile = TILES + TILE_BYTES * t;
      const box = boxOf(tile, getInt(tile + TILE_VERTICES), 0, 0, 0, 1);
      set(tile + TILE_BOX, f(box.lowerX - AABB_EXTENSION));
      set(tile + TILE_BOX + 4, f(box.lowerY - AABB_EXTENSION));
      set(tile + TILE_BOX + 8, -f(box.upperX + AABB_EXTENSION));
      set(tile + TILE_BOX + 12, -f(box.upperY + AABB_EXTENSION));
    }
    const moved = [true, true, true, true];
    for (let wheel = 0; wheel < 4; wheel++) setWheelBox(wheel, wheelBox(wheel), 0, 0);
    addContacts(moved, [NOWHERE, NOWHERE, NOWHERE, NOWHERE]);
    for (let j = 0; j < 4; j++) set(JOINT_ANGLE + 4 * j, jointAngle(j));
  }

  function step() {
    collide();
    solve();
    for (let i = 0; i < 8; i++) set(FORCE + 4 * i, 0);
  }

  // ---- b2ContactManager and the broad phase ----

  interface Box {
    lowerX: number;
    lowerY: number;
    upperX: number;
    upperY: number;
  }

  /** b2PolygonShape::ComputeAABB */
  function boxOf(polygon: number, count: number, px: number, py: number, sin: number, cos: number): Box {
    let lowerX = Number.POSITIVE_INFINITY;
    let lowerY = Number.POSITIVE_INFINITY;
    let upperX = Number.NEGATIVE_INFINITY;
    let upperY = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const x = get(polygon + 8 * i);
      const y = get(polygon + 8 * i + 4);
      const tx = f(f(f(cos * x) - f(sin * y)) + px);
      const ty = f(f(f(sin * x) + f(cos * y)) + py);
      lowerX = Math.min(lowerX, tx);
      lowerY = Math.min(lowerY, ty);
      upperX = Math.max(upperX, tx);
      upperY = Math.max(upperY, ty);
    }
    return {
      lowerX: f(lowerX - POLYGON_RADIUS),
      lowerY: f(lowerY - POLYGON_RADIUS),
      upperX: f(upperX + POLYGON_RADIUS),
      upperY: f(upperY + POLYGON_RADIUS),
    };
  }

  function wheelBox(wheel: number): Box {
    return bodyBox(1 + wheel, WHEEL_POLYGON);
  }

  function bodyBox(i: number, polygon: number): Box {
    const b = body(i);
    const count = getInt(polygon + POLYGON_COUNT);
    return boxOf(polygon, count, get(b + X), get(b + Y), get(b + SIN), get(b + COS));
  }

  /** b2DynamicTree::MoveProxy: the box grown by a margin, and by twice the displacement (dx, dy) ahead. */
  function setWheelBox(wheel: number, box: Box, dx: number, dy: number) {
    const aheadX = f(2 * dx);
    const aheadY = f(2 * dy);
    const at = WHEEL_BOX + 16 * wheel;
    set(at, f(f(box.upperX + AABB_EXTENSION) + Math.max(aheadX, 0)));
    set(at + 4, f(f(box.upperY + AABB_EXTENSION) + Math.max(aheadY, 0)));
    set(at + 8, -f(f(box.lowerX - AABB_EXTENSION) + Math.min(aheadX, 0)));
    set(at + 12, -f(f(box.lowerY - AABB_EXTENSION) + Math.min(aheadY, 0)));
  }

  const NOWHERE = [-Infinity, -Infinity, -Infinity, -Infinity];

  /** A wheel's broad-phase box as it lies in memory. */
  function storedBox(wheel: number): number[] {
    const at = WHEEL_BOX + 16 * wheel;
    return [get(at), get(at + 4), get(at + 8), get(at + 12)];
  }

  function overlap(tile: number, box: number[]): boolean {
    const at = TILES + TILE_BYTES * tile + TILE_BOX;
    return get(at) <= box[0] && get(at + 4) <= box[1] && get(at + 8) <= box[2] && get(at + 12) <= box[3];
  }

  /** b2Fixture::Synchronize and b2ContactManager::FindNewContacts, after wheels moved from (x, y, sin, cos). */
  function synchronize(before: Float32Array[]) {
    const moved: boolean[] = [];
    const old: number[][] = [];
    for (let wheel = 0; wheel < 4; wheel++) {
      const [x, y, sin, cos] = before[wheel];
      const b = body(1 + wheel);
      const first = boxOf(WHEEL_POLYGON, getInt(WHEEL_POLYGON + POLYGON_COUNT), x, y, sin, cos);
      const second = wheelBox(wheel);
      const swept = {
        lowerX: Math.min(first.lowerX, second.lowerX),
        lowerY: Math.min(first.lowerY, second.lowerY),
        upperX: Math.max(first.upperX, second.upperX),
        upperY: Math.max(first.upperY, second.upperY),
      };
      const box = storedBox(wheel);
      old.push(box);
      const contained =
        swept.upperX <= box[0] &&
        swept.upperY <= box[1] &&
        -swept.lowerX <= box[2] &&
        -swept.lowerY <= box[3];
      moved.push(!contained);
      if (!contained) setWheelBox(wheel, swept, f(get(b + X) - x), f(get(b + Y) - y));
    }
    if (moved.includes(true)) addContacts(moved, old);
  }

  /**
   * Box2D sorts new pairs by the order in which tiles and wheels were made, and each goes to the front of its list:
   * here to the end, and the list is read backwards.
   */
  function addContacts(moved: boolean[], old: number[][]) {
    const tiles = getInt(TILE_COUNT);
    let count = getInt(CONTACT_COUNT);
    for (let tile = 0; tile < tiles; tile++) {
      for (let wheel = 0; wheel < 4; wheel++) {
        if (moved[wheel] && overlap(tile, storedBox(wheel)) && !overlap(tile, old[wheel])) {
          setInt(getInt(CONTACTS_PLACE) + 4 * count++, (tile << 3) | (wheel << 1));
        }
      }
    }
    setInt(CONTACT_COUNT, count);
  }

  /** b2ContactManager::Collide */
  function collide() {
    const contacts = getInt(CONTACTS_PLACE);
    const kept: number[] = [];
    let begun = 0;
    for (let k = getInt(CONTACT_COUNT) - 1; k >= 0; k--) {
      const contact = getInt(contacts + 4 * k);
      const tile = contact >> 3;
      const wheel = (contact >> 1) & 3;
      const touching = TOUCHING + 4 * wheel;
      const near = overlap(tile, storedBox(wheel));
      const touch = near && touches(tile, 1 + wheel, WHEEL_POLYGON);
      if (touch && !(contact & 1)) {
        setInt(touching, getInt(touching) + 1);
        setInt(TILES + TILE_BYTES * tile + TILE_PAINTED, 1);
        setInt(BEGUN_AT + 4 * begun++, tile);
      }
      if (!touch && contact & 1) setInt(touching, getInt(touching) - 1);
      if (near) kept.push((contact & ~1) | (touch ? 1 : 0));
    }
    kept.reverse().forEach((contact, k) => {
      setInt(contacts + 4 * k, contact);
    });
    setInt(CONTACT_COUNT, kept.length);
    setInt(BEGUN_COUNT, begun);
    setInt(HULL_BEGUN_COUNT, collideHull());
  }

  /** The hull's contacts only paint tiles, so that their order and their end do not matter. */
  function collideHull(): number {
    const tiles = getInt(TILE_COUNT);
    let begun = 0;
    for (let tile = 0; tile < tiles; tile++) {
      const painted = TILES + TILE_BYTES * tile + TILE_PAINTED;
      if (getInt(painted)) continue;
      for (let polygon = POLYGONS; polygon < WHEEL_POLYGON; polygon += POLYGON_BYTES) {
        const box = bodyBox(0, polygon);
        const near = overlap(tile, [box.upperX, box.upperY, -box.lowerX, -box.lowerY]);
        if (near && touches(tile, 0, polygon)) {
          setInt(painted, 1);
          setInt(HULL_BEGUN_AT + 4 * begun++, tile);
          break;
        }
      }
    }
    return begun;
  }

  // ---- b2TestOverlap by b2Distance (GJK) ----

  // The simplex: support points of tile (a) and polygon (b), their difference, barycentric weight, indices.
  const aX = new Float32Array(3);
  const aY = new Float32Array(3);
  const bX = new Float32Array(3);
  const bY = new Float32Array(3);
  const wX = new Float32Array(3);
  const wY = new Float32Array(3);
  const weight = new Float32Array(3);
  const indexA = new Int32Array(3);
  const indexB = new Int32Array(3);

  function copyVertex(from: number, to: number) {
    for (const a of [aX, aY, bX, bY, wX, wY, weight, indexA, indexB]) a[to] = a[from];
  }

  /** The vertex that reaches farthest in direction (dx, dy). */
  function support(vertices: number, count: number, dx: number, dy: number): number {
    let best = 0;
    let bestValue = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const value = dot(get(vertices + 8 * i), get(vertices + 8 * i + 4), dx, dy);
      if (value > bestValue) {
        best = i;
        bestValue = value;
      }
    }
    return best;
  }

  /** True if a tile and a polygon of body `i` overlap, their skins of `POLYGON_RADIUS` included. */
  function touches(tile: number, i: number, polygon: number): boolean {
    const tileVertices = TILES + TILE_BYTES * tile;
    const tileCount = getInt(tileVertices + TILE_VERTICES);
    const count = getInt(polygon + POLYGON_COUNT);
    const b = body(i);
    const sin = get(b + SIN);
    const cos = get(b + COS);
    const px = get(b + X);
    const py = get(b + Y);
    const setVertex = (k: number, ia: number, ib: number) => {
      indexA[k] = ia;
      indexB[k] = ib;
      aX[k] = get(tileVertices + 8 * ia);
      aY[k] = get(tileVertices + 8 * ia + 4);
      const x = get(polygon + 8 * ib);
      const y = get(polygon + 8 * ib + 4);
      bX[k] = f(f(f(cos * x) - f(sin * y)) + px);
      bY[k] = f(f(f(sin * x) + f(cos * y)) + py);
      wX[k] = bX[k] - aX[k];
      wY[k] = bY[k] - aY[k];
    };
    setVertex(0, 0, 0);
    weight[0] = 1;
    let n = 1;
    for (let iteration = 0; iteration < 20; iteration++) {
      const saved = n;
      const savedA = indexA.slice(0, n);
      const savedB = indexB.slice(0, n);
      if (n === 2) n = solve2();
      else if (n === 3) n = solve3();
      if (n === 3) break;
      let dx = -wX[0];
      let dy = -wY[0];
      if (n === 2) {
        const ex = f(wX[1] - wX[0]);
        const ey = f(wY[1] - wY[0]);
        const left = cross(ex, ey, dx, dy) > 0;
        dx = left ? -ey : ey;
        dy = left ? ex : -ex;
      }
      if (dot(dx, dy, dx, dy) < f(EPSILON * EPSILON)) break;
      const ia = support(tileVertices, tileCount, -dx, -dy);
      const ib = support(polygon, count, f(f(cos * dx) + f(sin * dy)), f(f(-sin * dx) + f(cos * dy)));
      setVertex(n, ia, ib);
      let duplicate = false;
      for (let k = 0; k < saved; k++) duplicate ||= savedA[k] === ia && savedB[k] === ib;
      if (duplicate) break;
      n++;
    }
    if (n === 3) return true;
    let ax = aX[0];
    let ay = aY[0];
    let bx = bX[0];
    let by = bY[0];
    if (n === 2) {
      ax = f(f(weight[0] * ax) + f(weight[1] * aX[1]));
      ay = f(f(weight[0] * ay) + f(weight[1] * aY[1]));
      bx = f(f(weight[0] * bx) + f(weight[1] * bX[1]));
      by = f(f(weight[0] * by) + f(weight[1] * bY[1]));
    }
    const distance = length(f(ax - bx), f(ay - by));
    const radii = f(POLYGON_RADIUS + POLYGON_RADIUS);
    return distance <= radii || f(distance - radii) < 10 * EPSILON;
  }

  /** b2Simplex::Solve2: reduces the segment to its part nearest to the origin; returns how many vertices stay. */
  function solve2(): number {
    const ex = f(wX[1] - wX[0]);
    const ey = f(wY[1] - wY[0]);
    const d2 = -dot(wX[0], wY[0], ex, ey);
    if (d2 <= 0) return keep(0);
    const d1 = dot(wX[1], wY[1], ex, ey);
    if (d1 <= 0) return keep(1);
    return keepEdge(0, 1, d1, d2);
  }

  /** b2Simplex::Solve3: the same for the triangle. */
  function solve3(): number {
    const [x1, x2, x3] = wX;
    const [y1, y2, y3] = wY;
    const e12x = f(x2 - x1);
    const e12y = f(y2 - y1);
    const d12a = dot(x2, y2, e12x, e12y);
    const d12b = -dot(x1, y1, e12x, e12y);
    const e13x = f(x3 - x1);
    const e13y = f(y3 - y1);
    const d13a = dot(x3, y3, e13x, e13y);
    const d13b = -dot(x1, y1, e13x, e13y);
    const e23x = f(x3 - x2);
    const e23y = f(y3 - y2);
    const d23a = dot(x3, y3, e23x, e23y);
    const d23b = -dot(x2, y2, e23x, e23y);
    const n123 = cross(e12x, e12y, e13x, e13y);
    const d123a = f(n123 * cross(x2, y2, x3, y3));
    const d123b = f(n123 * cross(x3, y3, x1, y1));
    const d123c = f(n123 * cross(x1, y1, x2, y2));
    if (d12b <= 0 && d13b <= 0) return keep(0);
    if (d12a > 0 && d12b > 0 && d123c <= 0) return keepEdge(0, 1, d12a, d12b);
    if (d13a > 0 && d13b > 0 && d123b <= 0) return keepEdge(0, 2, d13a, d13b);
    if (d12a <= 0 && d23b <= 0) return keep(1);
    if (d13a <= 0 && d23a <= 0) return keep(2);
    if (d23a > 0 && d23b > 0 && d123a <= 0) return keepEdge(2, 1, d23b, d23a);
    return 3;
  }

  function keep(k: number): number {
    copyVertex(k, 0);
    weight[0] = 1;
    return 1;
  }

  /** Keeps two vertices, the first as vertex 0: weights are the other's share of `d`. */
  function keepEdge(first: number, second: number, dFirst: number, dSecond: number): number {
    const inverse = f(1 / f(dFirst + dSecond));
    weight[first] = f(dFirst * inverse);
    weight[second] = f(dSecond * inverse);
    if (first !== 0) copyVertex(first, 0);
    if (second !== 1) copyVertex(second, 1);
    return 2;
  }

  // ---- b2Island::Solve ----

  // Velocity, rotation and position of the bodies while they are solved.
  const vx = new Float32Array(5);
  const vy = new Float32Array(5);
  const w = new Float32Array(5);
  const cx = new Float32Array(5);
  const cy = new Float32Array(5);
  const angle = new Float32Array(5);

  // Values of a joint that stay the same over the iterations of a step: its arm on the hull, and the matrix m_mass.
  const armX = new Float32Array(4);
  const armY = new Float32Array(4);
  const m11 = new Float32Array(4);
  const m12 = new Float32Array(4);
  const m22 = new Float32Array(4);
  const m13 = new Float32Array(4);
  const m23 = new Float32Array(4);

  const before = [0, 1, 2, 3].map(() => new Float32Array(4));

  function solve() {
    const mA = get(HULL_INV_MASS);
    const iA = get(HULL_INV_INERTIA);
    const mB = get(WHEEL_INV_MASS);
    const iB = get(WHEEL_INV_INERTIA);
    const m33 = f(iA + iB);
    const motorMass = f(1 / m33);

    for (let i = 0; i < 5; i++) {
      const b = body(i);
      cx[i] = get(i === 0 ? HULL_CENTER : b + X);
      cy[i] = get(i === 0 ? HULL_CENTER + 4 : b + Y);
      angle[i] = get(b + ANGLE);
      const fx = i === 0 ? 0 : get(FORCE + 8 * (i - 1));
      const fy = i === 0 ? 0 : get(FORCE + 8 * (i - 1) + 4);
      const inverseMass = i === 0 ? mA : mB;
      vx[i] = get(b + VX) + f(DT * f(0 + f(inverseMass * f(0 + fx))));
      vy[i] = get(b + VY) + f(DT * f(0 + f(inverseMass * f(0 + fy))));
      w[i] = get(b + W);
      if (i > 0) before[i - 1].set([get(b + X), get(b + Y), get(b + SIN), get(b + COS)]);
    }

    // Depth first from the newest body, a wheel, the island meets the joints from the newest to the oldest.
    for (let j = 3; j >= 0; j--) initVelocity(j);
    for (let k = 0; k < VELOCITY_ITERATIONS; k++) for (let j = 3; j >= 0; j--) solveVelocity(j);

    for (let i = 0; i < 5; i++) {
      const tx = f(DT * vx[i]);
      const ty = f(DT * vy[i]);
      if (dot(tx, ty, tx, ty) > MAX_TRANSLATION * MAX_TRANSLATION) {
        const ratio = f(MAX_TRANSLATION / length(tx, ty));
        vx[i] *= ratio;
        vy[i] *= ratio;
      }
      const rotation = f(DT * w[i]);
      if (f(rotation * rotation) > f(MAX_ROTATION * MAX_ROTATION)) {
        w[i] *= f(MAX_ROTATION / Math.abs(rotation));
      }
      cx[i] += f(DT * vx[i]);
      cy[i] += f(DT * vy[i]);
      angle[i] += f(DT * w[i]);
    }

    let solved = false;
    for (let k = 0; k < POSITION_ITERATIONS && !solved; k++) {
      solved = true;
      for (let j = 3; j >= 0; j--) solved = solvePosition(j) && solved;
    }

    for (let i = 0; i < 5; i++) {
      const b = body(i);
      set(b + ANGLE, angle[i]);
      set(b + VX, vx[i]);
      set(b + VY, vy[i]);
      set(b + W, w[i]);
      rotate(i);
      set(b + X, cx[i]);
      set(b + Y, cy[i]);
    }
    set(HULL_CENTER, cx[0]);
    set(HULL_CENTER + 4, cy[0]);
    const [ox, oy] = hullVector(get(HULL_LOCAL_CENTER), get(HULL_LOCAL_CENTER + 4));
    set(body(0) + X, cx[0] - ox);
    set(body(0) + Y, cy[0] - oy);
    sleep(solved);
    synchronize(before);
    for (let j = 0; j < 4; j++) set(JOINT_ANGLE + 4 * j, jointAngle(j));

    function initVelocity(j: number) {
      const impulse = IMPULSE + 16 * j;
      const sin = sinf(angle[0]);
      const cos = cosf(angle[0]);
      const x = get(ANCHOR + 8 * j);
      const y = get(ANCHOR + 8 * j + 4);
      const rx = f(f(cos * x) - f(sin * y));
      const ry = f(f(sin * x) + f(cos * y));
      armX[j] = rx;
      armY[j] = ry;
      m11[j] = f(mA + mB) + f(f(ry * ry) * iA);
      m12[j] = f(-ry * rx) * iA;
      m13[j] = -ry * iA;
      m22[j] = f(mA + mB) + f(f(rx * rx) * iA);
      m23[j] = rx * iA;

      const a = f(angle[1 + j] - angle[0]);
      const state = a <= LOWER_ANGLE ? LIMIT_LOWER : a >= UPPER_ANGLE ? LIMIT_UPPER : LIMIT_INACTIVE;
      if (state === LIMIT_INACTIVE || getInt(LIMIT_STATE + 4 * j) !== state) set(impulse + 8, 0);
      setInt(LIMIT_STATE + 4 * j, state);

      // Warm start. The ratio of the time steps is 1: on the very first step there is no impulse to scale.
      const ix = get(impulse);
      const iy = get(impulse + 4);
      const turn = f(get(impulse + 12) + get(impulse + 8));
      const turnA = f(f(cross(rx, ry, ix, iy) + get(impulse + 12)) + get(impulse + 8));
      vx[0] -= f(mA * ix);
      vy[0] -= f(mA * iy);
      w[0] -= f(iA * turnA);
      vx[1 + j] += f(mB * ix);
      vy[1 + j] += f(mB * iy);
      w[1 + j] += f(iB * turn);
    }

    function solveVelocity(j: number) {
      const i = 1 + j;
      const impulse = IMPULSE + 16 * j;
      const rx = armX[j];
      const ry = armY[j];

      const old = get(impulse + 12);
      const speed = f(f(w[i] - w[0]) - get(MOTOR_SPEED + 4 * j));
      const wanted = f(old + f(-motorMass * speed));
      const motor = Math.max(-MAX_MOTOR_IMPULSE, Math.min(wanted, MAX_MOTOR_IMPULSE));
      set(impulse + 12, motor);
      w[0] -= f(iA * f(motor - old));
      w[i] += f(iB * f(motor - old));

      const speedX = f(f(vx[i] - vx[0]) - f(-w[0] * ry));
      const speedY = f(f(vy[i] - vy[0]) - f(w[0] * rx));
      const state = getInt(LIMIT_STATE + 4 * j);
      let px: number;
      let py: number;
      let pz = 0;
      if (state !== LIMIT_INACTIVE) {
        [px, py, pz] = solve33(j, speedX, speedY, f(w[i] - w[0]));
        px = -px;
        py = -py;
        pz = -pz;
        const z = get(impulse + 8);
        const sum = f(z + pz);
        if (state === LIMIT_LOWER ? sum < 0 : sum > 0) {
          [px, py] = solve22(j, f(-speedX + f(z * m13[j])), f(-speedY + f(z * m23[j])));
          pz = -z;
          set(impulse + 8, 0);
        } else {
          set(impulse + 8, sum);
        }
      } else {
        [px, py] = solve22(j, -speedX, -speedY);
      }
      set(impulse, get(impulse) + px);
      set(impulse + 4, get(impulse + 4) + py);
      const turn = cross(rx, ry, px, py);
      vx[0] -= f(mA * px);
      vy[0] -= f(mA * py);
      w[0] -= f(iA * (state === LIMIT_INACTIVE ? turn : f(turn + pz)));
      vx[i] += f(mB * px);
      vy[i] += f(mB * py);
      if (state !== LIMIT_INACTIVE) w[i] += f(iB * pz);
    }

    /** b2Mat33::Solve22 */
    function solve22(j: number, x: number, y: number): [number, number] {
      const det = f(1 / f(f(m11[j] * m22[j]) - f(m12[j] * m12[j])));
      return [f(det * f(f(m22[j] * x) - f(m12[j] * y))), f(det * f(f(m11[j] * y) - f(m12[j] * x)))];
    }

    /** b2Mat33::Solve33 */
    function solve33(j: number, x: number, y: number, z: number): [number, number, number] {
      const ex: Vector3 = [m11[j], m12[j], m13[j]];
      const ey: Vector3 = [m12[j], m22[j], m23[j]];
      const ez: Vector3 = [m13[j], m23[j], m33];
      const b: Vector3 = [x, y, z];
      const det = f(1 / dot3(ex, cross3(ey, ez)));
      return [
        f(det * dot3(b, cross3(ey, ez))),
        f(det * dot3(ex, cross3(b, ez))),
        f(det * dot3(ex, cross3(ey, b))),
      ];
    }

    function solvePosition(j: number): boolean {
      const i = 1 + j;
      let angularError = 0;
      const state = getInt(LIMIT_STATE + 4 * j);
      if (state !== LIMIT_INACTIVE) {
        const a = f(angle[i] - angle[0]);
        let c: number;
        if (state === LIMIT_LOWER) {
          c = f(a - LOWER_ANGLE);
          angularError = -c;
          c = Math.max(-MAX_ANGULAR_CORRECTION, Math.min(f(c + ANGULAR_SLOP), 0));
        } else {
          c = f(a - UPPER_ANGLE);
          angularError = c;
          c = Math.max(0, Math.min(f(c - ANGULAR_SLOP), MAX_ANGULAR_CORRECTION));
        }
        const limit = f(-motorMass * c);
        angle[0] -= f(iA * limit);
        angle[i] += f(iB * limit);
      }
      const sin = sinf(angle[0]);
      const cos = cosf(angle[0]);
      const x = get(ANCHOR + 8 * j);
      const y = get(ANCHOR + 8 * j + 4);
      const rx = f(f(cos * x) - f(sin * y));
      const ry = f(f(sin * x) + f(cos * y));
      const errorX = f(f(cx[i] - cx[0]) - rx);
      const errorY = f(f(cy[i] - cy[0]) - ry);
      const positionError = length(errorX, errorY);
      const k11 = f(f(mA + mB) + f(f(iA * ry) * ry));
      const k12 = f(f(-iA * rx) * ry);
      const k22 = f(f(mA + mB) + f(f(iA * rx) * rx));
      const det = f(1 / f(f(k11 * k22) - f(k12 * k12)));
      const px = -f(det * f(f(k22 * errorX) - f(k12 * errorY)));
      const py = -f(det * f(f(k11 * errorY) - f(k12 * errorX)));
      cx[0] -= f(mA * px);
      cy[0] -= f(mA * py);
      angle[0] -= f(iA * cross(rx, ry, px, py));
      cx[i] += f(mB * px);
      cy[i] += f(mB * py);
      return positionError <= LINEAR_SLOP && angularError <= ANGULAR_SLOP;
    }
  }

  /** Bodies that are all slow for half a second lose their velocity; the car's next step wakes them. */
  function sleep(solved: boolean) {
    let least = Number.MAX_VALUE;
    for (let i = 0; i < 5; i++) {
      const b = body(i);
      const slow =
        f(get(b + W) * get(b + W)) <= f(ANGULAR_SLEEP_TOLERANCE * ANGULAR_SLEEP_TOLERANCE) &&
        dot(get(b + VX), get(b + VY), get(b + VX), get(b + VY)) <=
          f(LINEAR_SLEEP_TOLERANCE * LINEAR_SLEEP_TOLERANCE);
      set(SLEEP_TIME + 4 * i, slow ? get(SLEEP_TIME + 4 * i) + DT : 0);
      least = Math.min(least, get(SLEEP_TIME + 4 * i));
    }
    if (least < TIME_TO_SLEEP || !solved) return;
    for (let i = 0; i < 5; i++) {
      set(SLEEP_TIME + 4 * i, 0);
      for (const column of [VX, VY, W]) set(body(i) + column, 0);
    }
  }

  function rotate(i: number) {
    set(body(i) + SIN, sinf(get(body(i) + ANGLE)));
    set(body(i) + COS, cosf(get(body(i) + ANGLE)));
  }

  function hullVector(x: number, y: number): [number, number] {
    const sin = get(body(0) + SIN);
    const cos = get(body(0) + COS);
    return [f(f(cos * x) - f(sin * y)), f(f(sin * x) + f(cos * y))];
  }

  function hullPoint(x: number, y: number): [number, number] {
    const [vx, vy] = hullVector(x, y);
    return [f(vx + get(body(0) + X)), f(vy + get(body(0) + Y))];
  }

  function jointAngle(j: number): number {
    return f(get(body(1 + j) + ANGLE) - get(body(0) + ANGLE));
  }

  return { begin, step };
}

function dot(ax: number, ay: number, bx: number, by: number): number {
  return f(f(ax * bx) + f(ay * by));
}

function cross(ax: number, ay: number, bx: number, by: number): number {
  return f(f(ax * by) - f(ay * bx));
}

function length(x: number, y: number): number {
  return f(Math.sqrt(dot(x, y, x, y)));
}

type Vector3 = readonly [number, number, number];

function dot3(a: Vector3, b: Vector3): number {
  return f(f(f(a[0] * b[0]) + f(a[1] * b[1])) + f(a[2] * b[2]));
}

function cross3(a: Vector3, b: Vector3): Vector3 {
  return [
    f(f(a[1] * b[2]) - f(a[2] * b[1])),
    f(f(a[2] * b[0]) - f(a[0] * b[2])),
    f(f(a[0] * b[1]) - f(a[1] * b[0])),
  ];
}
