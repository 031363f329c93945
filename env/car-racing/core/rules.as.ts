/**
 * The episode's rules: `CarRacing.reset` and `step` of Gymnasium's car_racing.py, with its `FrictionDetector`. They come in
 * parts between which the world is stepped, by the module or by a host with physics of its own.
 */
import { body } from "./body.as.ts";
import { brake, gas, resetCar, steer, stepCar } from "./car.as.ts";
import { FPS, LOST_REWARD, PLAYFIELD } from "./constants.ts";
import { BACKGROUND_COLOR, Episode, episode, GRASS_COLOR, ROAD_COLOR } from "./episode.as.ts";
import {
  BEGUN_AT,
  BEGUN_COUNT_AT,
  BODIES_AT,
  CONTACT_COUNT,
  EPISODE_AT,
  HULL_BEGUN_AT,
  HULL_BEGUN_COUNT_AT,
  TILE_BYTES,
  TILE_COUNT,
  TILES,
} from "./layout.ts";
import { PI } from "./math.as.ts";
import { BACKWARD, EITHER_WAY, EVERY_STEP, LAST_STEP, options } from "./options.as.ts";
import { random } from "./random.as.ts";
import { paintScene } from "./scene.as.ts";
import { observePicture } from "./raster-shrink.as.ts";
import { makeTile, wheelX, wheelY } from "./shapes.as.ts";
import { createTrack, headingAt, setColor, takeTrack, xAt, yAt } from "./track.as.ts";

/** Duration of a step, seconds. */
const DT: f64 = 1.0 / FPS;
/** Reward of each step. */
const STEP_REWARD: f64 = -0.1;
/** Reward that the tiles of a track share out. */
const TRACK_REWARD: f64 = 1000;

/** The discrete actions but 0, which does nothing; how far they steer (radians) and open gas and brake. */
const RIGHT_ACTION: i32 = 1;
const LEFT_ACTION: i32 = 2;
const GAS_ACTION: i32 = 3;
const BRAKE_ACTION: i32 = 4;
const DISCRETE_STEER: f64 = 0.6;
const DISCRETE_GAS: f64 = 0.2;
const DISCRETE_BRAKE: f64 = 0.8;

/** Values of `Episode.lapFinished`. */
const NOT_TOLD: i32 = -1;

/** Flag of `reset`. */
const RANDOMIZE: i32 = 1;

/** Flags that a step returns. */
const TERMINATED: i32 = 1;
const TRUNCATED: i32 = 2;

function setColor3(at: usize, red: f64, green: f64, blue: f64): void {
  store<f64>(at, red);
  store<f64>(at, green, 8);
  store<f64>(at, blue, 16);
}

/** `_init_colors`: Gymnasium's colours, or with `domainRandomize` random ones. */
export function initColors(): void {
  if (options.domainRandomize) {
    randomizeColors();
  } else {
    setColor3(ROAD_COLOR, 102, 102, 102);
    setColor3(BACKGROUND_COLOR, 102, 204, 102);
    setColor3(GRASS_COLOR, 102, 230, 102);
  }
}

/** `_reinit_colors`: grass is the background with one channel 20 brighter. */
function randomizeColors(): void {
  for (let c: usize = 0; c < 24; c += 8) store<f64>(ROAD_COLOR + c, random.uniform(0, 210));
  for (let c: usize = 0; c < 24; c += 8) store<f64>(BACKGROUND_COLOR + c, random.uniform(0, 210));
  memory.copy(GRASS_COLOR, BACKGROUND_COLOR, 24);
  const brighter = GRASS_COLOR + 8 * random.integers(3);
  store<f64>(brighter, load<f64>(brighter) + 20);
}

/**
 * A new track with the car at rest on it, before the world's first step.
 * @param points of an own track, or 0 to draw one
 */
export function beginEpisode(points: i32, flags: i32): void {
  memory.fill(EPISODE_AT, 0, offsetof<Episode>());
  episode.lapFinished = NOT_TOLD;
  if (options.domainRandomize && flags & RANDOMIZE) randomizeColors();
  if (points) takeTrack(points);
  else createTrack();
  const count = episode.tileCount;
  episode.start = options.randomStart ? random.integers(count) : 0;
  episode.backward =
    options.direction == EITHER_WAY ? random.integers(2) : i32(options.direction == BACKWARD);
  placeCar();
  resetCar();
}

/** The tiles and the car's bodies as the world begins with them. */
function placeCar(): void {
  const count = episode.tileCount;
  memory.fill(BODIES_AT, 0, TILE_COUNT - BODIES_AT);
  store<i32>(CONTACT_COUNT, 0);
  memory.fill(TILES, 0, TILE_BYTES * count);
  for (let i = 0; i < count; i++) makeTile(i, episode.quads + 64 * load<i32>(episode.tileQuads + 4 * i));
  const angle = headingAt(episode.start) + (episode.backward ? PI : 0);
  const x = xAt(episode.start);
  const y = yAt(episode.start);
  for (let i = 0; i < 5; i++) {
    const b = body(i);
    // The wheels' places are not turned by the car's angle: the joints pull them into place, as in Gymnasium.
    b.x = f32(i == 0 ? x : x + wheelX(i - 1));
    b.y = f32(i == 0 ? y : y + wheelY(i - 1));
    b.angle = f32(angle);
  }
}

/** Begins an action. Only gas is clipped, by the car: Gymnasium lets steer and brake out of their ranges through. */
export function beginAction(steer: f64, gas: f64, brake: f64): void {
  setAction(-steer, gas, brake);
}

/** @param angle where the front wheels should turn to: positive is left, where an action's `steer` is right */
function setAction(angle: f64, gas: f64, brake: f64): void {
  episode.steer = angle;
  episode.gas = gas;
  episode.brake = brake;
  beginSkips(false);
}

/** Begins Gymnasium's action `None`. */
export function beginNoAction(): void {
  beginSkips(true);
}

function beginSkips(idle: bool): void {
  episode.idle = i32(idle);
  episode.terminated = 0;
  episode.skipsLeft = options.frameSkip;
  episode.reward = 0;
  episode.lapFinished = NOT_TOLD;
}

/** True if a number is one of the discrete actions. */
export function isAction(action: i32): bool {
  return action >= 0 && action <= BRAKE_ACTION;
}

/** Begins one of them. */
export function beginDiscreteAction(action: i32): void {
  const angle = action == RIGHT_ACTION ? -DISCRETE_STEER : action == LEFT_ACTION ? DISCRETE_STEER : 0;
  setAction(angle, action == GAS_ACTION ? DISCRETE_GAS : 0, action == BRAKE_ACTION ? DISCRETE_BRAKE : 0);
}

/** Prepares a step of the world. The car gets the action before each: gas rises with every one. */
export function beforeWorld(): void {
  if (episode.skipsLeft > 0 && !episode.idle) {
    steer(episode.steer);
    gas(episode.gas);
    brake(episode.brake);
  }
  stepCar(DT);
}

/** Applies the changes of a step of the world. @returns true if the action goes on for another step */
export function afterWorld(): bool {
  episode.time += DT;
  const begun = load<i32>(BEGUN_COUNT_AT);
  for (let i = 0; i < begun; i++) visit(load<i32>(BEGUN_AT + 4 * i));
  const hullBegun = load<i32>(HULL_BEGUN_COUNT_AT);
  for (let i = 0; i < hullBegun; i++) paint(load<i32>(HULL_BEGUN_AT + 4 * i));
  episode.shownReward = episode.totalReward;
  if (episode.skipsLeft == 0) return false; // the step of a reset
  if (episode.idle) return --episode.skipsLeft > 0;

  episode.totalReward += STEP_REWARD;
  let stepReward = episode.totalReward - episode.previousReward;
  episode.previousReward = episode.totalReward;
  episode.terminated = 0;
  if (episode.newLap || episode.tileVisitedCount == episode.tileCount) {
    episode.terminated = 1;
    episode.lapFinished = 1;
  }
  const hull = body(0);
  if (abs(f64(hull.x)) > PLAYFIELD || abs(f64(hull.y)) > PLAYFIELD) {
    episode.terminated = 1;
    episode.lapFinished = 0;
    stepReward = LOST_REWARD;
  }
  episode.reward += stepReward;
  episode.skipsLeft--;
  return episode.skipsLeft > 0 && !episode.terminated;
}

/** Ends an action. @returns flags */
export function endAction(): i32 {
  episode.skipsLeft = 0;
  episode.steps++;
  episode.truncated = i32(options.maxEpisodeSteps > 0 && episode.steps >= options.maxEpisodeSteps);
  const ended = episode.terminated | episode.truncated;
  if (options.observations == EVERY_STEP || (options.observations == LAST_STEP && ended)) drawObservation();
  return (episode.terminated ? TERMINATED : 0) | (episode.truncated ? TRUNCATED : 0);
}

/** The picture that a step returns: its score is the one before the step's -0.1. */
export function drawObservation(): void {
  paintScene(episode.shownReward, false);
  observePicture();
}

/** A wheel came onto the tile: `FrictionDetector._contact`. */
function visit(tile: i32): void {
  paint(tile);
  const visited = episode.visited + tile;
  const first = load<u8>(visited) == 0;
  if (first) {
    store<u8>(visited, 1);
    episode.totalReward += TRACK_REWARD / f64(episode.tileCount);
    episode.tileVisitedCount++;
  }
  const enough = f64(episode.tileVisitedCount) / f64(episode.tileCount) > options.lapCompletePercent;
  if (tile == episode.start && enough && (first || options.completionFix)) episode.newLap = 1;
}

/** A tile that wheel or hull has touched loses its shade. */
function paint(tile: i32): void {
  const quad = load<i32>(episode.tileQuads + 4 * tile);
  setColor(quad, load<f64>(ROAD_COLOR), load<f64>(ROAD_COLOR, 8), load<f64>(ROAD_COLOR, 16));
}
