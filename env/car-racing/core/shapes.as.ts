/**
 * The car's shapes and masses in float32, as Box2D 2.3 makes them of the polygons in Gymnasium's car_dynamics.py:
 * `b2PolygonShape::Set` (convex hull), `b2PolygonShape::ComputeMass` and `b2Body::ResetMassData`. The order of every
 * operation is Box2D's, since the last bit of a mass moves the car.
 */
import { SIZE } from "./constants.ts";
import {
  ANCHOR,
  HULL_INV_INERTIA,
  HULL_INV_MASS,
  HULL_LOCAL_CENTER,
  POLYGON_BYTES,
  POLYGON_COUNT,
  POLYGONS,
  TILE_BYTES,
  TILE_VERTICES,
  TILES,
  WHEEL_INV_INERTIA,
  WHEEL_INV_MASS,
  WHEEL_POLYGON,
} from "./layout.ts";

// x, y pairs in drawing units, the nose at +y: car_dynamics.py, and car-shape.ts for those who draw the car in TypeScript.
/** Centres of the wheels in the hull's frame: front left, front right, rear left, rear right. */
const WHEEL_POSITIONS: usize = memory.data<i32>([-55, 80, 55, 80, -55, -82, 55, -82]);
export const WHEEL_R: f64 = 27;
export const WHEEL_W: f64 = 14;
const WHEEL_DRAWING: usize = memory.data<i32>([4, -14, 27, 14, 27, 14, -27, -14, -27]);
/** Front wing, nose, body and rear wing: each its count of vertices, then the vertices. */
export const HULL_DRAWING: usize = memory.data<i32>([
  4, -60, 130, 60, 130, 60, 110, -60, 110,
  4, -15, 120, 15, 120, 20, 20, -20, 20,
  8, 25, 20, 50, -10, 50, -40, 20, -90, -20, -90, -50, -40, -50, -10, -25, 20,
  4, -50, -120, 50, -120, 50, -90, -50, -90,
]);

const HULL_DENSITY: f32 = 1;
const WHEEL_DENSITY: f32 = 0.1;
export const HULL_PARTS: i32 = 4;

/** Vertices on their way into a convex hull: up to 8 of x, y. */
const VERTICES: usize = memory.data(64, 16);

/** Offset of a wheel from the hull's origin, world units. */
export function wheelX(wheel: i32): f64 {
  return f64(load<i32>(WHEEL_POSITIONS + 8 * wheel)) * SIZE;
}
export function wheelY(wheel: i32): f64 {
  return f64(load<i32>(WHEEL_POSITIONS + 8 * wheel, 4)) * SIZE;
}

/** Writes the car's polygons, masses and joints to memory, once. */
export function makeCar(): void {
  let drawing = HULL_DRAWING;
  for (let part = 0; part < HULL_PARTS; part++) {
    makePolygon(POLYGONS + POLYGON_BYTES * part, drawing);
    drawing += 4 + 8 * load<i32>(drawing);
  }
  makePolygon(WHEEL_POLYGON, WHEEL_DRAWING);
  makeBody(POLYGONS, HULL_PARTS, HULL_DENSITY);
  store<f32>(HULL_INV_MASS, inverseMass);
  store<f32>(HULL_INV_INERTIA, inverseInertia);
  store<f32>(HULL_LOCAL_CENTER, centerX);
  store<f32>(HULL_LOCAL_CENTER, centerY, 4);
  for (let wheel = 0; wheel < 4; wheel++) {
    store<f32>(ANCHOR + 8 * wheel, f32(wheelX(wheel)) - centerX);
    store<f32>(ANCHOR + 8 * wheel, f32(wheelY(wheel)) - centerY, 4);
  }
  makeBody(WHEEL_POLYGON, 1, WHEEL_DENSITY);
  store<f32>(WHEEL_INV_MASS, inverseMass);
  store<f32>(WHEEL_INV_INERTIA, inverseInertia);
}

function makePolygon(polygon: usize, drawing: usize): void {
  const count = load<i32>(drawing);
  for (let i = 0; i < 2 * count; i++) store<f32>(VERTICES + 4 * i, f32(f64(load<i32>(drawing + 4 * i, 4)) * SIZE));
  store<i32>(polygon, convexHull(VERTICES, count, polygon), POLYGON_COUNT);
}

/** A road tile of four float64 corners as the world has it. */
export function makeTile(i: i32, corners: usize): void {
  const tile: usize = TILES + TILE_BYTES * i;
  for (let k = 0; k < 8; k++) store<f32>(VERTICES + 4 * k, f32(load<f64>(corners + 8 * k)));
  store<i32>(tile, convexHull(VERTICES, 4, tile), TILE_VERTICES);
}

/**
 * The convex hull of `count` points, 3 to 8, by gift wrapping, counterclockwise from its rightmost (then lowest) vertex.
 * @param out takes the hull's vertices
 * @returns how many vertices the hull has
 */
export function convexHull(points: usize, count: i32, out: usize): i32 {
  let first = 0;
  for (let i = 1; i < count; i++) {
    const ahead = pointX(points, i) - pointX(points, first);
    if (ahead > 0 || (ahead == 0 && pointY(points, i) < pointY(points, first))) first = i;
  }
  let found = 0;
  let last = first;
  do {
    const x = pointX(points, last);
    const y = pointY(points, last);
    store<f32>(out + 8 * found, x);
    store<f32>(out + 8 * found, y, 4);
    found++;
    // The next vertex is the one with all others to the left.
    let next = last == 0 ? 1 : 0;
    for (let j = 1; j < count; j++) {
      if (j == next || j == last) continue;
      const rx = pointX(points, next) - x;
      const ry = pointY(points, next) - y;
      const vx = pointX(points, j) - x;
      const vy = pointY(points, j) - y;
      const turn = rx * vy - ry * vx;
      if (turn < 0 || (turn == 0 && vx * vx + vy * vy > rx * rx + ry * ry)) next = j;
    }
    last = next;
  } while (last != first && found < count);
  return found;
}

@inline
function pointX(points: usize, i: i32): f32 {
  return load<f32>(points + 8 * i);
}
@inline
function pointY(points: usize, i: i32): f32 {
  return load<f32>(points + 8 * i, 4);
}

let mass: f32 = 0;
let inertia: f32 = 0;
let centerX: f32 = 0;
let centerY: f32 = 0;
let inverseMass: f32 = 0;
let inverseInertia: f32 = 0;

/** `b2Body::ResetMassData` of a body with that many polygons: `inverseMass`, `inverseInertia` and its centre. */
function makeBody(polygons: usize, count: i32, density: f32): void {
  let bodyMass: f32 = 0;
  let bodyInertia: f32 = 0;
  let x: f32 = 0;
  let y: f32 = 0;
  // Box2D's list of fixtures runs from the newest.
  for (let i = count - 1; i >= 0; i--) {
    measure(polygons + POLYGON_BYTES * i, density);
    bodyMass += mass;
    x += mass * centerX;
    y += mass * centerY;
    bodyInertia += inertia;
  }
  inverseMass = <f32>1 / bodyMass;
  centerX = x * inverseMass;
  centerY = y * inverseMass;
  inverseInertia = <f32>1 / (bodyInertia - bodyMass * (centerX * centerX + centerY * centerY));
}

/** `b2PolygonShape::ComputeMass` into `mass`, `centerX`, `centerY` and `inertia` about the body's origin. */
function measure(polygon: usize, density: f32): void {
  const n = load<i32>(polygon, POLYGON_COUNT);
  const third: f32 = <f32>1 / <f32>3;
  // Triangles are taken from the mean of the vertices.
  let meanX: f32 = 0;
  let meanY: f32 = 0;
  for (let i = 0; i < n; i++) {
    meanX += pointX(polygon, i);
    meanY += pointY(polygon, i);
  }
  meanX *= <f32>1 / f32(n);
  meanY *= <f32>1 / f32(n);
  let area: f32 = 0;
  let x: f32 = 0;
  let y: f32 = 0;
  let sum: f32 = 0;
  for (let i = 0; i < n; i++) {
    const j = (i + 1) % n;
    const ax = pointX(polygon, i) - meanX;
    const ay = pointY(polygon, i) - meanY;
    const bx = pointX(polygon, j) - meanX;
    const by = pointY(polygon, j) - meanY;
    const d = ax * by - ay * bx;
    const triangle = <f32>0.5 * d;
    area += triangle;
    x += triangle * third * (ax + bx);
    y += triangle * third * (ay + by);
    const xx = ax * ax + bx * ax + bx * bx;
    const yy = ay * ay + by * ay + by * by;
    sum += <f32>0.25 * third * d * (xx + yy);
  }
  mass = density * area;
  x *= <f32>1 / area;
  y *= <f32>1 / area;
  centerX = x + meanX;
  centerY = y + meanY;
  inertia = density * sum + mass * (centerX * centerX + centerY * centerY - (x * x + y * y));
}
