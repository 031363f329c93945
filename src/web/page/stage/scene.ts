/**
 * The view for people: the world of the network's 96×96 pixels, drawn as vectors, so that it is sharp at every size and
 * pixel density. Cars are drawn between two steps, so that 50 steps a second look smooth at any frame rate. The view
 * shows at least as much as the network sees: as far ahead, and wider.
 */
import { HULL_POLYGONS, WHEEL_HALF_WIDTH, WHEEL_RADIUS } from "../../../../env/car-racing/car-shape.ts";
import { GRASS_PATCHES, PLAYFIELD, SIZE, WHEELS } from "../../../../env/car-racing/core/constants.ts";
import type { Scene, SkidMark } from "../../../../env/car-racing/view.ts";
import { Pose } from "../run/pose.ts";
import type { Timeline } from "../run/timeline.ts";

// Colours and sizes of Gymnasium's car_dynamics.py and car_racing.py.
const WHEEL_COLOR = "rgb(0 0 0)";
const WHEEL_STRIPE = "rgb(77 77 77)";
const RADIUS = WHEEL_RADIUS * SIZE;
const HALF_WIDTH = WHEEL_HALF_WIDTH * SIZE;
/** Length of the stripe that shows a wheel turning, radians of its circumference. */
const STRIPE_ARC = 1.2;
const MUD_COLOR = "rgb(102 102 0)";
/** Hull of the car that is driven, as in Gymnasium. */
export const CAR_COLOR = "rgb(204 0 0)";
/** Hull of the opponent's car. */
export const RIVAL_COLOR = "rgb(30 80 220)";
/** Side of a grass square, world units. */
const GRASS = PLAYFIELD / GRASS_PATCHES;

/** World units from the bottom edge of the view to the top one, as in Gymnasium: 800 pixels at 16.2 a unit. */
const NEAR_HEIGHT = 800 / 16.2;
/** World units around the track in the view before the start. */
const MARGIN = 25;
/** Height of the car above the bottom edge, as a share of the view's height. */
const CAR_HEIGHT = 0.25;

/** Upper bound of the distance between two corners of a tile, world units. */
const TILE = 20;

/** The view. */
export class SceneView {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #hull = hullPath();
  readonly #grass = grassPath();
  readonly #shown = new Pose();
  readonly #rival = new Pose();
  /** Distance from the car beyond which nothing is on the canvas, world units. */
  #reach = 0;

  /**
   * Draws into `canvas` and gives it the pixels of the display, whatever its size on the page.
   * @param resized called when the canvas was cleared and must be drawn again
   */
  constructor(canvas: HTMLCanvasElement, resized: () => void) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false })!;
    new ResizeObserver(() => {
      canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
      canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
      resized();
    }).observe(canvas);
  }

  /**
   * Draws an episode.
   * @param rival opponent on the same track, or null
   * @param fraction position of the display between the step before the last (0) and the last (1)
   * @param approach 0 shows the whole track, 1 the car
   */
  draw(run: Timeline, rival: Timeline | null, fraction: number, approach: number): void {
    const context = this.#context;
    const shown = this.#shown;
    const { width, height } = this.#canvas;
    const { scene, view } = run.car;
    shown.mix(run.before, run.after, fraction);
    const [x, y, angle] = shown.bodies;
    const near = height / NEAR_HEIGHT;
    let [zoom, column, row] = [near, width / 2, height * (1 - CAR_HEIGHT)];
    if (approach < 1) {
      // Equal times zoom by equal factors.
      const far = overview(run.car.track, angle, width, height);
      const [farColumn, farRow] = far.place(x, y);
      zoom = far.zoom * (near / far.zoom) ** approach;
      column = approach * column + (1 - approach) * farColumn;
      row = approach * row + (1 - approach) * farRow;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "rgb(0 0 0)"; // beyond the playfield
    context.fillRect(0, 0, width, height);
    // World to canvas, whose y grows downwards.
    context.translate(column, row);
    context.scale(zoom, -zoom);
    context.rotate(-angle);
    context.translate(-x, -y);
    this.#reach = approach < 1 ? Number.POSITIVE_INFINITY : Math.hypot(width / 2, height) / zoom + TILE;
    this.#drawGround(scene, 1 / zoom);
    this.#drawSkidMarks(view.skidMarks);
    if (rival) {
      this.#rival.mix(rival.before, rival.after, fraction);
      this.#drawCar(this.#rival, RIVAL_COLOR);
    }
    this.#drawCar(shown, CAR_COLOR);
  }

  /** @param pixel size of a canvas pixel in world units */
  #drawGround(scene: Scene, pixel: number): void {
    const context = this.#context;
    context.fillStyle = rgb(scene.background, 0);
    context.fillRect(-PLAYFIELD, -PLAYFIELD, 2 * PLAYFIELD, 2 * PLAYFIELD);
    context.fillStyle = rgb(scene.grass, 0);
    context.fill(this.#grass);
    context.lineWidth = pixel;
    for (let quad = 0; quad < scene.quads.length / 8; quad++) {
      if (!this.#near(scene.quads[8 * quad], scene.quads[8 * quad + 1])) continue;
      context.beginPath();
      addPolygon(context, scene.quads, 8 * quad, 8);
      context.fillStyle = context.strokeStyle = rgb(scene.quadColors, 3 * quad);
      context.fill();
      context.stroke(); // closes the hairlines that anti-aliasing leaves between neighbouring tiles
    }
  }

  /** True if something the size of a tile may be visible at a place. */
  #near(x: number, y: number): boolean {
    const [carX, carY] = this.#shown.bodies;
    return Math.abs(x - carX) < this.#reach && Math.abs(y - carY) < this.#reach;
  }

  #drawSkidMarks(skidMarks: readonly SkidMark[]): void {
    const context = this.#context;
    context.lineWidth = 2 / 16.2; // two of Gymnasium's pixels
    for (const { points, grass } of skidMarks) {
      context.strokeStyle = grass ? MUD_COLOR : WHEEL_COLOR;
      context.beginPath();
      for (let i = 0; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
      context.stroke();
    }
  }

  #drawCar(pose: Pose, color: string): void {
    const context = this.#context;
    const { bodies, phase } = pose;
    for (let i = 0; i < WHEELS; i++) {
      context.save();
      context.translate(bodies[3 * i + 3], bodies[3 * i + 4]);
      context.rotate(bodies[3 * i + 5]);
      context.fillStyle = WHEEL_COLOR;
      context.fillRect(-HALF_WIDTH, -RADIUS, 2 * HALF_WIDTH, 2 * RADIUS);
      const stripe = wheelStripe(phase[i]);
      if (stripe) {
        context.fillStyle = WHEEL_STRIPE;
        context.fillRect(-HALF_WIDTH, stripe[0], 2 * HALF_WIDTH, stripe[1] - stripe[0]);
      }
      context.restore();
    }
    context.save();
    context.translate(bodies[0], bodies[1]);
    context.rotate(bodies[2]);
    context.fillStyle = color;
    context.fill(this.#hull);
    context.restore();
  }
}

/**
 * The view of a whole track, turned so that a car of this angle points up.
 * @param track float64 [n, 4]: alpha, beta, x, y
 * @param width of the canvas, pixels
 * @param height of the canvas, pixels
 * @returns `zoom` in pixels per world unit, and `place`, which maps world coordinates to the canvas
 */
export function overview(track: Float64Array, angle: number, width: number, height: number) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  /** Distance to the car's right, and ahead of it. */
  const turn = (x: number, y: number) => [x * cos + y * sin, y * cos - x * sin] as const;
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < track.length; i += 4) {
    const [u, v] = turn(track[i + 2], track[i + 3]);
    [left, right] = [Math.min(left, u), Math.max(right, u)];
    [bottom, top] = [Math.min(bottom, v), Math.max(top, v)];
  }
  const zoom = Math.min(width / (right - left + 2 * MARGIN), height / (top - bottom + 2 * MARGIN));
  const place = (x: number, y: number) => {
    const [u, v] = turn(x, y);
    return [
      width / 2 + zoom * (u - (left + right) / 2),
      height / 2 - zoom * (v - (bottom + top) / 2),
    ] as const;
  };
  return { zoom, place };
}

/** Ends of the stripe on a wheel's tread, along the wheel as seen from above; null while it is underneath. */
function wheelStripe(phase: number): [from: number, to: number] | null {
  const ends = [phase, phase + STRIPE_ARC].map((a) => ({ sin: Math.sin(a), cos: Math.cos(a) }));
  if (ends[0].sin > 0 && ends[1].sin > 0) return null;
  const [from, to] = ends.map(({ sin, cos }) => RADIUS * (sin > 0 ? Math.sign(cos) : cos));
  return [from, to];
}

function hullPath(): Path2D {
  const path = new Path2D();
  for (const polygon of HULL_POLYGONS) {
    const corners = polygon.map((v) => v * SIZE);
    addPolygon(path, corners, 0, corners.length);
  }
  return path;
}

/** Every second square of the playfield in both directions, as in Gymnasium. */
function grassPath(): Path2D {
  const path = new Path2D();
  for (let x = -20; x < 20; x += 2)
    for (let y = -20; y < 20; y += 2) path.rect(x * GRASS, y * GRASS, GRASS, GRASS);
  return path;
}

/** Adds a polygon of `count` numbers (x, y, …) from index `from` on. */
function addPolygon(path: CanvasPath, corners: ArrayLike<number>, from: number, count: number): void {
  path.moveTo(corners[from], corners[from + 1]);
  for (let i = 2; i < count; i += 2) path.lineTo(corners[from + i], corners[from + i + 1]);
  path.closePath();
}

function rgb(bytes: ArrayLike<number>, from: number): string {
  return `rgb(${bytes[from]} ${bytes[from + 1]} ${bytes[from + 2]})`;
}
