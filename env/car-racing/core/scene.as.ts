/**
 * Draws one moment of an episode, in the order and with the arithmetic of `CarRacing._render`: field, grass, road, skid
 * marks, car, then, the picture turned upside down, the panel with its indicators and score. Whatever cannot reach a
 * visible pixel is left out; the result is the same.
 */
import { Body, body } from "./body.as.ts";
import { follow, mayShow, mayShowFour, project, zoom } from "./camera.as.ts";
import { wheel } from "./car.as.ts";
import { GRASS_PATCHES, PLAYFIELD, SIZE, WHEELS } from "./constants.ts";
import { BACKGROUND_COLOR, episode, GRASS_COLOR, toBytes } from "./episode.as.ts";
import { JOINT_ANGLE_AT, POLYGON_BYTES, POLYGON_COUNT, POLYGONS, WHEEL_POLYGON } from "./layout.ts";
import { cosine, sign, sinCos, sine } from "./math.as.ts";
import { fill, flip } from "./raster.as.ts";
import { HEIGHT, PANEL_HEIGHT, POINTS, TEXT_HEIGHT, WIDTH } from "./raster-memory.as.ts";
import { line, polygon } from "./raster-polygons.as.ts";
import { smoothQuad } from "./raster-quads.as.ts";
import { text } from "./raster-text.as.ts";
import { setScore, textWidth } from "./score.as.ts";
import { WHEEL_R, WHEEL_W } from "./shapes.as.ts";
import { skidCount, skidMark } from "./skids.as.ts";

/** Side of a grass patch, world units. Patches lie on every second column and row. */
const GRASS_DIM: f64 = PLAYFIELD / GRASS_PATCHES;
/** Radius of a circle around a patch, rounded up. */
const PATCH_RADIUS: f64 = GRASS_DIM * 0.708;

/** Greatest distance of a pixel from the hull: that of the upper corners (500 columns, 600 rows), and a few pixels more. */
const FARTHEST: f64 = 786;

/** A wheel's white mark spans this much of its turn, radians. */
const MARK_ANGLE: f64 = 1.2;

const BLACK: u32 = 0x000000;
const WHITE: u32 = 0xffffff;
const RED: u32 = 0x0000ff;
const GREEN: u32 = 0x00ff00;
const FRONT_WHEEL_BLUE: u32 = 0xff0000;
const REAR_WHEEL_BLUE: u32 = 0xff0033;
const HULL_RED: u32 = 0x0000cc;
const MARK_GREY: u32 = 0x4d4d4d;
const MUD: u32 = 0x006666;

/** Widths and heights in the panel count in these, pixels. */
const PANEL_COLUMN: f64 = f64(WIDTH) / 40;
const PANEL_ROW: f64 = f64(HEIGHT) / 40;
const SCORE_CENTER_X: i32 = 60;
const SCORE_CENTER_Y: i32 = 750;

/** World points of the next shape: float64 x, y, of up to 8. */
const WORLD: usize = memory.data(128, 16);
/** A wheel's mark in the wheel's frame: float32 x, y of 4. */
const MARK: usize = memory.data(32, 16);

/** @param reward the score that the picture shows */
export function paintScene(reward: f64, skidMarks: bool): void {
  follow(episode.time);
  paintField();
  paintRoad();
  if (skidMarks) paintSkidMarks();
  paintCar();
  flip();
  paintIndicators();
  const changed = setScore(reward);
  // pygame centres a rectangle on whole pixels.
  text(textWidth, SCORE_CENTER_X - (textWidth >> 1), SCORE_CENTER_Y - (TEXT_HEIGHT >> 1), changed);
}

@inline
function setPoint(i: i32, x: f64, y: f64): void {
  store<f64>(WORLD + 16 * i, x);
  store<f64>(WORLD + 16 * i, y, 8);
}

/** Puts the square's corners where `project` finds them, in Gymnasium's order. */
function setSquare(x: f64, y: f64, side: f64): void {
  setPoint(0, x + side, y);
  setPoint(1, x, y);
  setPoint(2, x, y + side);
  setPoint(3, x + side, y + side);
}

function paintField(): void {
  const reach = FARTHEST / zoom;
  const x = f64(body(0).x);
  const y = f64(body(0).y);
  if (max(abs(x), abs(y)) + reach < PLAYFIELD) {
    fill(toBytes(BACKGROUND_COLOR));
  } else {
    fill(BLACK);
    setPoint(0, PLAYFIELD, PLAYFIELD);
    setPoint(1, PLAYFIELD, -PLAYFIELD);
    setPoint(2, -PLAYFIELD, -PLAYFIELD);
    setPoint(3, -PLAYFIELD, PLAYFIELD);
    project(WORLD, 4);
    wrapToInt16();
    smoothQuad(toBytes(BACKGROUND_COLOR));
  }
  // The rows and columns of patches that may lie within reach.
  const color = toBytes(GRASS_COLOR);
  const left = max(i32(Math.floor((x - reach + PLAYFIELD) / (2 * GRASS_DIM) - 0.5)), 0);
  const right = min(i32(Math.floor((x + reach + PLAYFIELD) / (2 * GRASS_DIM))), GRASS_PATCHES - 1);
  const bottom = max(i32(Math.floor((y - reach + PLAYFIELD) / (2 * GRASS_DIM) - 0.5)), 0);
  const top = min(i32(Math.floor((y + reach + PLAYFIELD) / (2 * GRASS_DIM))), GRASS_PATCHES - 1);
  for (let column = left; column <= right; column++) {
    for (let row = bottom; row <= top; row++) {
      const patchX = GRASS_DIM * f64(2 * column - GRASS_PATCHES);
      const patchY = GRASS_DIM * f64(2 * row - GRASS_PATCHES);
      if (!mayShow(patchX + GRASS_DIM / 2, patchY + GRASS_DIM / 2, PATCH_RADIUS)) continue;
      setSquare(patchX, patchY, GRASS_DIM);
      project(WORLD, 4);
      if (quadVisible()) smoothQuad(color);
    }
  }
}

/**
 * `gfxdraw` takes coordinates as int16. Only the field is drawn from far enough for them to wrap around: about 2,000 world
 * units, which a lost car reaches if it drives on.
 */
function wrapToInt16(): void {
  for (let at = POINTS; at < POINTS + 32; at += 4) store<i32>(at, load<i16>(at));
}

/** True if the projected quad reaches a pixel that the panel does not hide. Its edges blend at most one pixel further. */
function quadVisible(): bool {
  const a = v128.load(POINTS);
  const b = v128.load(POINTS, 16);
  let least = i32x4.min_s(a, b);
  let most = i32x4.max_s(a, b);
  least = i32x4.min_s(least, i8x16.shuffle(least, least, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  most = i32x4.max_s(most, i8x16.shuffle(most, most, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return (
    i32x4.extract_lane(most, 0) >= -1 &&
    i32x4.extract_lane(least, 0) <= WIDTH &&
    i32x4.extract_lane(most, 1) >= PANEL_HEIGHT - 1 &&
    i32x4.extract_lane(least, 1) <= HEIGHT
  );
}

function paintRoad(): void {
  const count = episode.quadCount;
  const row: usize = 4 * ((count + 3) & ~3);
  for (let first = 0; first < count; first += 4) {
    let shown = mayShowFour(episode.circles + 4 * first, row);
    if (first + 4 > count) shown &= (1 << (count - first)) - 1;
    for (; shown != 0; shown &= shown - 1) {
      const quad = first + ctz(shown);
      project(episode.quads + 64 * quad, 4);
      if (quadVisible()) smoothQuad(load<u32>(episode.quadColors + 3 * quad) & 0xffffff);
    }
  }
}

function paintSkidMarks(): void {
  const count = skidCount();
  for (let i = 0; i < count; i++) {
    const mark = skidMark(i);
    const points = load<i32>(mark);
    const color = load<i32>(mark, 4) ? MUD : BLACK;
    for (let p: usize = mark + 8, end = p + 8 * (points - 1); p < end; p += 8) {
      for (let k: usize = 0; k < 4; k++) store<f64>(WORLD + 8 * k, f64(load<f32>(p + 4 * k)));
      project(WORLD, 2);
      line(color);
    }
  }
}

function paintCar(): void {
  for (let w = 0; w < WHEELS; w++) {
    paintShape(body(1 + w), WHEEL_POLYGON, load<i32>(WHEEL_POLYGON + POLYGON_COUNT), BLACK);
    paintWheelMark(w);
  }
  for (let part: usize = POLYGONS; part < <usize>WHEEL_POLYGON; part += POLYGON_BYTES) {
    paintShape(body(0), part, load<i32>(part, POLYGON_COUNT), HULL_RED);
  }
}

/** The white of a wheel: the part of its turning mark that looks up. */
function paintWheelMark(w: i32): void {
  sinCos(wheel(w).phase);
  const s1 = sine;
  const c1 = cosine;
  sinCos(wheel(w).phase + MARK_ANGLE);
  if (s1 > 0 && sine > 0) return;
  const from = WHEEL_R * (s1 > 0 ? sign(c1) : c1) * SIZE;
  const to = WHEEL_R * (sine > 0 ? sign(cosine) : cosine) * SIZE;
  setMark(0, -WHEEL_W * SIZE, from);
  setMark(1, WHEEL_W * SIZE, from);
  setMark(2, WHEEL_W * SIZE, to);
  setMark(3, -WHEEL_W * SIZE, to);
  paintShape(body(1 + w), MARK, 4, MARK_GREY);
}

function setMark(i: i32, x: f64, y: f64): void {
  store<f32>(MARK + 8 * i, f32(x));
  store<f32>(MARK + 8 * i, f32(y), 4);
}

/** A polygon fixed to a body: Box2D's float32 `b2Mul(transform, vertex)`, then the camera. */
function paintShape(b: Body, vertices: usize, count: i32, color: u32): void {
  for (let i = 0; i < count; i++) {
    const x = load<f32>(vertices + 8 * i);
    const y = load<f32>(vertices + 8 * i, 4);
    setPoint(i, f64(b.cos * x - b.sin * y + b.x), f64(b.sin * x + b.cos * y + b.y));
  }
  project(WORLD, count);
  polygon(count, color);
}

/** `CarRacing._render_indicators`. */
function paintIndicators(): void {
  paintBox(0, WIDTH, HEIGHT - PANEL_HEIGHT, HEIGHT, BLACK);
  const vx = f64(body(0).vx);
  const vy = f64(body(0).vy);
  paintVerticalBar(5, 0.02 * sqrt(vx * vx + vy * vy), sqrt(vx * vx + vy * vy), WHITE);
  for (let w = 0; w < WHEELS; w++) {
    const omega = wheel(w).omega;
    paintVerticalBar(7 + w, 0.01 * omega, omega, w < 2 ? FRONT_WHEEL_BLUE : REAR_WHEEL_BLUE);
  }
  const steering = f64(load<f32>(JOINT_ANGLE_AT));
  paintHorizontalBar(20, -10 * steering, steering, GREEN);
  const turning = f64(body(0).w);
  paintHorizontalBar(30, -0.8 * turning, turning, RED);
}

/** Below this a value has no bar. */
const MIN_SHOWN: f64 = 1e-4;

function paintVerticalBar(place: i32, length: f64, value: f64, color: u32): void {
  if (abs(value) <= MIN_SHOWN) return;
  const top = f64(HEIGHT) - (PANEL_ROW + PANEL_ROW * length);
  const left = i32(f64(place) * PANEL_COLUMN);
  paintBox(left, left + i32(PANEL_COLUMN), i32(top), HEIGHT - i32(PANEL_ROW), color);
}

function paintHorizontalBar(place: i32, length: f64, value: f64, color: u32): void {
  if (abs(value) <= MIN_SHOWN) return;
  const right = (f64(place) + length) * PANEL_COLUMN;
  const top = HEIGHT - 4 * i32(PANEL_ROW);
  paintBox(i32(f64(place) * PANEL_COLUMN), i32(right), top, top + 2 * i32(PANEL_ROW), color);
}

/** `pygame.draw.polygon` of an upright box, whole pixels; an end may lie on either side of the other. */
function paintBox(x0: i32, x1: i32, y0: i32, y1: i32, color: u32): void {
  v128.store(POINTS, i32x4(x0, y0, x1, y0));
  v128.store(POINTS, i32x4(x1, y1, x0, y1), 16);
  polygon(4, color);
}
