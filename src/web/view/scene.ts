/**
 * The view for people: the same world as the network's 96×96 pixels, drawn as vectors, so that it is sharp at every
 * size and pixel density, and drawn between two steps, so that 50 steps a second look smooth at any frame rate. It
 * shows at least what the network sees: as far ahead, and wider.
 */
import { BODY_STRIDE, BodyColumn } from "../../../env/car-racing/physics/physics.ts";
import type { Scene, SkidMark, View } from "../../../env/car-racing/render/renderer.ts";

// Gymnasium's car_dynamics.py and car_racing.py: shapes in their drawing units of 0.02 world units, colours in bytes.
const SIZE = 0.02;
const HULL = [
  [-60, 130, 60, 130, 60, 110, -60, 110],
  [-15, 120, 15, 120, 20, 20, -20, 20],
  [25, 20, 50, -10, 50, -40, 20, -90, -20, -90, -50, -40, -50, -10, -25, 20],
  [-50, -120, 50, -120, 50, -90, -50, -90],
];
const WHEEL_HALF_WIDTH = 14 * SIZE;
const WHEEL_RADIUS = 27 * SIZE;
const HULL_COLOR = "rgb(204 0 0)";
const WHEEL_COLOR = "rgb(0 0 0)";
const WHEEL_STRIPE = "rgb(77 77 77)";
/** The stripe that shows a wheel turning covers this much of its circumference, radians. */
const STRIPE_ARC = 1.2;
const MUD_COLOR = "rgb(102 102 0)";
/** Half the side of the playfield, and the side of a grass square. World units. */
const PLAYFIELD = 2000 / 6;
const GRASS = PLAYFIELD / 20;

/** World units from the bottom edge of the view to the top one, as in Gymnasium: 800 pixels at 16.2 a unit. */
const NEAR_HEIGHT = 800 / 16.2;
/** The same where the view starts before a drive: the playfield with a margin. */
const FAR_HEIGHT = 2.4 * PLAYFIELD;
/** The car's place: this share of the height above the bottom edge. */
const CAR_HEIGHT = 0.25;

const WHEELS = 4;

/** What moves, at one step: x, y, angle of the five bodies, then the rotation of the four wheels. */
class Pose {
  readonly bodies = new Float64Array(3 * (WHEELS + 1));
  readonly phase = new Float64Array(WHEELS);

  read(view: View): void {
    for (let i = 0; i <= WHEELS; i++) {
      this.bodies[3 * i] = view.bodies[i * BODY_STRIDE + BodyColumn.x];
      this.bodies[3 * i + 1] = view.bodies[i * BODY_STRIDE + BodyColumn.y];
      this.bodies[3 * i + 2] = view.bodies[i * BODY_STRIDE + BodyColumn.angle];
    }
    this.phase.set(view.phase);
  }

  copy(other: Pose): void {
    this.bodies.set(other.bodies);
    this.phase.set(other.phase);
  }

  /** The pose `share` of the way from `a` to `b`. */
  mix(a: Pose, b: Pose, share: number): void {
    for (let i = 0; i < this.bodies.length; i++)
      this.bodies[i] = a.bodies[i] + share * (b.bodies[i] - a.bodies[i]);
    for (let i = 0; i < WHEELS; i++) this.phase[i] = a.phase[i] + share * (b.phase[i] - a.phase[i]);
  }
}

export class SceneView {
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly hull = hullPath();
  private readonly grass = grassPath();
  private road: { color: string; path: Path2D }[] = [];
  private colors = { background: "", grass: "" };
  private skidMarks: readonly SkidMark[] = [];
  private readonly before = new Pose();
  private readonly after = new Pose();
  private readonly shown = new Pose();

  /** Draws into `canvas` and keeps its pixels those of the display, whatever its size on the page. */
  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false })!;
    new ResizeObserver(() => {
      canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
      canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
    }).observe(canvas);
  }

  /** Call after a reset. */
  load(scene: Scene, view: View): void {
    this.road = roadPaths(scene);
    this.colors = { background: rgb(scene.background), grass: rgb(scene.grass) };
    this.after.read(view);
    this.before.copy(this.after);
    this.skidMarks = view.skidMarks;
  }

  /** Call after each step. */
  step(view: View): void {
    this.before.copy(this.after);
    this.after.read(view);
    this.skidMarks = view.skidMarks;
  }

  /**
   * @param fraction how far the display is from the step before the last (0) to the last (1)
   * @param approach 0: the whole playfield, 1: near the car
   */
  draw(fraction: number, approach: number): void {
    const { context, canvas, shown } = this;
    shown.mix(this.before, this.after, fraction);
    const [x, y, angle] = shown.bodies;
    const zoom = canvas.height / (FAR_HEIGHT * (NEAR_HEIGHT / FAR_HEIGHT) ** approach);
    const sin = zoom * Math.sin(angle);
    const cos = zoom * Math.cos(angle);
    // World to canvas: the car at its place with its nose up; y grows downwards on a canvas.
    const place = [canvas.width / 2, canvas.height * (1 - CAR_HEIGHT)];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "rgb(0 0 0)"; // beyond the playfield
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.setTransform(cos, sin, sin, -cos, place[0] - x * cos - y * sin, place[1] - x * sin + y * cos);
    this.drawGround(1 / zoom);
    this.drawSkidMarks();
    this.drawCar(shown, HULL_COLOR);
  }

  /** @param pixel size of a canvas pixel in world units */
  private drawGround(pixel: number): void {
    const { context } = this;
    context.fillStyle = this.colors.background;
    context.fillRect(-PLAYFIELD, -PLAYFIELD, 2 * PLAYFIELD, 2 * PLAYFIELD);
    context.fillStyle = this.colors.grass;
    context.fill(this.grass);
    context.lineWidth = pixel;
    for (const { color, path } of this.road) {
      context.fillStyle = context.strokeStyle = color;
      context.fill(path);
      context.stroke(path); // closes the hairlines that anti-aliasing leaves between neighbouring tiles
    }
  }

  private drawSkidMarks(): void {
    const { context } = this;
    context.lineWidth = 2 / 16.2; // two of Gymnasium's pixels
    for (const { points, grass } of this.skidMarks) {
      context.strokeStyle = grass ? MUD_COLOR : WHEEL_COLOR;
      context.beginPath();
      for (let i = 0; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
      context.stroke();
    }
  }

  private drawCar(pose: Pose, color: string): void {
    const { context } = this;
    const { bodies, phase } = pose;
    for (let i = 0; i < WHEELS; i++) {
      context.save();
      context.translate(bodies[3 * i + 3], bodies[3 * i + 4]);
      context.rotate(bodies[3 * i + 5]);
      context.fillStyle = WHEEL_COLOR;
      context.fillRect(-WHEEL_HALF_WIDTH, -WHEEL_RADIUS, 2 * WHEEL_HALF_WIDTH, 2 * WHEEL_RADIUS);
      const stripe = wheelStripe(phase[i]);
      if (stripe) {
        context.fillStyle = WHEEL_STRIPE;
        context.fillRect(-WHEEL_HALF_WIDTH, stripe[0], 2 * WHEEL_HALF_WIDTH, stripe[1] - stripe[0]);
      }
      context.restore();
    }
    context.save();
    context.translate(bodies[0], bodies[1]);
    context.rotate(bodies[2]);
    context.fillStyle = color;
    context.fill(this.hull);
    context.restore();
  }
}

/** Where the stripe on a wheel's tread begins and ends along the wheel, seen from above; null while it is below. */
function wheelStripe(phase: number): [from: number, to: number] | null {
  const ends = [phase, phase + STRIPE_ARC].map((a) => ({ sin: Math.sin(a), cos: Math.cos(a) }));
  if (ends[0].sin > 0 && ends[1].sin > 0) return null;
  const [from, to] = ends.map(({ sin, cos }) => WHEEL_RADIUS * (sin > 0 ? Math.sign(cos) : cos));
  return [from, to];
}

function hullPath(): Path2D {
  const path = new Path2D();
  for (const polygon of HULL)
    addPolygon(
      path,
      polygon.map((v) => v * SIZE),
    );
  return path;
}

/** Every second square of the playfield in both directions, as Gymnasium lays them. */
function grassPath(): Path2D {
  const path = new Path2D();
  for (let x = -20; x < 20; x += 2)
    for (let y = -20; y < 20; y += 2) path.rect(x * GRASS, y * GRASS, GRASS, GRASS);
  return path;
}

/** One path for each colour, in the order in which the colours first appear: the tiles' shades, then the kerbs. */
function roadPaths(scene: Scene): { color: string; path: Path2D }[] {
  const paths = new Map<string, Path2D>();
  for (let i = 0; i < scene.quads.length / 8; i++) {
    const color = rgb(scene.quadColors.subarray(3 * i, 3 * i + 3));
    if (!paths.has(color)) paths.set(color, new Path2D());
    addPolygon(paths.get(color)!, scene.quads.subarray(8 * i, 8 * i + 8));
  }
  return [...paths].map(([color, path]) => ({ color, path }));
}

function addPolygon(path: Path2D, corners: ArrayLike<number>): void {
  path.moveTo(corners[0], corners[1]);
  for (let i = 2; i < corners.length; i += 2) path.lineTo(corners[i], corners[i + 1]);
  path.closePath();
}

function rgb(color: ArrayLike<number>): string {
  return `rgb(${color[0]} ${color[1]} ${color[2]})`;
}
