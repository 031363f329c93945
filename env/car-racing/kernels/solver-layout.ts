/**
 * Where the solver keeps what in its memory: byte offsets shared by the kernel (solver.as.ts, compiled by
 * AssemblyScript), its twin (solver-twin.ts) and physics/exact.ts, which fills and reads it. Values are float32 or
 * int32.
 *
 * All that a step depends on lies between STATE and the end of the contacts; a snapshot is a copy of that.
 */

// What lies below is the kernel's own: constants, and scratch that does not outlive a step.
export const STATE = 2048;

// Inputs of a step.
export const MOTOR_SPEED = STATE; // 4 floats, radians a second
export const FORCE = STATE + 16; // 4 wheels * (x, y)

// Outputs of a step.
export const BODIES = STATE + 48; // hull, then the wheels: BODY_STRIDE floats each, columns as in physics.ts
export const BODY_BYTES = 32;
export const JOINT_ANGLE = STATE + 208; // 4 floats, radians
export const TOUCHING = STATE + 224; // 4 ints: tiles each wheel touches
export const BEGUN_COUNT = STATE + 240; // int
export const HULL_BEGUN_COUNT = STATE + 244; // int

// What else lasts from one step to the next.
export const TILE_COUNT = STATE + 248; // int
export const CONTACT_COUNT = STATE + 252; // int
export const HULL_CENTER = STATE + 256; // x, y of the hull's centre of mass; a wheel's is its origin
export const SLEEP_TIME = STATE + 264; // 5 floats, seconds that each body has been slow
/** 4 joints * (x, y, limit, motor): impulses of the last step, with which the next one starts. */
export const IMPULSE = STATE + 288;
export const LIMIT_STATE = STATE + 352; // 4 ints: LIMIT_*
/** Broad-phase boxes of the wheels, 4 * (upper x, upper y, -lower x, -lower y). */
export const WHEEL_BOX = STATE + 368;

export const LIMIT_INACTIVE = 0;
export const LIMIT_LOWER = 1;
export const LIMIT_UPPER = 2;

/** From here on: the car, the same for every episode. */
export const CAR = STATE + 432;
export const HULL_INV_MASS = STATE + 432;
export const HULL_INV_INERTIA = STATE + 436;
export const HULL_LOCAL_CENTER = STATE + 440; // x, y
export const WHEEL_INV_MASS = STATE + 448;
export const WHEEL_INV_INERTIA = STATE + 452;
/** 4 joints * (x, y): where a wheel sits, seen from the hull's centre of mass. */
export const ANCHOR = STATE + 456;
/** 5 polygons, the hull's four and the wheel's: up to 8 vertices (x, y), then their count. */
export const POLYGONS = STATE + 496;
export const POLYGON_BYTES = 80;
export const POLYGON_COUNT = 64;
export const WHEEL_POLYGON = POLYGONS + 4 * POLYGON_BYTES;

/**
 * The tiles: up to 4 vertices (x, y); the broad-phase box as (lower x, lower y, -upper x, -upper y), so that two
 * boxes overlap when no value of it exceeds its partner of WHEEL_BOX; the count of vertices; painted or not.
 */
export const TILES = STATE + 896;
export const TILE_BYTES = 64;
export const TILE_BOX = 32;
export const TILE_VERTICES = 48;
/** 1 once a wheel or the hull has touched the tile. */
export const TILE_PAINTED = 52;

// Behind the n tiles, lists as long as n may need them.
/** int [4 n]: wheels and tiles whose boxes overlap, oldest first: `tile << 3 | wheel << 1 | touching`. */
export function contactsOffset(tiles: number): number {
  return TILES + TILE_BYTES * tiles;
}
/** int [4 n]: tiles that wheels began to touch in the last step. */
export function begunOffset(tiles: number): number {
  return TILES + (TILE_BYTES + 16) * tiles;
}
/** int [n]: tiles that the hull began to touch in the last step, and nothing before. */
export function hullBegunOffset(tiles: number): number {
  return TILES + (TILE_BYTES + 32) * tiles;
}
export function memorySize(tiles: number): number {
  return TILES + (TILE_BYTES + 36) * tiles;
}
