/**
 * The car's drawing in Gymnasium's car_dynamics.py: x, y pairs in drawing units, the nose at +y. It serves programs that
 * draw the car in TypeScript, and box2d.ts; the core has its own (core/shapes.as.ts).
 */

/** Centres of the wheels in the hull's frame: front left, front right, rear left, rear right. */
export const WHEEL_POSITIONS = [
  [-55, 80],
  [55, 80],
  [-55, -82],
  [55, -82],
] as const;

/** Drawing units. */
export const WHEEL_RADIUS = 27;
/** Drawing units. */
export const WHEEL_HALF_WIDTH = 14;
/** Corners of a wheel. */
export const WHEEL_POLYGON: readonly number[] = [-14, 27, 14, 27, 14, -27, -14, -27];

/** Front wing, nose, body and rear wing. */
export const HULL_POLYGONS: readonly (readonly number[])[] = [
  [-60, 130, 60, 130, 60, 110, -60, 110],
  [-15, 120, 15, 120, 20, 20, -20, 20],
  [25, 20, 50, -10, 50, -40, 20, -90, -20, -90, -50, -40, -50, -10, -25, 20],
  [-50, -120, 50, -120, 50, -90, -50, -90],
];
