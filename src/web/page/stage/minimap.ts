/** A small map of the whole track and its cars, on a canvas of its own over a corner of the view. */
import type { Timeline } from "../run/timeline.ts";
import { CAR_COLOR, RIVAL_COLOR } from "./scene.ts";

/** World units between the track and the edge of the map. */
const MARGIN = 22;
/** Width of the road and radius of a car's dot, world units: wider than they are, so that they are seen. */
const ROAD_WIDTH = 11;
const DOT_RADIUS = 13;

/** The map. */
export class MiniMap {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #track: Float64Array | null = null;
  #road = new Path2D();
  /** Width and height of the map, then the coordinates of its middle. World units. */
  #span = 0;
  #x = 0;
  #y = 0;

  /**
   * Draws into `canvas` and gives it the pixels of the display. An observer reports its size, because asking for it in
   * the middle of a frame would lay out the page once more.
   * @param resized called when the canvas was cleared and must be drawn again
   */
  constructor(canvas: HTMLCanvasElement, resized: () => void) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d")!;
    new ResizeObserver(() => {
      canvas.width = canvas.height = Math.round(canvas.clientWidth * devicePixelRatio);
      resized();
    }).observe(canvas);
  }

  /**
   * Draws the map.
   * @param rival opponent, or null
   * @param wanted false while the view itself shows the whole track
   */
  draw(run: Timeline, rival: Timeline | null, wanted: boolean): void {
    const canvas = this.#canvas;
    const context = this.#context;
    if (canvas.hidden === wanted) canvas.hidden = !wanted;
    const side = canvas.width;
    if (side === 0) return; // hidden, as on a phone
    if (this.#track !== run.car.track) {
      this.#track = run.car.track;
      this.#road = roadPath(this.#track);
      this.#fit(this.#track);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, side, side);
    const zoom = side / this.#span;
    context.setTransform(zoom, 0, 0, -zoom, side / 2 - zoom * this.#x, side / 2 + zoom * this.#y);
    context.lineWidth = ROAD_WIDTH;
    context.strokeStyle = "rgb(255 255 255 / 0.85)";
    context.stroke(this.#road);
    if (rival) this.#dot(rival, RIVAL_COLOR);
    this.#dot(run, CAR_COLOR);
  }

  #fit(track: Float64Array): void {
    const xs = track.filter((_, i) => i % 4 === 2);
    const ys = track.filter((_, i) => i % 4 === 3);
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const [bottom, top] = [Math.min(...ys), Math.max(...ys)];
    this.#span = Math.max(right - left, top - bottom) + 2 * MARGIN;
    this.#x = (left + right) / 2;
    this.#y = (bottom + top) / 2;
  }

  #dot({ after }: Timeline, color: string): void {
    const context = this.#context;
    context.beginPath();
    context.arc(after.bodies[0], after.bodies[1], DOT_RADIUS, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
    context.lineWidth = 4;
    context.strokeStyle = "white";
    context.stroke();
  }
}

/** @param track float64 [n, 4]: alpha, beta, x, y */
function roadPath(track: Float64Array): Path2D {
  const path = new Path2D();
  for (let i = 0; i < track.length; i += 4) path.lineTo(track[i + 2], track[i + 3]);
  path.closePath();
  return path;
}
