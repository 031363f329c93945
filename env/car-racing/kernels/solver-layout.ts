/**
 * Where the solver keeps what in its memory: byte offsets shared by the kernel (solver.as.ts, compiled by
 * AssemblyScript), its twin (solver-twin.ts) and physics/exact.ts, which fills and reads it. Values are float32 or
 * int32, 4 bytes each.
 *
 * All that a step depends on lies from STATE to the end of the contacts; a snapshot is a copy of that. Below are how
 * many contacts began in the last step, and lower still the kernel's constants and scratch space.
 */
export const STATE = 2048;
export const BEGUN_COUNT = STATE - 4;
export const HULL_BEGUN_COUNT = STATE - 8;

// Outputs of a step.
/** Hull, then the wheels: BODY_STRIDE floats each, columns as in physics.ts. */
export const BODIES = STATE;
export const BODY_BYTES = 32;
/** 4 floats, radians. */
export const JOINT_ANGLE = BODIES + 5 * BODY_BYTES;
/** 4 ints: how many tiles each wheel touches. */
export const TOUCHING = JOINT_ANGLE + 16;

// Inputs of a step.
/** 4 floats, radians a second. */
export const MOTOR_SPEED = TOUCHING + 16;
/** 4 wheels * (x, y). */
export const FORCE = MOTOR_SPEED + 16;

// What else lasts from one step to the next.
/** 4 joints * (x, y, limit, motor): impulses of the last step, with which the next one starts. */
export const IMPULSE = FORCE + 32;
/** 4 ints of the three below: where each joint was in the last step. */
export const LIMIT_STATE = IMPULSE + 64;
export const LIMIT_INACTIVE = 0;
export const LIMIT_LOWER = 1;
export const LIMIT_UPPER = 2;
/** Broad-phase boxes of the wheels: 4 * (upper x, upper y, -lower x, -lower y). */
export const WHEEL_BOX = LIMIT_STATE + 16;
/** x, y of the hull's centre of mass; a wheel's is its origin. */
export const HULL_CENTER = WHEEL_BOX + 64;
/** 5 floats: seconds that each body has been slow. */
export const SLEEP_TIME = HULL_CENTER + 8;
export const TILE_COUNT = SLEEP_TIME + 20;
export const CONTACT_COUNT = TILE_COUNT + 4;

/** From here to the tiles: the car, the same for every episode. */
export const CAR = CONTACT_COUNT + 4;
export const HULL_INV_MASS = CAR;
export const HULL_INV_INERTIA = CAR + 4;
export const WHEEL_INV_MASS = CAR + 8;
export const WHEEL_INV_INERTIA = CAR + 12;
/** x, y of the hull's centre of mass in its own frame. */
export const HULL_LOCAL_CENTER = CAR + 16;
/** 4 joints * (x, y): where a wheel sits, seen from the hull's centre of mass. */
export const ANCHOR = HULL_LOCAL_CENTER + 8;
/** 5 polygons, the hull's four and the wheel's: up to 8 vertices (x, y), then their count. */
export const POLYGONS = ANCHOR + 32;
export const POLYGON_BYTES = 80;
export const POLYGON_COUNT = 64;
export const WHEEL_POLYGON = POLYGONS + 4 * POLYGON_BYTES;

/** The tiles: up to 4 vertices (x, y), then what follows. */
export const TILES = WHEEL_POLYGON + POLYGON_BYTES;
export const TILE_BYTES = 64;
/** Broad-phase box (lower x, lower y, -upper x, -upper y): overlaps a WHEEL_BOX if no value exceeds its partner. */
export const TILE_BOX = 32;
/** int: count of vertices, 3 or 4. */
export const TILE_VERTICES = 48;
/** int: 1 once a wheel or the hull has touched the tile. */
export const TILE_PAINTED = 52;

// Behind the n tiles come lists, as long as n may need them.
/** int [4 n]: wheels and tiles whose boxes overlap, oldest first: `tile << 3 | wheel << 1 | touching`. */
export function contactsOffset(tiles: number): number {
  return TILES + TILE_BYTES * tiles;
}
/** int [4 n]: tiles that wheels began to touch in the last step. */
export function begunOffset(tiles: number): number {
  return contactsOffset(tiles) + 16 * tiles;
}
/** int [n]: tiles that the hull began to touch in the last step, and nothing before. */
export function hullBegunOffset(tiles: number): number {
  return begunOffset(tiles) + 16 * tiles;
}
export function memorySize(tiles: number): number {
  return hullBegunOffset(tiles) + 4 * tiles;
}
