/**
 * Numbers of Gymnasium's car_racing.py that the core and its TypeScript face both need. AssemblyScript takes a number with
 * an exponent as float64 and one without as int32.
 */

/** Steps a second. */
export const FPS = 50;
/** Steps after which Gymnasium's registration of CarRacing-v3 truncates an episode. */
export const EPISODE_STEPS = 1000;
/** Track units to a world unit, a whole number: `SCALE` of car_racing.py. */
export const SCALE = 6;
/** Half the side of the playfield, world units: a car beyond it is lost. */
export const PLAYFIELD = 2e3 / SCALE;
/** Half the road's width, world units. */
export const TRACK_WIDTH = 4e1 / SCALE;
/** World units to a unit of the car's drawing: `SIZE` of car_dynamics.py. */
export const SIZE = 0.02;
/** Reward of the step in which the car leaves the playfield. */
export const LOST_REWARD = -1e2;
/** Grass patches along half a side of the playfield; every second one is drawn. */
export const GRASS_PATCHES = 20;
/** Wheels in Gymnasium's order: front left, front right, rear left, rear right. */
export const WHEELS = 4;
/** Side of the square observation, pixels. */
export const STATE_SIZE = 96;
/** Width of the picture that `rgb_array` renders, pixels. */
export const VIDEO_WIDTH = 600;
/** Height of the picture that `rgb_array` renders, pixels. */
export const VIDEO_HEIGHT = 400;
