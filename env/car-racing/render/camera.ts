/**
 * From world units to pixels of the 1000×800 surface, with the arithmetic of `CarRacing._render`: pygame's
 * `Vector2.rotate_rad`, then zoom and translation, all in float64, cut to whole pixels at the end.
 */
import { cos, sin } from "../../math.ts";
import { BodyColumn } from "../physics/physics.ts";
import type { View } from "./renderer.ts";

export const SURFACE_WIDTH = 1000;
export const SURFACE_HEIGHT = 800;

/** Pixels per world unit at the start (`0.1 * SCALE`) and from one second on (`ZOOM * SCALE`). */
const START_ZOOM = 0.1 * 6;
const FINAL_ZOOM = 2.7 * 6;

/** `Vector2.epsilon`: so near to a multiple of a quarter turn pygame turns by exactly that. */
const EPSILON = 1e-6;

export class Camera {
  /** Pixels per world unit. */
  zoom = 0;
  private cos = 1;
  private sin = 0;
  private x = 0;
  private y = 0;

  /** Looks from above at the hull: it stands at (500, 200) and heads up, before the surface is flipped. */
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
      this.cos = cos(angle);
      this.sin = sin(angle);
    }
  }

  /** Column of a world point, not yet cut to a whole number. */
  column(x: number, y: number): number {
    return (this.cos * x - this.sin * y) * this.zoom + this.x;
  }

  /** Row of a world point, counted from the bottom of the finished picture, not yet cut to a whole number. */
  row(x: number, y: number): number {
    return (this.sin * x + this.cos * y) * this.zoom + this.y;
  }
}
