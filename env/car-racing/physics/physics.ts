/**
 * What CarRacing asks of a physics engine: Box2D's world reduced to the five bodies of the car, its four revolute
 * joints (motor and limit) and the road tiles as sensors. Wheel friction, engine and brakes are not here: they are
 * double arithmetic around the world step (`car.ts`), the same for every engine.
 *
 * Numbers cross the border in typed arrays that the engine owns and that keep their identity from `load` to the
 * next `load`: inputs are written before `step`, outputs read after it, and nothing is allocated per step.
 */

/** Values of one body in `Physics.bodies`: position of the body's origin, angle, linear velocity, angular velocity, sine and cosine of the angle. */
export const BODY_STRIDE = 8;
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

export interface Physics {
  readonly name: "exact" | "box2d-wasm";

  /** Output: 5 bodies (hull, then wheels front left, front right, rear left, rear right) of `BODY_STRIDE` columns, in the world's units. */
  readonly bodies: Float32Array;
  /** Output: `b2RevoluteJoint::GetJointAngle` of the four wheels, radians. */
  readonly jointAngle: Float32Array;
  /** Output: how many road tiles each wheel touches. */
  readonly touching: Int32Array;
  /** Output: wheels' contacts that began in the last step, in Box2D's order, as tile indices. Only the first `begunCount` count. */
  readonly begun: Int32Array;
  readonly begunCount: number;
  /** Output: tiles that the hull began to touch in the last step. They give no reward, but Gymnasium paints them. */
  readonly hullBegun: Int32Array;
  readonly hullBegunCount: number;

  /** Input: target speed of the four joint motors, radians a second. Keeps its value until written again. */
  readonly motorSpeed: Float32Array;
  /** Input: force at the centre of each wheel (x, y of wheel 0, …), world units. Consumed by `step`. */
  readonly force: Float32Array;

  /**
   * Makes the world of one episode: a static sensor body for each tile, in order, then the car.
   * @param tiles float64 [n, 8]: corners x, y of `road1_l, road1_r, road2_r, road2_l`
   * @param angle the car's heading, radians; `x`, `y` its position
   */
  load(tiles: Float64Array, angle: number, x: number, y: number): void;

  /** `b2World::Step(1/50, 180, 60)`. */
  step(): void;

  /** Whole state of the world after `load`, exact: restoring it and stepping gives the same bits again. */
  snapshot(): Uint8Array;
  restore(state: Uint8Array): void;

  /** Frees native memory; the engine is unusable afterwards. */
  free(): void;
}
