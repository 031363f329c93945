/**
 * Turns world units into pixels of the 1000×800 surface, with the arithmetic of `CarRacing._render`: pygame's
 * `Vector2.rotate_rad`, then zoom and translation, all in float64, cut to whole pixels at the end.
 */
import { body } from "./body.as.ts";
import { SCALE } from "./constants.ts";
import { cosine, PI, sinCos, sine } from "./math.as.ts";
import { HEIGHT, PANEL_HEIGHT, POINTS, WIDTH } from "./raster-memory.as.ts";

/** Pixels per world unit at the start. */
const START_ZOOM: f64 = 0.1 * SCALE;
/** Pixels per world unit from one second on. */
const FINAL_ZOOM: f64 = 2.7 * SCALE;

/** `Vector2.epsilon`: so near to a multiple of a quarter turn pygame turns by exactly that. */
const EPSILON: f64 = 1e-6;

/** Pixels per world unit. */
export let zoom: f64 = 0;
let cos: f64 = 1;
let sin: f64 = 0;
/** Place of the world's origin on the surface. */
let originX: f64 = 0;
let originY: f64 = 0;

/** Looks from above at the hull: the hull lies at (500, 200) and points up, before the surface is flipped. */
export function follow(time: f64): void {
  const hull = body(0);
  turn(-f64(hull.angle));
  zoom = START_ZOOM * max(1 - time, 0) + FINAL_ZOOM * min(time, 1);
  const x = -f64(hull.x) * zoom;
  const y = -f64(hull.y) * zoom;
  originX = f64(WIDTH) / 2 + (cos * x - sin * y);
  originY = f64(HEIGHT) / 4 + (sin * x + cos * y);
}

function turn(radians: f64): void {
  let angle = radians % (2 * PI);
  if (angle < 0) angle += 2 * PI;
  if ((angle + EPSILON) % (PI / 2) < 2 * EPSILON) {
    const quarter = i32((angle + EPSILON) / (PI / 2)) & 3;
    cos = quarter == 0 ? 1 : quarter == 2 ? -1 : 0;
    sin = quarter == 1 ? 1 : quarter == 3 ? -1 : 0;
  } else {
    sinCos(angle);
    sin = sine;
    cos = cosine;
  }
}

/** Projects `count` world points (float64 x, y, …) to columns and rows at POINTS. Rows count from the picture's bottom. */
export function project(points: usize, count: i32): void {
  const first = f64x2(cos, sin);
  const second = f64x2(-sin, cos);
  const scale = f64x2.splat(zoom);
  const origin = f64x2(originX, originY);
  for (let i: usize = 0; i < <usize>count; i++) {
    const turned = f64x2.add(
      f64x2.mul(first, v128.load64_splat(points + 16 * i)),
      f64x2.mul(second, v128.load64_splat(points + 16 * i, 8)),
    );
    const place = f64x2.add(f64x2.mul(turned, scale), origin);
    v128.store64_lane(POINTS + 8 * i, i32x4.trunc_sat_f64x2_s_zero(place), 0);
  }
}

/** True if a circle of the world may reach the surface above the panel; the test leaves two pixels for rounding. */
export function mayShow(x: f64, y: f64, radius: f64): bool {
  const reach = radius * zoom + 2;
  const column = (cos * x - sin * y) * zoom + originX;
  if (column < -reach || column > WIDTH + reach) return false;
  const row = (sin * x + cos * y) * zoom + originY;
  return row > PANEL_HEIGHT - reach && row < HEIGHT + reach;
}

/**
 * The same for four circles, x, y and radius at `row` bytes from each other, in float32: another pixel is for its rounding.
 * @returns a bit for each
 */
export function mayShowFour(circles: usize, row: usize): i32 {
  const x = v128.load(circles);
  const y = v128.load(circles + row);
  const scale = f32x4.splat(f32(zoom));
  const reach = f32x4.add(f32x4.mul(v128.load(circles + 2 * row), scale), f32x4.splat(3));
  const c = f32x4.splat(f32(cos * zoom));
  const s = f32x4.splat(f32(sin * zoom));
  const columns = f32x4.add(f32x4.sub(f32x4.mul(c, x), f32x4.mul(s, y)), f32x4.splat(f32(originX - WIDTH / 2)));
  const middle = f64(HEIGHT + PANEL_HEIGHT) / 2;
  const rows = f32x4.add(f32x4.add(f32x4.mul(s, x), f32x4.mul(c, y)), f32x4.splat(f32(originY - middle)));
  return i32x4.bitmask(
    v128.and(
      f32x4.le(f32x4.sub(f32x4.abs(columns), reach), f32x4.splat(f32(WIDTH / 2))),
      f32x4.le(f32x4.sub(f32x4.abs(rows), reach), f32x4.splat(f32((HEIGHT - PANEL_HEIGHT) / 2))),
    ),
  );
}
