/** The bodies of the world as they lie in memory, and Box2D's vector arithmetic. */
import { cosine, sincos, sine } from "./float-trigonometry.as.ts";
import { BODIES_AT, BODY_BYTES } from "./layout.ts";

/** The hull or a wheel. World units, radians, seconds. */
@unmanaged
export class Body {
  /** Place of its origin. */
  x: f32;
  y: f32;
  angle: f32;
  vx: f32;
  vy: f32;
  /** Angular velocity. */
  w: f32;
  /** Sine and cosine of the angle. */
  sin: f32;
  cos: f32;

  /** Recomputes sine and cosine from the angle. */
  rotate(): void {
    sincos(this.angle);
    this.sin = sine;
    this.cos = cosine;
  }
}

@unmanaged
export class Point {
  x: f32;
  y: f32;
}

/** 0 is the hull, the wheels follow. */
@inline
export function body(i: i32): Body {
  return changetype<Body>(BODIES_AT + BODY_BYTES * i);
}

@inline
export function least(a: f32, b: f32): f32 {
  return a < b ? a : b;
}

@inline
export function most(a: f32, b: f32): f32 {
  return a > b ? a : b;
}

@inline
export function dot(ax: f32, ay: f32, bx: f32, by: f32): f32 {
  return ax * bx + ay * by;
}

@inline
export function cross(ax: f32, ay: f32, bx: f32, by: f32): f32 {
  return ax * by - ay * bx;
}
