/**
 * Numbers of Gymnasium's car_racing.py that the core and its TypeScript face both need. AssemblyScript takes a number with
 * an exponent as float64 and one without as int32.
 */

/** Steps a second. */
export const FPS = 50;
/** Steps after which Gymnasium's registration of CarRacing-v3 truncates an episode. */
export const EPISODE_STEPS = 1000;
/** Half the side of the playfield, world units: a car beyond it is lost. */
export const PLAYFIELD = 2e3 / 6;
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
