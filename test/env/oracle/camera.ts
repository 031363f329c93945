/**
 * Turns world units into pixels of the 1000×800 surface, with the arithmetic of `CarRacing._render`: pygame's
 * `Vector2.rotate_rad`, then zoom and translation, all in float64, cut to whole pixels at the end.
 */
import { SCALE } from "../../../env/car-racing/core/constants.ts";
import { BodyColumn, type View } from "../../../env/car-racing/view.ts";
import { sinCos } from "../../../env/math.ts";

export const SURFACE_WIDTH = 1000;
export const SURFACE_HEIGHT = 800;

/** The panel: the lowest eighth of the picture, which hides the scene there. */
export const PANEL_HEIGHT = SURFACE_HEIGHT / 8;

/** Pixels per world unit at the start (`0.1 * SCALE`) and from one second on (`ZOOM * SCALE`). */
const START_ZOOM = 0.1 * SCALE;
const FINAL_ZOOM = 2.7 * SCALE;

/** `Vector2.epsilon`: so near to a multiple of a quarter turn pygame turns by exactly that. */
const EPSILON = 1e-6;

export class Camera {
  /** Pixels per world unit. */
  zoom = 0;
  private readonly turned = new Float64Array(2);
  private cos = 1;
  private sin = 0;
  private x = 0;
  private y = 0;

  /** Looks from above at the hull: the hull lies at (500, 200) and points up, before the surface is flipped. */
  follow(view: View): void {
    const { bodies, time } = view;
    this.turn(-bodies[BodyColumn.angle]);
    this.zoom = START_ZOOM * Math.max(1 - time, 0) + FINAL_ZOOM * Math.min(time, 1);
    const x = -bodies[BodyColumn.x] * this.zoom;
    const y = -bodies[BodyColumn.y] * this.zoom;
    this.x = SURFACE_WIDTH / 2 + (this.cos * x - this.sin * y);
    this.y = SURFACE_HEIGHT / 4 + (this.sin * x + this.cos * y);
  }

  private turn(radians: number): void {
    let angle = radians % (2 * Math.PI);
    if (angle < 0) angle += 2 * Math.PI;
    if ((angle + EPSILON) % (Math.PI / 2) < 2 * EPSILON) {
      const quarter = Math.trunc((angle + EPSILON) / (Math.PI / 2)) % 4;
      this.cos = [1, 0, -1, 0][quarter];
      this.sin = [0, 1, 0, -1][quarter];
    } else {
      this.turned[0] = angle;
      sinCos(this.turned);
      this.sin = this.turned[0];
      this.cos = this.turned[1];
    }
  }

  /**
   * Writes columns and rows of `count` world points (x, y, x, y, … from `at` on) to `out`, which cuts them to whole
   * numbers. Rows count from the bottom of the finished picture. Arrays pass the numbers, since those that are passed
   * one by one end up on the heap.
   */
  project(points: Float64Array, at: number, count: number, out: Int32Array): void {
    const { cos, sin, zoom } = this;
    for (let i = 0; i < 2 * count; i += 2) {
      const x = points[at + i];
      const y = points[at + i + 1];
      out[i] = (cos * x - sin * y) * zoom + this.x;
      out[i + 1] = (sin * x + cos * y) * zoom + this.y;
    }
  }

  /**
   * True if a circle of the world (x, y, radius from `at` on) may reach the surface above the panel; the test leaves two
   * pixels for rounding.
   */
  mayShow(circles: Float64Array, at: number): boolean {
    const { cos, sin, zoom } = this;
    const x = circles[at];
    const y = circles[at + 1];
    const reach = circles[at + 2] * zoom + 2;
    const column = (cos * x - sin * y) * zoom + this.x;
    if (column < -reach || column > SURFACE_WIDTH + reach) return false;
    const row = (sin * x + cos * y) * zoom + this.y;
    return row > PANEL_HEIGHT - reach && row < SURFACE_HEIGHT + reach;
  }
}
