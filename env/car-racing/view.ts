/** Records of CarRacing's scene, for programs that draw their own pictures. World units, radians, seconds. */

export { STATE_SIZE as OBSERVATION_SIZE, VIDEO_HEIGHT, VIDEO_WIDTH } from "./core/constants.ts";

/** Values of one body in {@link View.bodies}. */
export const BODY_STRIDE = 8;
/** Columns of a body's values: place of the body's origin, angle, linear and angular velocity, sine and cosine of the angle. */
export const BodyColumn = {
  x: 0,
  y: 1,
  angle: 2,
  vx: 3,
  vy: 4,
  w: 5,
  sin: 6,
  cos: 7,
} as const;

/** The road and the colours of one episode. */
export interface Scene {
  /** float64 [n, 8]: quads of Gymnasium's `road_poly` (tiles and kerbs in drawing order), corners x, y. */
  quads: Float64Array;
  /** uint8 [n, 3]: their present colours. A tile that the car has touched has lost its shade. */
  quadColors: Uint8Array;
  /** Colour of the field, bytes. */
  background: readonly [number, number, number];
  /** Colour of the grass patches, bytes. */
  grass: readonly [number, number, number];
}

/** A skid mark: `Particle` of Gymnasium's car_dynamics. */
export interface SkidMark {
  /** x, y pairs in world units, 2 to 30 points. */
  points: number[];
  /** True if it lies on grass. */
  grass: boolean;
}

/** One moment of an episode. */
export interface View {
  /** Simulated seconds since reset: the camera zooms in over the first. */
  time: number;
  /** Sum of rewards so far. */
  reward: number;
  /** float32 [5, 8]: hull, then the wheels front left, front right, rear left, rear right, in {@link BodyColumn}s. */
  bodies: Float32Array;
  /** float32 [4]: angle of each wheel's joint. */
  jointAngle: Float32Array;
  /** float64 [4]: angular velocity of each wheel, radians a second. */
  omega: Float64Array;
  /** float64 [4]: the angle that each wheel has rolled through. */
  phase: Float64Array;
  /** Marks of skidding wheels, at most 30, the oldest first. */
  skidMarks: SkidMark[];
}
