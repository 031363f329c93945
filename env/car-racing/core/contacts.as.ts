/**
 * Finds the tiles under the car: Box2D 2.3's `b2ContactManager` with its broad phase, and `b2TestOverlap` by `b2Distance`
 * (GJK), for a car of five bodies and a road of sensors. In float32 and with Box2D's order of contacts.
 *
 * After Box2D 2.3 by Erin Catto (zlib licence; see NOTICE).
 */
import { Body, Point, body, cross, dot, least, most } from "./body.as.ts";
import {
  BEGUN_AT,
  BEGUN_COUNT_AT,
  CONTACTS_PLACE,
  CONTACT_COUNT,
  HULL_BEGUN_AT,
  HULL_BEGUN_COUNT_AT,
  NEAR_AT,
  POLYGONS,
  POLYGON_BYTES,
  POLYGON_COUNT,
  TILES,
  TILE_BOX,
  TILE_BYTES,
  TILE_COUNT,
  TILE_PAINTED,
  TILE_VERTICES,
  TOUCHING_AT,
  WHEEL_BOX,
  WHEEL_POLYGON,
} from "./layout.ts";

// b2Settings.h
const EPSILON: f32 = 1.1920929e-7; // 2^-23
const POLYGON_RADIUS: f32 = 2 * <f32>0.005;
const AABB_EXTENSION: f32 = 0.1;

/** The wheels' transforms before the step: x, y, sine, cosine. */
const BEFORE: usize = memory.data(4 * 16, 16);

/** Completes the boxes of a new world's tiles and wheels, and finds its first contacts. */
export function beginContacts(): void {
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
  forgetNear();
  addContacts(15, nowhere, nowhere, nowhere, nowhere);
}

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

/** Keeps where the wheels are before they move: their boxes then span the whole way. */
export function keepTransforms(): void {
  for (let i = 0; i < 4; i++) {
    const b = body(1 + i);
    v128.store(BEFORE + 16 * i, f32x4(b.x, b.y, b.sin, b.cos));
  }
}

/** b2Fixture::Synchronize and b2ContactManager::FindNewContacts. */
export function synchronize(): void {
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

/** The near tiles, in rising order, and the square that they overlap: all other tiles lie outside. */
const NEAR_REACH: f32 = 24;
let nearCount: i32 = 0;
let nearX: f32 = NaN;
let nearY: f32 = NaN;

/** Forgets the near tiles, as another state has others. */
export function forgetNear(): void {
  nearX = NaN;
}

/** Finds the near tiles again if a box (upper x, upper y, -lower x, -lower y) may overlap others. */
function findNear(box: v128): void {
  if (inside(box, squareAround(nearX, nearY, NEAR_REACH))) return;
  nearX = body(0).x;
  nearY = body(0).y;
  let square = squareAround(nearX, nearY, NEAR_REACH);
  if (!inside(box, square)) {
    // Farther from the hull than a wheel can be: all tiles.
    square = f32x4.splat(Infinity);
    nearX = NaN;
  }
  const tiles = load<i32>(TILE_COUNT);
  nearCount = 0;
  for (let i = 0; i < tiles; i++) {
    store<i32>(NEAR_AT + 4 * nearCount, i);
    nearCount += i32(inside(v128.load(TILES + TILE_BYTES * i, TILE_BOX), square));
  }
}

@inline
function squareAround(x: f32, y: f32, reach: f32): v128 {
  return f32x4(x + reach, y + reach, reach - x, reach - y);
}

/** Contacts of the moved wheels with tiles that their boxes did not overlap before, in Box2D's order. */
function addContacts(moved: i32, old0: v128, old1: v128, old2: v128, old3: v128): void {
  const contacts: usize = load<usize>(CONTACTS_PLACE);
  let end = contacts + 4 * load<i32>(CONTACT_COUNT);
  // A wheel that has not moved compares as nowhere, as nothing is new to it.
  const nowhere = f32x4.splat(-Infinity);
  const new0 = moved & 1 ? wheelBox(0) : nowhere;
  const new1 = moved & 2 ? wheelBox(1) : nowhere;
  const new2 = moved & 4 ? wheelBox(2) : nowhere;
  const new3 = moved & 8 ? wheelBox(3) : nowhere;
  const any = f32x4.pmax(f32x4.pmax(new0, new1), f32x4.pmax(new2, new3));
  findNear(any);
  for (let k = 0; k < nearCount; k++) {
    const i = load<i32>(NEAR_AT + 4 * k);
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
export function collide(): void {
  const tiles = load<i32>(TILE_COUNT);
  const contacts: usize = load<usize>(CONTACTS_PLACE);
  const begun: usize = BEGUN_AT;
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
      const touching: usize = TOUCHING_AT + 4 * wheel;
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
  store<i32>(BEGUN_COUNT_AT, <i32>(begunEnd - begun) >> 2);
}

/** Greatest distance of a point of the hull from its origin, units. */
const HULL_REACH: f32 = 3;

/** The hull's contacts only paint tiles, so that their order and their end do not matter. */
export function collideHull(): void {
  const begun: usize = HULL_BEGUN_AT;
  let begunEnd = begun;
  const hull = body(0);
  const box = squareAround(hull.x, hull.y, HULL_REACH);
  findNear(box);
  for (let k = 0; k < nearCount; k++) {
    const i = load<i32>(NEAR_AT + 4 * k);
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
  store<i32>(HULL_BEGUN_COUNT_AT, <i32>(begunEnd - begun) >> 2);
}

// ---- b2TestOverlap by b2Distance (GJK) ----

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

/** Overlaps and gaps of more than this, world units, are seen without GJK, which would find the same. */
const CLEAR: f32 = 0.05;

/** True if a tile and a polygon of `b` overlap, their skins of POLYGON_RADIUS included. */
function touches(tile: usize, b: Body, polygon: usize): bool {
  const seen = look(tile, b, polygon);
  return seen == 0 ? overlap(tile, b, polygon) : seen > 0;
}

/**
 * Compares a polygon's vertices, four at a time, with the tile's edges, which run counterclockwise.
 * @returns 1 if one lies clearly within the tile, -1 if all lie clearly beyond one edge, otherwise 0
 */
function look(tile: usize, b: Body, polygon: usize): i32 {
  const tileCount = load<i32>(tile, TILE_VERTICES);
  const sin = f32x4.splat(b.sin);
  const cos = f32x4.splat(b.cos);
  const px = f32x4.splat(b.x);
  const py = f32x4.splat(b.y);
  const edges = (1 << tileCount) - 1;
  let beyond = edges;
  for (let end = polygon + 8 * load<i32>(polygon, POLYGON_COUNT); polygon < end; polygon += 32) {
    const p = v128.load(polygon);
    const q = v128.load(polygon, 16);
    const vx = i8x16.shuffle(p, q, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    const vy = i8x16.shuffle(p, q, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    const x = f32x4.add(f32x4.sub(f32x4.mul(cos, vx), f32x4.mul(sin, vy)), px);
    const y = f32x4.add(f32x4.add(f32x4.mul(sin, vx), f32x4.mul(cos, vy)), py);
    let within = i32x4.splat(-1);
    for (let i = 0; i < tileCount; i++) {
      const from = changetype<Point>(tile + 8 * i);
      const to = changetype<Point>(tile + 8 * (i + 1 == tileCount ? 0 : i + 1));
      const ex = to.x - from.x;
      const ey = to.y - from.y;
      // The distance to the left of the edge, times its length, which |ex| + |ey| is no less than.
      const across = f32x4.sub(
        f32x4.mul(f32x4.splat(ex), f32x4.sub(y, f32x4.splat(from.y))),
        f32x4.mul(f32x4.splat(ey), f32x4.sub(x, f32x4.splat(from.x))),
      );
      const clear = CLEAR * (abs<f32>(ex) + abs<f32>(ey));
      within = v128.and(within, f32x4.gt(across, f32x4.splat(clear)));
      if (!i32x4.all_true(f32x4.lt(across, f32x4.splat(-clear)))) beyond &= ~(1 << i);
    }
    if (v128.any_true(within)) return 1;
  }
  return beyond ? -1 : 0;
}

/** `b2TestOverlap` itself. */
function overlap(tile: usize, b: Body, polygon: usize): bool {
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
