/**
 * Draws one moment of a CarRacing episode on a canvas, in the order and with the arithmetic of `CarRacing._render`:
 * field, grass, road, skid marks, car, then, the picture turned upside down, the panel with its indicators and score.
 * What cannot reach a visible pixel is left out; the result is the same.
 */
import { cos, sin } from "../../math.ts";
import { BODY_STRIDE, BodyColumn } from "../physics/physics.ts";
import { Camera, SURFACE_HEIGHT, SURFACE_WIDTH } from "./camera.ts";
import { type Canvas, type Color, rgb } from "./canvas.ts";
import { ScoreBitmap, TEXT_HEIGHT } from "./glyphs.ts";
import type { Scene, View } from "./renderer.ts";

const SCALE = 6;
/** Half the side of the field, world units. */
const PLAYFIELD = 2000 / SCALE;
/** Side of a grass patch, world units. Patches lie on every second column and row. */
const GRASS = PLAYFIELD / 20;

/** World units per unit of the car's plan (`car_dynamics.SIZE`). */
const SIZE = 0.02;
const WHEEL_RADIUS = 27;
const WHEEL_HALF_WIDTH = 14;
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

/** Vertices in the order Box2D's convex hull gives them, as float32. */
function shape(...plan: number[]): Float32Array {
  return Float32Array.from(plan, (v) => v * SIZE);
}
const WHEEL = shape(14, -27, 14, 27, -14, 27, -14, -27);
const HULL = [
  shape(60, 110, 60, 130, -60, 130, -60, 110),
  shape(20, 20, 15, 120, -15, 120, -20, 20),
  shape(50, -40, 50, -10, 25, 20, -25, 20, -50, -10, -50, -40, -20, -90, 20, -90),
  shape(50, -120, 50, -90, -50, -90, -50, -120),
];

/** The panel: the lowest eighth of the picture, which hides what was drawn there. */
const PANEL_HEIGHT = SURFACE_HEIGHT / 8;
/** Widths and heights in the panel count in these, pixels. */
const PANEL_COLUMN = SURFACE_WIDTH / 40;
const PANEL_ROW = SURFACE_HEIGHT / 40;
const SCORE_CENTER_X = 60;
const SCORE_CENTER_Y = 750;

export class ScenePainter {
  private readonly camera = new Camera();
  private readonly score = new ScoreBitmap();
  private readonly mark = new Float32Array(8);
  private scene!: Scene;
  /** Centre x, y and radius of each quad, world units. */
  private circles = new Float64Array(0);

  load(scene: Scene): void {
    this.scene = scene;
    const count = scene.quads.length / 8;
    this.circles = new Float64Array(count * 3);
    for (let i = 0; i < count; i++) {
      const corners = scene.quads.subarray(i * 8, i * 8 + 8);
      const x = (corners[0] + corners[2] + corners[4] + corners[6]) / 4;
      const y = (corners[1] + corners[3] + corners[5] + corners[7]) / 4;
      let radius = 0;
      for (let c = 0; c < 8; c += 2)
        radius = Math.max(radius, Math.hypot(corners[c] - x, corners[c + 1] - y));
      this.circles.set([x, y, radius], i * 3);
    }
  }

  paint(canvas: Canvas, view: View, skidMarks: boolean): void {
    this.camera.follow(view);
    this.paintField(canvas, view);
    this.paintRoad(canvas);
    if (skidMarks) this.paintSkidMarks(canvas, view);
    this.paintCar(canvas, view);
    canvas.flip();
    this.paintIndicators(canvas, view);
    this.score.set(view.reward);
    // pygame centres a rectangle on whole pixels.
    canvas.text(this.score, SCORE_CENTER_X - (this.score.width >> 1), SCORE_CENTER_Y - (TEXT_HEIGHT >> 1));
  }

  private paintField(canvas: Canvas, view: View): void {
    const { background, grass } = this.scene;
    // No pixel is farther from the hull than the upper corners: 500 columns, 600 rows.
    const reach = (Math.hypot(500, 600) + 4) / this.camera.zoom;
    const x = view.bodies[BodyColumn.x];
    const y = view.bodies[BodyColumn.y];
    if (Math.max(Math.abs(x), Math.abs(y)) + reach < PLAYFIELD) {
      canvas.fill(rgb(...background));
    } else {
      canvas.fill(BLACK);
      this.project(canvas, 0, PLAYFIELD, PLAYFIELD);
      this.project(canvas, 1, PLAYFIELD, -PLAYFIELD);
      this.project(canvas, 2, -PLAYFIELD, -PLAYFIELD);
      this.project(canvas, 3, -PLAYFIELD, PLAYFIELD);
      canvas.smoothQuad(rgb(...background));
    }
    const color = rgb(...grass);
    const firstX = firstPatch(x - reach);
    const firstY = firstPatch(y - reach);
    for (let i = firstX; i < 20 && GRASS * i <= x + reach; i += 2) {
      for (let j = firstY; j < 20 && GRASS * j <= y + reach; j += 2) {
        if (!this.circleVisible(GRASS * (i + 0.5), GRASS * (j + 0.5), GRASS * Math.SQRT1_2)) continue;
        this.project(canvas, 0, GRASS * i + GRASS, GRASS * j);
        this.project(canvas, 1, GRASS * i, GRASS * j);
        this.project(canvas, 2, GRASS * i, GRASS * j + GRASS);
        this.project(canvas, 3, GRASS * i + GRASS, GRASS * j + GRASS);
        if (boxVisible(canvas.points)) canvas.smoothQuad(color);
      }
    }
  }

  private paintRoad(canvas: Canvas): void {
    const { quads, quadColors } = this.scene;
    const circles = this.circles;
    for (let i = 0, c = 0; c < circles.length; i++, c += 3) {
      if (!this.circleVisible(circles[c], circles[c + 1], circles[c + 2])) continue;
      for (let corner = 0; corner < 4; corner++) {
        const at = i * 8 + corner * 2;
        this.project(canvas, corner, quads[at], quads[at + 1]);
      }
      if (!boxVisible(canvas.points)) continue;
      canvas.smoothQuad(rgb(quadColors[i * 3], quadColors[i * 3 + 1], quadColors[i * 3 + 2]));
    }
  }

  private paintSkidMarks(canvas: Canvas, view: View): void {
    for (const { points, grass } of view.skidMarks) {
      for (let i = 0; i + 3 < points.length; i += 2) {
        this.project(canvas, 0, points[i], points[i + 1]);
        this.project(canvas, 1, points[i + 2], points[i + 3]);
        canvas.line(grass ? MUD : BLACK);
      }
    }
  }

  private paintCar(canvas: Canvas, view: View): void {
    for (let wheel = 0; wheel < 4; wheel++) {
      this.paintShape(canvas, view, 1 + wheel, WHEEL, BLACK);
      this.paintWheelMark(canvas, view, wheel);
    }
    for (const part of HULL) this.paintShape(canvas, view, 0, part, HULL_RED);
  }

  /** The white of a wheel: what of its turning mark looks up. */
  private paintWheelMark(canvas: Canvas, view: View, wheel: number): void {
    const begin = view.phase[wheel];
    const end = begin + MARK_ANGLE;
    const beginUnder = sin(begin) > 0;
    const endUnder = sin(end) > 0;
    if (beginUnder && endUnder) return;
    const beginY = beginUnder ? Math.sign(cos(begin)) : cos(begin);
    const endY = endUnder ? Math.sign(cos(end)) : cos(end);
    const mark = this.mark;
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
    const count = vertices.length / 2;
    for (let i = 0; i < count; i++) {
      const vx = vertices[i * 2];
      const vy = vertices[i * 2 + 1];
      const worldX = fround(fround(fround(c * vx) - fround(s * vy)) + x);
      const worldY = fround(fround(fround(s * vx) + fround(c * vy)) + y);
      this.project(canvas, i, worldX, worldY);
    }
    canvas.polygon(count, color);
  }

  /** `CarRacing._render_indicators`. */
  private paintIndicators(canvas: Canvas, view: View): void {
    const { bodies, omega, jointAngle } = view;
    paintBox(canvas, 0, SURFACE_WIDTH, SURFACE_HEIGHT - PANEL_HEIGHT, SURFACE_HEIGHT, BLACK);
    const vx = bodies[BodyColumn.vx];
    const vy = bodies[BodyColumn.vy];
    const speed = Math.sqrt(vx * vx + vy * vy);
    paintVerticalBar(canvas, 5, speed, 0.02, WHITE);
    paintVerticalBar(canvas, 7, omega[0], 0.01, FRONT_WHEEL_BLUE);
    paintVerticalBar(canvas, 8, omega[1], 0.01, FRONT_WHEEL_BLUE);
    paintVerticalBar(canvas, 9, omega[2], 0.01, REAR_WHEEL_BLUE);
    paintVerticalBar(canvas, 10, omega[3], 0.01, REAR_WHEEL_BLUE);
    paintHorizontalBar(canvas, 20, jointAngle[0], -10, GREEN);
    paintHorizontalBar(canvas, 30, bodies[BodyColumn.w], -0.8, RED);
  }

  private project(canvas: Canvas, vertex: number, x: number, y: number): void {
    canvas.points[vertex * 2] = this.camera.column(x, y);
    canvas.points[vertex * 2 + 1] = this.camera.row(x, y);
  }

  /** Whether a circle of the world may reach a pixel that the panel does not hide; two pixels are for rounding. */
  private circleVisible(x: number, y: number, radius: number): boolean {
    const reach = radius * this.camera.zoom + 2;
    const column = this.camera.column(x, y);
    if (column < -reach || column > SURFACE_WIDTH + reach) return false;
    const row = this.camera.row(x, y);
    return row > PANEL_HEIGHT - reach && row < SURFACE_HEIGHT + reach;
  }
}

/** Index of the first grass patch that may reach past a world coordinate. */
function firstPatch(coordinate: number): number {
  return Math.max(-20, 2 * Math.floor((coordinate / GRASS - 1) / 2));
}

/** Whether a quad reaches a pixel that the panel does not hide. Its edges blend one pixel further at most. */
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

function paintVerticalBar(canvas: Canvas, place: number, value: number, scale: number, color: Color): void {
  if (Math.abs(value) <= MIN_SHOWN) return;
  const top = SURFACE_HEIGHT - (PANEL_ROW + PANEL_ROW * (scale * value));
  const left = place * PANEL_COLUMN;
  paintBox(canvas, left, left + PANEL_COLUMN, top, SURFACE_HEIGHT - PANEL_ROW, color);
}

function paintHorizontalBar(canvas: Canvas, place: number, value: number, scale: number, color: Color): void {
  if (Math.abs(value) <= MIN_SHOWN) return;
  const right = (place + scale * value) * PANEL_COLUMN;
  const top = SURFACE_HEIGHT - 4 * PANEL_ROW;
  paintBox(canvas, place * PANEL_COLUMN, right, top, top + 2 * PANEL_ROW, color);
}

/** `pygame.draw.polygon` of an upright box; an end may lie on either side of the other. */
function paintBox(canvas: Canvas, x0: number, x1: number, y0: number, y1: number, color: Color): void {
  const { points } = canvas;
  points[0] = points[6] = x0;
  points[2] = points[4] = x1;
  points[1] = points[3] = y0;
  points[5] = points[7] = y1;
  canvas.polygon(4, color);
}
