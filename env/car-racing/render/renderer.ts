/**
 * What CarRacing asks of a renderer: the 96×96 observation and the 600×400 picture of the same scene, both made by
 * scaling the 1000×800 surface that Gymnasium draws (`CarRacing._render`).
 */

/** The road and the colours of one episode. A renderer keeps the arrays it is given. */
export interface Scene {
  /** float64 [n, 8]: quads of `road_poly` (tiles and kerbs in drawing order), corners x, y. */
  quads: Float64Array;
  /**
   * uint8 [n, 3]: their colours, as `int(c)` of Gymnasium's floats. Read anew for every frame: a tile that a wheel
   * touches or leaves takes the plain road colour (`FrictionDetector`), which the environment writes here.
   */
  quadColors: Uint8Array;
  /** Field colour, as pygame makes bytes of it. */
  background: readonly [number, number, number];
  grass: readonly [number, number, number];
}

/** A skid mark: `Particle` of Gymnasium's car_dynamics. */
export interface SkidMark {
  /** x, y pairs in world units, 2 to 30 points. */
  points: number[];
  grass: boolean;
}

/** What changes with every step. Arrays are the environment's own; a renderer reads and does not keep them. */
export interface View {
  /** Simulated seconds since reset: the camera zooms in over the first. */
  time: number;
  /**
   * The score shown, the sum of rewards so far: an observation is drawn before this step's -0.1, a picture after it.
   */
  reward: number;
  /** `Physics.bodies`. */
  bodies: Float32Array;
  /** `Physics.jointAngle`. */
  jointAngle: Float32Array;
  /** Wheel angular velocity and rotation angle, float64 [4] each. */
  omega: Float64Array;
  phase: Float64Array;
  skidMarks: readonly SkidMark[];
}

export const OBSERVATION_SIZE = 96;
export const VIDEO_WIDTH = 600;
export const VIDEO_HEIGHT = 400;

export interface Renderer {
  load(scene: Scene): void;
  /** 96×96×3 RGB into `out` (27,648 bytes); no skid marks, as Gymnasium's "state_pixels". */
  observe(view: View, out: Uint8Array): void;
  /** 600×400×3 RGB into `out` (720,000 bytes), skid marks included, as Gymnasium's "rgb_array". */
  render(view: View, out: Uint8Array): void;
  free(): void;
}
