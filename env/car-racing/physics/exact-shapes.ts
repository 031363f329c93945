/**
 * The car's shapes and masses in float32, as Box2D 2.3 makes them of the polygons in Gymnasium's car_dynamics.py:
 * `b2PolygonShape::Set` (convex hull), `b2PolygonShape::ComputeMass` and `b2Body::ResetMassData`. The order of every
 * operation is Box2D's, since the last bit of a mass moves the car.
 */
import { HULL_POLYGONS, SIZE, WHEEL_POLYGON } from "../car-shape.ts";

const f = Math.fround;

const HULL_DENSITY = 1;
const WHEEL_DENSITY = f(0.1);

export interface Shape {
  polygons: Float32Array[];
  inverseMass: number;
  inverseInertia: number;
  /** Centre of mass in the body's frame. */
  centerX: number;
  centerY: number;
}

export const hullShape = shape(HULL_POLYGONS, HULL_DENSITY);
export const wheelShape = shape([WHEEL_POLYGON], WHEEL_DENSITY);

function shape(drawing: readonly (readonly number[])[], density: number): Shape {
  const polygons = drawing.map((p) => {
    const hull = new Float32Array(p.length);
    convexHull(new Float32Array(p.map((v) => v * SIZE)), hull, 0);
    return hull;
  });
  let mass = 0;
  let inertia = 0;
  let x = 0;
  let y = 0;
  // Box2D's list of fixtures runs from the newest.
  for (const polygon of polygons.toReversed()) {
    const m = massData(polygon, density);
    mass = f(mass + m.mass);
    x = f(x + f(m.mass * m.x));
    y = f(y + f(m.mass * m.y));
    inertia = f(inertia + m.inertia);
  }
  const inverseMass = f(1 / mass);
  x = f(x * inverseMass);
  y = f(y * inverseMass);
  inertia = f(inertia - f(mass * dot(x, y, x, y)));
  return { polygons, inverseMass, inverseInertia: f(1 / inertia), centerX: x, centerY: y };
}

/**
 * The convex hull by gift wrapping, counterclockwise from its rightmost (then lowest) vertex.
 * @param points flat x, y pairs, any number up to the 8 vertices of a shape
 * @param out takes the hull's vertices from index `at` on
 * @returns how many vertices the hull has
 */
export function convexHull(points: Float32Array, out: Float32Array, at: number): number {
  const end = points.length;
  let first = 0;
  for (let i = 2; i < end; i += 2) {
    const ahead = points[i] - points[first];
    if (ahead > 0 || (ahead === 0 && points[i + 1] < points[first + 1])) first = i;
  }
  let count = 0;
  let last = first;
  do {
    const x = points[last];
    const y = points[last + 1];
    out[at + 2 * count] = x;
    out[at + 2 * count + 1] = y;
    count++;
    // The next vertex is the one with all others to the left.
    let next = last === 0 ? 2 : 0;
    for (let j = 2; j < end; j += 2) {
      if (j === next || j === last) continue;
      const rx = f(points[next] - x);
      const ry = f(points[next + 1] - y);
      const vx = f(points[j] - x);
      const vy = f(points[j + 1] - y);
      const turn = cross(rx, ry, vx, vy);
      if (turn < 0 || (turn === 0 && dot(vx, vy, vx, vy) > dot(rx, ry, rx, ry))) next = j;
    }
    last = next;
  } while (last !== first && 2 * count < end);
  return count;
}

function massData(polygon: Float32Array, density: number) {
  const n = polygon.length / 2;
  const third = f(1 / 3);
  // Triangles are taken from the mean of the vertices.
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i++) {
    meanX = f(meanX + polygon[2 * i]);
    meanY = f(meanY + polygon[2 * i + 1]);
  }
  meanX = f(meanX * f(1 / n));
  meanY = f(meanY * f(1 / n));
  let area = 0;
  let x = 0;
  let y = 0;
  let inertia = 0;
  for (let i = 0; i < n; i++) {
    const j = (i + 1) % n;
    const ax = f(polygon[2 * i] - meanX);
    const ay = f(polygon[2 * i + 1] - meanY);
    const bx = f(polygon[2 * j] - meanX);
    const by = f(polygon[2 * j + 1] - meanY);
    const d = cross(ax, ay, bx, by);
    const triangle = f(0.5 * d);
    area = f(area + triangle);
    x = f(x + f(f(triangle * third) * f(ax + bx)));
    y = f(y + f(f(triangle * third) * f(ay + by)));
    const xx = f(f(f(ax * ax) + f(bx * ax)) + f(bx * bx));
    const yy = f(f(f(ay * ay) + f(by * ay)) + f(by * by));
    inertia = f(inertia + f(f(f(f(0.25) * third) * d) * f(xx + yy)));
  }
  const mass = f(density * area);
  x = f(x * f(1 / area));
  y = f(y * f(1 / area));
  const centerX = f(x + meanX);
  const centerY = f(y + meanY);
  const shift = f(dot(centerX, centerY, centerX, centerY) - dot(x, y, x, y));
  return { mass, x: centerX, y: centerY, inertia: f(f(density * inertia) + f(mass * shift)) };
}

function dot(ax: number, ay: number, bx: number, by: number): number {
  return f(f(ax * bx) + f(ay * by));
}

function cross(ax: number, ay: number, bx: number, by: number): number {
  return f(f(ax * by) - f(ay * bx));
}
