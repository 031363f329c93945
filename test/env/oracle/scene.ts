/**
 * Draws one moment of a CarRacing episode on a canvas, in the order and with the arithmetic of `CarRacing._render`, as
 * core/scene.as.ts does: its oracle, drawn on the plain surface.
 */
import { WHEEL_HALF_WIDTH, WHEEL_RADIUS } from "../../../env/car-racing/car-shape.ts";
import { PLAYFIELD, SIZE } from "../../../env/car-racing/core/constants.ts";
import { BODY_STRIDE, BodyColumn, type Scene, type View } from "../../../env/car-racing/view.ts";
import { sinCos } from "../../../env/math.ts";
import { Camera, PANEL_HEIGHT, SURFACE_HEIGHT, SURFACE_WIDTH } from "./camera.ts";
import { type Canvas, type Color, MAX_VERTICES, rgb, type ScoreBitmap, TEXT_HEIGHT } from "./canvas.ts";

const FIELD = Float64Array.of(
  PLAYFIELD,
  PLAYFIELD,
  PLAYFIELD,
  -PLAYFIELD,
  -PLAYFIELD,
  -PLAYFIELD,
  -PLAYFIELD,
  PLAYFIELD,
);
/** Side of a grass patch, world units. Patches lie on every second column and row, this many in each. */
const GRASS = PLAYFIELD / 20;
const PATCHES = 20;
const PATCH_QUADS = Float64Array.from(
  Array.from({ length: PATCHES ** 2 }, (_, patch) => {
    const x = GRASS * (2 * Math.floor(patch / PATCHES) - PATCHES);
    const y = GRASS * (2 * (patch % PATCHES) - PATCHES);
    return [x + GRASS, y, x, y, x, y + GRASS, x + GRASS, y + GRASS];
  }).flat(),
);
const PATCH_CIRCLES = circlesAround(PATCH_QUADS);

/** Greatest distance of a pixel from the hull: that of the upper corners (500 columns, 600 rows), and a few pixels more. */
const FARTHEST = Math.sqrt(500 ** 2 + 600 ** 2) + 4;

/** A wheel's white mark spans this much of its turn, radians. */
const MARK_ANGLE = 1.2;

const BLACK = rgb(0, 0, 0);
const WHITE = rgb(255, 255, 255);
const RED = rgb(255, 0, 0);
const GREEN = rgb(0, 255, 0);
const FRONT_WHEEL_BLUE = rgb(0, 0, 255);
const REAR_WHEEL_BLUE = rgb(51, 0, 255);
const HULL_RED = rgb(204, 0, 0);
const MARK_GREY = rgb(77, 77, 77);
const MUD = rgb(102, 102, 0);

/** Widths and heights in the panel count in these, pixels. */
const PANEL_COLUMN = SURFACE_WIDTH / 40;
const PANEL_ROW = SURFACE_HEIGHT / 40;
const SCORE_CENTER_X = 60;
const SCORE_CENTER_Y = 750;

export class ScenePainter {
  private readonly camera = new Camera();
  private readonly mark = new Float32Array(8);
  /** Sine and cosine of the angles at which a wheel's mark begins and ends. */
  private readonly markBegin = new Float64Array(2);
  private readonly markEnd = new Float64Array(2);
  /** World points of the next shape. */
  private readonly world = new Float64Array(2 * MAX_VERTICES);
  private scene!: Scene;
  private background: Color = 0;
  private grass: Color = 0;
  private roadCircles: Float64Array = new Float64Array(0);
  /** The hull's polygons and the wheel's, float32 as Box2D has them. */
  private readonly hull: Float32Array[];
  private readonly wheel: Float32Array;
  /** Lays out a score's text. */
  private readonly score: (value: number) => ScoreBitmap;

  constructor(polygons: Float32Array[], score: (value: number) => ScoreBitmap) {
    this.hull = polygons.slice(0, 4);
    this.wheel = polygons[4];
    this.score = score;
  }

  load(scene: Scene): void {
    this.scene = scene;
    this.background = rgb(...scene.background);
    this.grass = rgb(...scene.grass);
    this.roadCircles = circlesAround(scene.quads);
  }

  paint(canvas: Canvas, view: View, skidMarks: boolean): void {
    this.camera.follow(view);
    this.paintField(canvas, view);
    this.paintRoad(canvas);
    if (skidMarks) this.paintSkidMarks(canvas, view);
    this.paintCar(canvas, view);
    canvas.flip();
    this.paintIndicators(canvas, view);
    const score = this.score(view.reward);
    // pygame centres a rectangle on whole pixels.
    canvas.text(score, SCORE_CENTER_X - (score.width >> 1), SCORE_CENTER_Y - (TEXT_HEIGHT >> 1));
  }

  private paintField(canvas: Canvas, view: View): void {
    const { camera } = this;
    const reach = FARTHEST / camera.zoom;
    const x = view.bodies[BodyColumn.x];
    const y = view.bodies[BodyColumn.y];
    if (Math.max(Math.abs(x), Math.abs(y)) + reach < PLAYFIELD) {
      canvas.fill(this.background);
    } else {
      canvas.fill(BLACK);
      camera.project(FIELD, 0, 4, canvas.points);
      wrapToInt16(canvas.points);
      canvas.smoothQuad(this.background);
    }
    // The rows and columns of patches that may lie within reach.
    const left = Math.max(Math.floor((x - reach + PLAYFIELD) / (2 * GRASS) - 0.5), 0);
    const right = Math.min(Math.floor((x + reach + PLAYFIELD) / (2 * GRASS)), PATCHES - 1);
    const bottom = Math.max(Math.floor((y - reach + PLAYFIELD) / (2 * GRASS) - 0.5), 0);
    const top = Math.min(Math.floor((y + reach + PLAYFIELD) / (2 * GRASS)), PATCHES - 1);
    for (let column = left; column <= right; column++) {
      for (let row = bottom; row <= top; row++) {
        const patch = column * PATCHES + row;
        if (!camera.mayShow(PATCH_CIRCLES, 3 * patch)) continue;
        camera.project(PATCH_QUADS, 8 * patch, 4, canvas.points);
        if (boxVisible(canvas.points)) canvas.smoothQuad(this.grass);
      }
    }
  }

  private paintRoad(canvas: Canvas): void {
    const { camera, roadCircles } = this;
    const { quads, quadColors } = this.scene;
    const count = quadColors.length / 3;
    for (let i = 0; i < count; i++) {
      if (!camera.mayShow(roadCircles, 3 * i)) continue;
      camera.project(quads, 8 * i, 4, canvas.points);
      if (!boxVisible(canvas.points)) continue;
      canvas.smoothQuad(rgb(quadColors[3 * i], quadColors[3 * i + 1], quadColors[3 * i + 2]));
    }
  }

  private paintSkidMarks(canvas: Canvas, view: View): void {
    for (const { points, grass } of view.skidMarks) {
      for (let i = 0; i + 3 < points.length; i += 2) {
        for (let k = 0; k < 4; k++) this.world[k] = points[i + k];
        this.camera.project(this.world, 0, 2, canvas.points);
        canvas.line(grass ? MUD : BLACK);
      }
    }
  }

  private paintCar(canvas: Canvas, view: View): void {
    for (let wheel = 0; wheel < 4; wheel++) {
      this.paintShape(canvas, view, 1 + wheel, this.wheel, BLACK);
      this.paintWheelMark(canvas, view, wheel);
    }
    for (const part of this.hull) this.paintShape(canvas, view, 0, part, HULL_RED);
  }

  /** The white of a wheel: the part of its turning mark that faces up. */
  private paintWheelMark(canvas: Canvas, view: View, wheel: number): void {
    const { markBegin, markEnd, mark } = this;
    markBegin[0] = view.phase[wheel];
    markEnd[0] = view.phase[wheel] + MARK_ANGLE;
    sinCos(markBegin);
    sinCos(markEnd);
    const beginUnder = markBegin[0] > 0;
    const endUnder = markEnd[0] > 0;
    if (beginUnder && endUnder) return;
    const beginY = beginUnder ? Math.sign(markBegin[1]) : markBegin[1];
    const endY = endUnder ? Math.sign(markEnd[1]) : markEnd[1];
    mark[0] = mark[6] = -WHEEL_HALF_WIDTH * SIZE;
    mark[2] = mark[4] = WHEEL_HALF_WIDTH * SIZE;
    mark[1] = mark[3] = WHEEL_RADIUS * beginY * SIZE;
    mark[5] = mark[7] = WHEEL_RADIUS * endY * SIZE;
    this.paintShape(canvas, view, 1 + wheel, mark, MARK_GREY);
  }

  /** A polygon fixed to a body: Box2D's float32 `b2Mul(transform, vertex)`, then the camera. */
  private paintShape(canvas: Canvas, view: View, body: number, vertices: Float32Array, color: Color): void {
    const { bodies } = view;
    const at = body * BODY_STRIDE;
    const x = bodies[at + BodyColumn.x];
    const y = bodies[at + BodyColumn.y];
    const s = bodies[at + BodyColumn.sin];
    const c = bodies[at + BodyColumn.cos];
    const { fround } = Math;
    const { world } = this;
    for (let i = 0; i < vertices.length; i += 2) {
      const vx = vertices[i];
      const vy = vertices[i + 1];
      world[i] = fround(fround(fround(c * vx) - fround(s * vy)) + x);
      world[i + 1] = fround(fround(fround(s * vx) + fround(c * vy)) + y);
    }
    this.camera.project(world, 0, vertices.length / 2, canvas.points);
    canvas.polygon(vertices.length / 2, color);
  }

  /** `CarRacing._render_indicators`. */
  private paintIndicators(canvas: Canvas, view: View): void {
    const { bodies, omega, jointAngle } = view;
    paintBox(canvas, 0, SURFACE_WIDTH, SURFACE_HEIGHT - PANEL_HEIGHT, SURFACE_HEIGHT, BLACK);
    const vx = bodies[BodyColumn.vx];
    const vy = bodies[BodyColumn.vy];
    this.world[0] = Math.sqrt(vx * vx + vy * vy);
    paintVerticalBar(canvas, 5, this.world, 0, 0.02, WHITE);
    paintVerticalBar(canvas, 7, omega, 0, 0.01, FRONT_WHEEL_BLUE);
    paintVerticalBar(canvas, 8, omega, 1, 0.01, FRONT_WHEEL_BLUE);
    paintVerticalBar(canvas, 9, omega, 2, 0.01, REAR_WHEEL_BLUE);
    paintVerticalBar(canvas, 10, omega, 3, 0.01, REAR_WHEEL_BLUE);
    paintHorizontalBar(canvas, 20, jointAngle, 0, -10, GREEN);
    paintHorizontalBar(canvas, 30, bodies, BodyColumn.w, -0.8, RED);
  }
}

/**
 * `gfxdraw` takes coordinates as int16. Only the field is drawn from far enough for them to wrap around: about 2,000 world
 * units, which a lost car reaches if it drives on.
 */
function wrapToInt16(points: Int32Array): void {
  for (let i = 0; i < 8; i++) points[i] = (points[i] << 16) >> 16;
}

/** float64 [n, 3]: around each of n quads, centre x, y and radius. */
function circlesAround(quads: Float64Array): Float64Array {
  const circles = new Float64Array((quads.length / 8) * 3);
  for (let q = 0, at = 0; q < quads.length; q += 8, at += 3) {
    const x = (quads[q] + quads[q + 2] + quads[q + 4] + quads[q + 6]) / 4;
    const y = (quads[q + 1] + quads[q + 3] + quads[q + 5] + quads[q + 7]) / 4;
    let square = 0;
    for (let c = q; c < q + 8; c += 2)
      square = Math.max(square, (quads[c] - x) ** 2 + (quads[c + 1] - y) ** 2);
    circles[at] = x;
    circles[at + 1] = y;
    circles[at + 2] = Math.sqrt(square);
  }
  return circles;
}

/** True if a quad reaches a pixel that the panel does not hide. Its edges blend at most one pixel further. */
function boxVisible(p: Int32Array): boolean {
  return (
    Math.max(p[0], p[2], p[4], p[6]) >= -1 &&
    Math.min(p[0], p[2], p[4], p[6]) <= SURFACE_WIDTH &&
    Math.max(p[1], p[3], p[5], p[7]) >= PANEL_HEIGHT - 1 &&
    Math.min(p[1], p[3], p[5], p[7]) <= SURFACE_HEIGHT
  );
}

/** Below this a value has no bar. */
const MIN_SHOWN = 1e-4;

function paintVerticalBar(
  canvas: Canvas,
  place: number,
  values: Float64Array,
  index: number,
  scale: number,
  color: Color,
): void {
  const value = values[index];
  if (Math.abs(value) <= MIN_SHOWN) return;
  const top = SURFACE_HEIGHT - (PANEL_ROW + PANEL_ROW * (scale * value));
  const left = place * PANEL_COLUMN;
  paintBox(canvas, left, left + PANEL_COLUMN, top | 0, SURFACE_HEIGHT - PANEL_ROW, color);
}

function paintHorizontalBar(
  canvas: Canvas,
  place: number,
  values: Float32Array,
  index: number,
  scale: number,
  color: Color,
): void {
  const value = values[index];
  if (Math.abs(value) <= MIN_SHOWN) return;
  const right = (place + scale * value) * PANEL_COLUMN;
  const top = SURFACE_HEIGHT - 4 * PANEL_ROW;
  paintBox(canvas, place * PANEL_COLUMN, right | 0, top, top + 2 * PANEL_ROW, color);
}

/** `pygame.draw.polygon` of an upright box, whole pixels; an end may lie on either side of the other. */
function paintBox(canvas: Canvas, x0: number, x1: number, y0: number, y1: number, color: Color): void {
  const { points } = canvas;
  points[0] = points[6] = x0;
  points[2] = points[4] = x1;
  points[1] = points[3] = y0;
  points[5] = points[7] = y1;
  canvas.polygon(4, color);
}
