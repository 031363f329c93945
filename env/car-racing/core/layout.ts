/**
 * Addresses in the core's memory, in bytes. AssemblyScript compiles this file into the core, and TypeScript imports it to
 * read and write the same places. docs/core.md describes the part that hosts may use.
 *
 * From low to high: static data of the compiler, inputs of the host, the car's constants, the state, room for a snapshot,
 * lists and scratch space, the raster. The state is one range, so that a snapshot is a copy of it.
 */

/** Version of the interface in docs/core.md. Every snapshot contains it. */
export const ABI_VERSION = 1;

/** Most tiles of a track. Gymnasium's have some 300. */
export const MAX_TILES = 8192;
/** Most 32-bit words of a seed. */
export const MAX_SEED_WORDS = 1024;

// ---- Inputs of the host, and outputs that functions write for it ----

export const OPTIONS_AT = 32768;
export const BODY_STATE_AT = OPTIONS_AT + 128;
/** int count, then pairs of ints. */
export const ATTEMPTS_AT = BODY_STATE_AT + 256;
export const MAX_ATTEMPTS = 64;
export const SEED_AT = ATTEMPTS_AT + 640;

// ---- The car: masses and polygons, the same in every episode ----

export const HULL_INV_MASS = SEED_AT + 4 * MAX_SEED_WORDS;
export const HULL_INV_INERTIA = HULL_INV_MASS + 4;
export const WHEEL_INV_MASS = HULL_INV_MASS + 8;
export const WHEEL_INV_INERTIA = HULL_INV_MASS + 12;
/** x, y of the hull's centre of mass in its own frame. */
export const HULL_LOCAL_CENTER = HULL_INV_MASS + 16;
/** 4 joints * (x, y): where a wheel sits, seen from the hull's centre of mass. */
export const ANCHOR = HULL_LOCAL_CENTER + 8;
/** 5 polygons, the hull's four and the wheel's: up to 8 vertices (x, y), then their count. */
export const POLYGONS = ANCHOR + 32;
export const POLYGON_BYTES = 80;
export const POLYGON_COUNT = 64;
export const WHEEL_POLYGON = POLYGONS + 4 * POLYGON_BYTES;

// ---- The state ----

/** ints: STATE_MAGIC, ABI_VERSION, bytes of the whole state. */
export const STATE_AT = 40960;
export const STATE_MAGIC = 0x72617274; // "trar"
export const STATE_BYTES = STATE_AT + 8;
/** PCG64: state and increment of 128 bits each, 1 if half an output is kept, that half. */
export const RANDOM_AT = STATE_AT + 16;
export const EPISODE_AT = STATE_AT + 64;
/** float64 [3, 3]: road, background, grass. */
export const COLORS_AT = STATE_AT + 256;
/** float64 [4, 5]: omega, phase, gas, brake, steer. */
export const WHEELS_AT = STATE_AT + 384;
export const WHEEL_BYTES = 40;

// The world: the outputs of its step.
/** float32 [5, 8]: hull, then the wheels, in the columns of `BodyColumn`. */
export const BODIES_AT = STATE_AT + 576;
export const BODY_BYTES = 32;
/** float32 [4]: angles of the wheels' joints, radians. */
export const JOINT_ANGLE_AT = BODIES_AT + 5 * BODY_BYTES;
/** int [4]: number of tiles that each wheel touches. */
export const TOUCHING_AT = JOINT_ANGLE_AT + 16;
// The world: the inputs of its step.
/** float32 [4]: motor speeds of the wheels' joints, radians a second. */
export const MOTOR_SPEED_AT = TOUCHING_AT + 16;
/** float32 [4, 2]: x, y of the force on each wheel. */
export const FORCE_AT = MOTOR_SPEED_AT + 16;
// The world: other values that last from one step to the next.
/** float32 [4, 4], x, y, limit, motor: impulses of each joint in the last step, with which the next one starts. */
export const IMPULSE = FORCE_AT + 32;
/** int [4] of the three below: state of each joint's limit in the last step. */
export const LIMIT_STATE = IMPULSE + 64;
export const LIMIT_INACTIVE = 0;
export const LIMIT_LOWER = 1;
export const LIMIT_UPPER = 2;
/** float32 [4, 4], upper x, upper y, -lower x, -lower y: broad-phase boxes of the wheels. */
export const WHEEL_BOX = LIMIT_STATE + 16;
/** x, y of the hull's centre of mass; a wheel's is its origin. */
export const HULL_CENTER = WHEEL_BOX + 64;
/** float32 [5]: seconds that each body has been slow. */
export const SLEEP_TIME = HULL_CENTER + 8;
export const TILE_COUNT = SLEEP_TIME + 20;
export const CONTACT_COUNT = TILE_COUNT + 4;
/** Address of the contacts, int [4 n]: wheels and tiles whose boxes overlap, oldest first: `tile << 3 | wheel << 1 | touching`. */
export const CONTACTS_PLACE = CONTACT_COUNT + 4;

/** ints: index of the oldest mark, count of marks; then a ring of marks. */
export const SKIDS_AT = STATE_AT + 1024;
export const MAX_SKID_MARKS = 30;
export const MAX_SKID_POINTS = 30;
/** Bytes of a mark: int number of points, int 1 on grass, float32 [30, 2] points. */
export const SKID_MARK_BYTES = 8 + 8 * MAX_SKID_POINTS;
/** int [4, 4]: the mark that each wheel is drawing. */
export const SKIDDING = SKIDS_AT + 8 + MAX_SKID_MARKS * SKID_MARK_BYTES;

/** The tiles of the world: up to 4 vertices (x, y), then the fields below. */
export const TILES = STATE_AT + 8704;
export const TILE_BYTES = 64;
/** Broad-phase box (lower x, lower y, -upper x, -upper y): overlaps a WHEEL_BOX if no value exceeds its partner. */
export const TILE_BOX = 32;
/** int: count of vertices, 3 or 4. */
export const TILE_VERTICES = 48;
/** int: 1 once a wheel or the hull has touched the tile. */
export const TILE_PAINTED = 52;

// Behind the n tiles are the track's other arrays, as long as n needs them (`placeTrack` in track.as.ts).
/** Most bytes of the track's arrays a tile: 64 + 32 + 2 * (64 + 12 + 3) + 4 + 1 + 16, and some for alignment. */
const TRACK_BYTES = 288;
export const STATE_MAX_BYTES = 8704 + MAX_TILES * TRACK_BYTES;

// ---- Beside the state ----

export const SNAPSHOT_AT = STATE_AT + STATE_MAX_BYTES;
/** int [4 n]: tiles that wheels began to touch in the last step, in Box2D's order; and how many. */
export const BEGUN_AT = SNAPSHOT_AT + STATE_MAX_BYTES;
/** int [n]: tiles that the hull began to touch in the last step, and nothing before; and how many. */
export const HULL_BEGUN_AT = BEGUN_AT + 16 * MAX_TILES;
export const BEGUN_COUNT_AT = HULL_BEGUN_AT + 4 * MAX_TILES;
export const HULL_BEGUN_COUNT_AT = BEGUN_COUNT_AT + 4;
/** float64 [MAX_TILES, 4]: an own track, and scratch space while one is drawn. */
export const TRACK_INPUT_AT = BEGUN_COUNT_AT + 64;
/** int [n]: tiles near the car (contacts.as.ts). */
export const NEAR_AT = TRACK_INPUT_AT + 32 * MAX_TILES;
/** The raster's memory (raster-memory.as.ts). */
export const RASTER_AT = NEAR_AT + 4 * MAX_TILES;
