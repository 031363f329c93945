// asc: --use abort=
/**
 * CarRacing-v3 as one module: what docs/core.md describes, and nothing else. Addresses are exported under the names that
 * hosts know; functions check what hosts may do wrong and leave the work to the files beside this one.
 */
import { body } from "./body.as.ts";
import { wheel } from "./car.as.ts";
import { WHEELS as WHEEL_COUNT } from "./constants.ts";
import { episode } from "./episode.as.ts";
import {
  ABI_VERSION,
  ATTEMPTS_AT,
  BEGUN_AT,
  BEGUN_COUNT_AT,
  BODIES_AT,
  BODY_STATE_AT,
  COLORS_AT,
  EPISODE_AT,
  FORCE_AT,
  HULL_BEGUN_AT,
  HULL_BEGUN_COUNT_AT,
  JOINT_ANGLE_AT,
  MAX_SEED_WORDS as MOST_SEED_WORDS,
  MAX_TILES as MOST_TILES,
  MOTOR_SPEED_AT,
  OPTIONS_AT,
  RANDOM_AT,
  SEED_AT,
  SKIDS_AT,
  SNAPSHOT_AT,
  STATE_AT,
  TOUCHING_AT,
  TRACK_INPUT_AT,
  WHEELS_AT,
} from "./layout.ts";
import { drawMap } from "./map.as.ts";
import { NEVER, options } from "./options.as.ts";
import { seed as seedRandom } from "./random.as.ts";
import { END, initRaster, OBSERVATION as OBSERVATION_AT, VIDEO as VIDEO_AT } from "./raster-memory.as.ts";
import { observePicture, renderPicture } from "./raster-shrink.as.ts";
import {
  afterWorld,
  beforeWorld,
  beginAction,
  beginEpisode,
  beginNoAction,
  drawObservation,
  endAction,
  initColors,
  isAction,
  beginDiscreteAction,
} from "./rules.as.ts";
import { paintScene } from "./scene.as.ts";
import { initScore } from "./score.as.ts";
import { makeCar } from "./shapes.as.ts";
import { restoreState, stateBytes } from "./state.as.ts";
import { isTrack, shareOfTrack } from "./track.as.ts";
import { beginWorld, stepWorld } from "./world.as.ts";

export const ABI: i32 = ABI_VERSION;
export const MAX_TILES: i32 = MOST_TILES;
export const MAX_SEED_WORDS: i32 = MOST_SEED_WORDS;

export const OPTIONS: i32 = OPTIONS_AT;
export const SEED: i32 = SEED_AT;
export const TRACK_INPUT: i32 = TRACK_INPUT_AT;
export const RANDOM: i32 = RANDOM_AT;
export const EPISODE: i32 = EPISODE_AT;
export const COLORS: i32 = COLORS_AT;
export const WHEELS: i32 = WHEELS_AT;
export const BODIES: i32 = BODIES_AT;
export const JOINT_ANGLE: i32 = JOINT_ANGLE_AT;
export const TOUCHING: i32 = TOUCHING_AT;
export const SKIDS: i32 = SKIDS_AT;
export const BODY_STATE: i32 = BODY_STATE_AT;
export const ATTEMPTS: i32 = ATTEMPTS_AT;
export const OBSERVATION: i32 = <i32>OBSERVATION_AT;
export const VIDEO: i32 = <i32>VIDEO_AT;
export const STATE: i32 = STATE_AT;
export const SNAPSHOT: i32 = SNAPSHOT_AT;
export const MOTOR_SPEED: i32 = MOTOR_SPEED_AT;
export const FORCE: i32 = FORCE_AT;
export const BEGUN: i32 = BEGUN_AT;
export const BEGUN_COUNT: i32 = BEGUN_COUNT_AT;
export const HULL_BEGUN: i32 = HULL_BEGUN_AT;
export const HULL_BEGUN_COUNT: i32 = HULL_BEGUN_COUNT_AT;

/** Errors that functions return instead of a result. */
const NOT_CREATED: i32 = -1;
const NOT_RESET: i32 = -2;
const NO_ACTION: i32 = -3;
const NO_TRACK: i32 = -4;

let created: bool = false;
let running: bool = false;

// On instantiation the module takes all the memory that it will ever have and makes its tables.
memory.grow(<i32>((END + 0xffff) >> 16) - memory.size());
initRaster();
initScore();
makeCar();
options.setDefaults();
seedRandom(0);

/** Why there is no episode to look at or drive, or 0. */
function missing(): i32 {
  return running ? 0 : created ? NOT_RESET : NOT_CREATED;
}

export function create(): i32 {
  const wrong = options.firstWrong();
  if (wrong == 0) {
    created = true;
    initColors();
  }
  return wrong;
}

export function seed(words: i32): i32 {
  return seedRandom(words);
}

/** With `points` of an own track, or 0 to draw one. */
function begin(points: i32, flags: i32): i32 {
  if (!created) return NOT_CREATED;
  if (points != 0 && !isTrack(points)) return NO_TRACK;
  beginEpisode(points, flags);
  running = true;
  return 0;
}

function resetWith(points: i32, flags: i32): i32 {
  if (options.hostPhysics) return NOT_CREATED;
  const error = begin(points, flags);
  if (error) return error;
  beginWorld();
  beforeWorld();
  stepWorld();
  afterWorld();
  endReset();
  return 0;
}

export function reset(flags: i32): i32 {
  return resetWith(0, flags);
}

export function resetOnTrack(points: i32, flags: i32): i32 {
  return points == 0 ? NO_TRACK : resetWith(points, flags);
}

/** Steps the world as often as the action wants. */
function act(): i32 {
  do {
    beforeWorld();
    stepWorld();
  } while (afterWorld());
  return endAction();
}

export function step(steer: f64, gas: f64, brake: f64): i32 {
  const error = options.hostPhysics ? NOT_CREATED : beginStep(steer, gas, brake);
  return error ? error : act();
}

export function stepDiscrete(action: i32): i32 {
  const error = options.hostPhysics ? NOT_CREATED : beginStepDiscrete(action);
  return error ? error : act();
}

export function stepNone(): i32 {
  const error = options.hostPhysics ? NOT_CREATED : beginStepNone();
  return error ? error : act();
}

// ---- Physics of the host ----

export function beginReset(flags: i32): i32 {
  return begin(0, flags);
}

export function beginResetOnTrack(points: i32, flags: i32): i32 {
  return points == 0 ? NO_TRACK : begin(points, flags);
}

export function endReset(): void {
  if (options.observations != NEVER) drawObservation();
}

export function beginStep(steer: f64, gas: f64, brake: f64): i32 {
  if (running) beginAction(steer, gas, brake);
  return missing();
}

export function beginStepDiscrete(action: i32): i32 {
  if (!isAction(action)) return NO_ACTION;
  if (running) beginDiscreteAction(action);
  return missing();
}

export function beginStepNone(): i32 {
  if (running) beginNoAction();
  return missing();
}

export function beginWorldStep(): void {
  beforeWorld();
}

export function endWorldStep(): i32 {
  return i32(afterWorld());
}

export function endStep(): i32 {
  return endAction();
}

// ---- Pictures ----

export function observe(afterStep: i32): i32 {
  if (!running) return missing();
  paintScene(afterStep ? episode.totalReward : episode.shownReward, false);
  observePicture();
  return 0;
}

export function render(): i32 {
  if (!running) return missing();
  paintScene(episode.totalReward, true);
  renderPicture();
  return 0;
}

export function renderMap(width: i32, height: i32, row: i32): i32 {
  return running ? drawMap(width, height, row) : missing();
}

// ---- State ----

export function bodyState(): i32 {
  if (!running) return missing();
  memory.copy(BODY_STATE, BODIES, 24);
  for (let w = 0; w < WHEEL_COUNT; w++) {
    const to: usize = BODY_STATE + 24 + 52 * w;
    memory.copy(to, changetype<usize>(body(1 + w)), 24);
    store<f32>(to, f32(wheel(w).omega), 24);
    store<f32>(to, f32(wheel(w).phase), 28);
    store<f32>(to, load<f32>(JOINT_ANGLE_AT + 4 * w), 32);
    store<f32>(to, f32(load<i32>(TOUCHING_AT + 4 * w)), 36);
    store<f32>(to, f32(wheel(w).gas), 40);
    store<f32>(to, f32(wheel(w).brake), 44);
    store<f32>(to, f32(wheel(w).steer), 48);
  }
  return 0;
}

export function progress(): f64 {
  return running ? shareOfTrack(body(0).x, body(0).y) : -1;
}

export function stateSize(): i32 {
  return running ? stateBytes() : 0;
}

export function restore(size: i32): i32 {
  if (!created) return NOT_CREATED;
  if (!restoreState(size)) return 1;
  running = true;
  return 0;
}
