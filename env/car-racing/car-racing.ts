/**
 * CarRacing-v3 of Gymnasium 1.4: the same tracks, physics, rewards, terminations and pictures for the same seed and
 * actions (`gymnasium/envs/box2d/car_racing.py`). The parts are elsewhere: the road in track.ts, the car in car.ts,
 * the engines behind physics/physics.ts, the pictures behind render/renderer.ts. Here are the episode's rules.
 */
import {
  type Env,
  type EnvSpec,
  type Frame,
  type Info,
  type Metadata,
  NO_ACTION,
  type ResetOptions,
  type ResetResult,
  type StepResult,
} from "../api.ts";
import { describe } from "../describe.ts";
import { ClosedEnvironment, InvalidAction, InvalidOption, ResetNeeded } from "../errors.ts";
import { isRecord } from "../is-record.ts";
import { Random } from "../random.ts";
import { checkResetArguments } from "../reset-arguments.ts";
import { Box, Discrete, type Space } from "../spaces.ts";
import { Car, type CarSnapshot, WHEELS } from "./car.ts";
import { BODY_STRIDE, BodyColumn, type Physics } from "./physics/physics.ts";
import { drawMap } from "./render/map.ts";
import {
  OBSERVATION_SIZE,
  type Renderer,
  type Scene,
  VIDEO_HEIGHT,
  VIDEO_WIDTH,
  type View,
} from "./render/renderer.ts";
import { createTrack, KERB_RED, KERB_WHITE, type Track } from "./track.ts";

export const FPS = 50;
/** Half the side of the playfield, world units: a car beyond it is lost. */
export const PLAYFIELD = 2000 / 6;
const STEP_REWARD = -0.1;
/** Shared out among the tiles of a track. */
const TRACK_REWARD = 1000;
const LOST_REWARD = -100;
/** What the discrete actions steer (radians), and how far they open gas and brake. */
const DISCRETE_STEER = 0.6;
const DISCRETE_GAS = 0.2;
const DISCRETE_BRAKE = 0.8;

/** Columns of {@link CarRacing.bodyState}: six of the hull, then thirteen of each wheel. */
export const BODY_STATE_SIZE = 6 + 13 * WHEELS;

/** Steer, gas and brake; or one of five when `continuous` is false: nothing, right, left, gas, brake. */
export type CarAction = ArrayLike<number> | number;

export type PhysicsName = Physics["name"];

export interface CarRacingOptions {
  /** Three numbers an action (true, the default), or one of five whole numbers. */
  continuous?: boolean;
  /** New colours of road and grass at every reset, unless its options say `{ randomize: false }`. Default false. */
  domainRandomize?: boolean;
  /** Share of the tiles that must be visited for the start line to end the lap, 0 to 1. Default 0.95. */
  lapCompletePercent?: number;
  /** What `render` gives: "rgb_array" 600×400, "state_pixels" 96×96, or null (the default) nothing. */
  renderMode?: "rgb_array" | "state_pixels" | null;
  /** "exact" (the default) equals Gymnasium in every bit; "box2d-wasm" is another Box2D, close to it. */
  physics?: PhysicsName;
  /**
   * Whether `reset` and `step` draw what they return (true, the default). Without, the observation is one black
   * picture that never changes, and an episode runs at the speed of its physics: for drivers that look at the state.
   */
  observations?: boolean;
  /**
   * Whether every step draws into the same array and returns the same record, so that steps allocate nothing: both then
   * last only until the next step or reset, and an `info` with nothing to say is one frozen object. For loops that are
   * done with them, or have copied them, by then. Default false: what a step returns is the caller's to keep.
   */
  reuseObservations?: boolean;
  /**
   * Steps that one action is repeated for, at most 1000; only the last is drawn, rewards add up. A time limit then counts
   * actions. Default 1.
   */
  frameSkip?: number;
  /**
   * Whether driving onto the start line after `lapCompletePercent` of the tiles always ends the lap. False (the
   * default) is Gymnasium's rule: it only does when the tile there was never visited before, so that a car that once
   * cut a corner drives on for ever.
   */
  completionFix?: boolean;
  /** Whether the car starts at a tile drawn from the generator, instead of tile 0. Default false. */
  randomStart?: boolean;
  /** Which way round the car starts: "forward" (the default), "backward", or "random", drawn from the generator. */
  direction?: "forward" | "backward" | "random";
  /** Whether every reset prints how its track was generated, in Gymnasium's words, to the standard output. Default false. */
  verbose?: boolean;
  /** Whether `info` holds {@link InfoExtras} after every reset and step. Default false. */
  infoExtras?: boolean;
}

/** What `infoExtras` adds to `info`. */
export interface InfoExtras {
  /** Of each wheel, in the order of `bodyState`. */
  wheelsOnGrass: boolean[];
  /** World units a second. */
  speed: number;
  /** How far round the car is from its start, in its direction: 0 to 1 of the track's points. */
  progress: number;
  tilesVisited: number;
  lapFinished: boolean;
}

const DEFAULTS = {
  continuous: true,
  domainRandomize: false,
  lapCompletePercent: 0.95,
  renderMode: null,
  physics: "exact",
  observations: true,
  reuseObservations: false,
  frameSkip: 1,
  completionFix: false,
  randomStart: false,
  direction: "forward",
  verbose: false,
  infoExtras: false,
} as const satisfies Required<CarRacingOptions>;

/** Twenty seconds: a file or client from elsewhere cannot ask for a step without end. */
const MAX_FRAME_SKIP = 1000;

const RENDER_MODES = ["rgb_array", "state_pixels"] as const;
const PHYSICS = ["exact", "box2d-wasm"] as const;
const DIRECTIONS = ["forward", "backward", "random"] as const;

/** The whole state of a running episode. Plain data: it may be cloned, and restores in any CarRacing of equal options. */
export interface CarRacingSnapshot {
  physicsName: PhysicsName;
  physics: Uint8Array;
  car: CarSnapshot;
  random: Uint32Array;
  track: Track;
  visited: Uint8Array;
  quadColors: Uint8Array;
  colors: Colors;
  progress: Progress;
}

/** float RGB, 0 to 255, as Gymnasium draws them from its generator. */
interface Colors {
  road: readonly number[];
  background: readonly number[];
  grass: readonly number[];
}

/** What a track brings with it. */
interface Episode {
  track: Track;
  /** 1 at the index of each tile that has been visited. */
  visited: Uint8Array;
  scene: Scene;
}

/** What of an episode is counted. */
interface Progress {
  time: number;
  reward: number;
  previousReward: number;
  tileVisitedCount: number;
  newLap: boolean;
  /** `reward` when the world had been stepped, before the step's -0.1: what the picture shows. */
  shownReward: number;
  /** Tile where the car started and the lap ends, and whether it started backward. */
  start: number;
  backward: boolean;
}

/**
 * CarRacing-v3 without the wrappers of `make`, which adds the step limit and the checks of order: `env.unwrapped`.
 * Observations are 96×96×3 bytes, RGB, row-major; actions [steer -1 to 1, gas 0 to 1, brake 0 to 1], or 0 to 4 with
 * `continuous: false`. It is made by `CarRacing.create`.
 */
export class CarRacing implements Env<Uint8Array, CarAction> {
  readonly metadata: Metadata = { renderModes: RENDER_MODES, renderFps: FPS };
  readonly observationSpace: Box<"uint8">;
  readonly actionSpace: Space<CarAction>;
  readonly renderMode: "rgb_array" | "state_pixels" | null;
  readonly spec: EnvSpec | null = null;
  readonly options: Required<CarRacingOptions>;
  /**
   * While false, `step` skips the drawing and returns the last picture again, unless the episode terminates. For
   * wrappers that repeat an action. Starts as the option `observations`, without which nothing is ever drawn.
   */
  drawObservations: boolean;

  readonly #physics: Physics;
  /** Null when nothing is ever drawn. */
  readonly #renderer: Renderer | null;
  readonly #car: Car;
  #random = new Random();
  #colors: Colors;
  #episode: Episode | null = null;
  #progress: Progress = newProgress(0, false);
  readonly #view: View;
  #closed = false;
  /** The last one drawn, or black. */
  #observation: Uint8Array;
  /** What every step returns under `reuseObservations`. */
  readonly #result: StepResult<Uint8Array>;

  /** @see {@link CarRacing.create}, which loads the engine and the renderer that the options ask for */
  private constructor(options: Required<CarRacingOptions>, physics: Physics, renderer: Renderer | null) {
    this.options = options;
    this.renderMode = options.renderMode;
    this.#physics = physics;
    this.#renderer = renderer;
    this.#car = new Car(physics);
    const shape = [OBSERVATION_SIZE, OBSERVATION_SIZE, 3];
    this.observationSpace = new Box({ low: 0, high: 255, shape, dtype: "uint8" });
    this.actionSpace = options.continuous
      ? new Box({ low: [-1, 0, 0], high: [1, 1, 1], dtype: "float32" })
      : new Discrete(5);
    this.#observation = new Uint8Array(this.observationSpace.size);
    this.#result = newResult(this.#observation);
    this.drawObservations = options.observations;
    this.#colors = options.domainRandomize ? randomColors(this.#random) : PLAIN_COLORS;
    const { omega, phase, skidMarks } = this.#car;
    const { bodies, jointAngle } = physics;
    this.#view = { time: 0, reward: 0, bodies, jointAngle, omega, phase, skidMarks };
  }

  /** @throws {@link InvalidOption} on an option that is not listed in {@link CarRacingOptions}, or out of its range */
  static async create(options: CarRacingOptions = {}): Promise<CarRacing> {
    const checked = checkOptions(options);
    const draws = checked.observations || checked.renderMode !== null;
    const [physics, renderer] = await Promise.all([
      createPhysics(checked.physics),
      draws ? import("./render/exact.ts").then((module) => module.createRenderer()) : null,
    ]);
    return new CarRacing(checked, physics, renderer);
  }

  get unwrapped(): this {
    return this;
  }

  /** The generator that tracks are drawn from, Gymnasium's `np_random`. Whoever draws from it too changes later tracks. */
  get random(): Random {
    return this.#random;
  }

  /** float64 [n, 4] of the present track: alpha, beta, x, y of each point. */
  get track(): Float64Array {
    return this.#running().track.points;
  }

  get tileVisitedCount(): number {
    return this.#progress.tileVisitedCount;
  }

  /** Gymnasium's `self.reward`: the sum of rewards so far, but for the -100 of a lost car. */
  get totalReward(): number {
    return this.#progress.reward;
  }

  /** What a renderer is given of the present track, for pictures of one's own. */
  get scene(): Scene {
    return this.#running().scene;
  }

  /** What a renderer is given of the present state. The arrays change with every step. */
  get view(): View {
    this.#running();
    return this.#look(this.#progress.reward);
  }

  /** 1 at the index of each tile that has been visited. */
  get visited(): Uint8Array {
    return this.#running().visited;
  }

  /**
   * @param options.seed begins the random generator anew; without, the tracks go on where the last one's draws ended
   * @param options.options `{ randomize: false }` keeps the colours when `domainRandomize` is on
   */
  reset(given: ResetOptions = {}): ResetResult<Uint8Array> {
    this.#checkOpen();
    const { seed, options } = checkResetArguments(given);
    const randomize = checkResetOptions(options);
    if (seed !== undefined) this.#random = new Random(seed);
    if (this.options.domainRandomize && randomize) this.#colors = randomColors(this.#random);
    const track = createTrack(this.#random, this.options.verbose ? console.log : undefined);
    const { points, tiles } = track;
    const count = tiles.length / 8;
    const { randomStart, direction } = this.options;
    const start = randomStart ? this.#random.integers(count) : 0;
    const backward = direction === "random" ? this.#random.integers(2) === 1 : direction === "backward";
    this.#progress = newProgress(start, backward);
    const angle = points[4 * start + 1] + (backward ? Math.PI : 0);
    this.#physics.load(tiles, angle, points[4 * start + 2], points[4 * start + 3]);
    this.#car.reset();
    this.#begin(track, new Uint8Array(count), quadColors(track, this.#colors.road));
    this.#advance();
    if (this.options.observations) this.#draw();
    const info: Info = {};
    if (this.options.infoExtras) this.#addExtras(info);
    return { observation: this.#observation, info };
  }

  /** With {@link NO_ACTION} the controls stay, the reward is 0 and the episode does not end, as with Gymnasium's `None`. */
  step(action: CarAction | typeof NO_ACTION): StepResult<Uint8Array> {
    this.#running();
    if (action !== NO_ACTION) this.#control(action);
    const { reuseObservations, infoExtras } = this.options;
    let info: Info | undefined;
    let reward = 0;
    let terminated = false;
    for (let skip = this.options.frameSkip; skip > 0 && !terminated; skip--) {
      if (skip < this.options.frameSkip && action !== NO_ACTION) this.#control(action); // gas rises with every step
      this.#advance();
      if (action === NO_ACTION) continue;
      const progress = this.#progress;
      progress.reward += STEP_REWARD;
      let stepReward = progress.reward - progress.previousReward;
      progress.previousReward = progress.reward;
      if (this.#lapIsFinished()) {
        terminated = true;
        info = { lapFinished: true };
      }
      const [x, y] = this.#physics.bodies;
      if (Math.abs(x) > PLAYFIELD || Math.abs(y) > PLAYFIELD) {
        terminated = true;
        info = { lapFinished: false };
        stepReward = LOST_REWARD;
      }
      reward += stepReward;
    }
    if (this.options.observations && (this.drawObservations || terminated)) this.#draw();
    if (infoExtras) {
      info ??= {};
      this.#addExtras(info);
    }
    const result = reuseObservations ? this.#result : newResult(this.#observation);
    result.reward = reward;
    result.terminated = terminated;
    result.truncated = false;
    result.info = info ?? (reuseObservations ? NO_INFO : {});
    return result;
  }

  #lapIsFinished(): boolean {
    return this.#progress.newLap || this.#progress.tileVisitedCount === this.#running().visited.length;
  }

  #addExtras(info: Info): void {
    const { bodies, touching } = this.#physics;
    const extras: InfoExtras = {
      wheelsOnGrass: Array.from(touching, (tiles) => tiles === 0),
      speed: Math.sqrt(bodies[BodyColumn.vx] ** 2 + bodies[BodyColumn.vy] ** 2),
      progress: this.#share(bodies[BodyColumn.x], bodies[BodyColumn.y]),
      tilesVisited: this.#progress.tileVisitedCount,
      lapFinished: info.lapFinished === true,
    };
    Object.assign(info, extras);
  }

  /** Share of the track between the start and the point nearest to (x, y), in the direction of driving. */
  #share(x: number, y: number): number {
    const { points } = this.#running().track;
    const count = points.length / 4;
    let nearest = 0;
    let least = Infinity;
    for (let i = 0; i < count; i++) {
      const distance = (points[4 * i + 2] - x) ** 2 + (points[4 * i + 3] - y) ** 2;
      if (distance < least) {
        least = distance;
        nearest = i;
      }
    }
    const { start, backward } = this.#progress;
    const ahead = backward ? start - nearest : nearest - start;
    return ((ahead + count) % count) / count;
  }

  #control(action: CarAction): void {
    if (this.options.continuous) {
      if (!isControls(action)) {
        throw new InvalidAction(
          `expected three finite numbers (steer -1 to 1, gas 0 to 1, brake 0 to 1), got ${describe(action)}`,
        );
      }
      // Only gas is clipped, by the car: Gymnasium lets steer and brake out of their ranges through.
      this.#car.steer(-action[0]);
      this.#car.gas(action[1]);
      this.#car.brake(action[2]);
    } else {
      if (!this.actionSpace.contains(action)) {
        throw new InvalidAction(
          `expected a whole number from 0 to 4 (nothing, right, left, gas, brake), got ${describe(action)}`,
        );
      }
      this.#car.steer(action === 1 ? -DISCRETE_STEER : action === 2 ? DISCRETE_STEER : 0);
      this.#car.gas(action === 3 ? DISCRETE_GAS : 0);
      this.#car.brake(action === 4 ? DISCRETE_BRAKE : 0);
    }
  }

  /** A step of car and world, and what its contacts change. */
  #advance(): void {
    this.#car.step(1 / FPS);
    this.#physics.step();
    this.#progress.time += 1 / FPS;
    const { begun, begunCount, hullBegun, hullBegunCount } = this.#physics;
    for (let i = 0; i < begunCount; i++) this.#visit(begun[i]);
    for (let i = 0; i < hullBegunCount; i++) this.#paint(hullBegun[i]);
    this.#progress.shownReward = this.#progress.reward;
  }

  /** A wheel came onto the tile: `FrictionDetector._contact`. */
  #visit(tile: number): void {
    this.#paint(tile);
    const { visited } = this.#running();
    const progress = this.#progress;
    const first = visited[tile] === 0;
    if (first) {
      visited[tile] = 1;
      progress.reward += TRACK_REWARD / visited.length;
      progress.tileVisitedCount++;
    }
    const enough = progress.tileVisitedCount / visited.length > this.options.lapCompletePercent;
    if (tile === progress.start && enough && (first || this.options.completionFix)) progress.newLap = true;
  }

  /** A tile that wheel or hull has touched loses its shade. */
  #paint(tile: number): void {
    const { track, scene } = this.#running();
    const quad = track.tileQuads[tile];
    for (let c = 0; c < 3; c++) scene.quadColors[3 * quad + c] = this.#colors.road[c];
  }

  #draw(): void {
    if (!this.options.reuseObservations) this.#observation = new Uint8Array(this.observationSpace.size);
    this.#renderer?.observe(this.#look(this.#progress.shownReward), this.#observation);
  }

  #look(reward: number): View {
    this.#view.time = this.#progress.time;
    this.#view.reward = reward;
    return this.#view;
  }

  render(): Frame | null {
    this.#running();
    if (this.renderMode === null || !this.#renderer) return null;
    if (this.renderMode === "state_pixels") {
      const data = new Uint8Array(this.observationSpace.size);
      this.#renderer.observe(this.#look(this.#progress.reward), data);
      return { width: OBSERVATION_SIZE, height: OBSERVATION_SIZE, data };
    }
    const data = new Uint8Array(VIDEO_WIDTH * VIDEO_HEIGHT * 3);
    this.#renderer.render(this.#look(this.#progress.reward), data);
    return { width: VIDEO_WIDTH, height: VIDEO_HEIGHT, data };
  }

  /**
   * The whole track from above with the car on it, in any render mode. Tiles lose their shade where the car has been.
   * @param size pixels, whole numbers from 1 up; the default is square
   * @throws {@link InvalidOption} on other sizes
   */
  renderMap({ width = 400, height = width }: { width?: number; height?: number } = {}): Frame {
    const { scene } = this.#running();
    for (const [name, value] of Object.entries({ width, height })) {
      if (Number.isSafeInteger(value) && value > 0) continue;
      throw new InvalidOption(
        `renderMap: expected ${name} to be a whole number from 1 up, got ${describe(value)}`,
      );
    }
    return drawMap(scene, this.#look(this.#progress.reward), { width, height });
  }

  /**
   * float32 [58]: hull x, y, angle, vx, vy, angular velocity; then of each wheel x, y, angle, vx, vy, angular
   * velocity, omega, phase, joint angle, tiles touched, gas, brake, steer. World units, radians, seconds.
   */
  bodyState(): Float32Array {
    this.#running();
    const { bodies, jointAngle, touching } = this.#physics;
    const car = this.#car;
    const state = new Float32Array(BODY_STATE_SIZE);
    state.set(bodies.subarray(0, 6));
    for (let wheel = 0; wheel < WHEELS; wheel++) {
      const from = (wheel + 1) * BODY_STRIDE;
      const to = 6 + 13 * wheel;
      state.set(bodies.subarray(from, from + 6), to);
      state[to + 6] = car.omega[wheel];
      state[to + 7] = car.phase[wheel];
      state[to + 8] = jointAngle[wheel];
      state[to + 9] = touching[wheel];
      state[to + 10] = car.wheelGas[wheel];
      state[to + 11] = car.wheelBrake[wheel];
      state[to + 12] = car.wheelSteer[wheel];
    }
    return state;
  }

  /** The whole state: restoring it and going on gives the same bits as never having stopped. */
  snapshot(): CarRacingSnapshot {
    const { track, visited, scene } = this.#running();
    return {
      physicsName: this.#physics.name,
      physics: this.#physics.snapshot(),
      car: this.#car.snapshot(),
      random: this.#random.state(),
      track,
      visited: visited.slice(),
      quadColors: scene.quadColors.slice(),
      colors: this.#colors,
      progress: { ...this.#progress },
    };
  }

  /**
   * Wrappers keep their own state, which is not in a snapshot: TimeLimit counts on from its last reset, and an environment
   * of `make` still wants its first `reset` before it steps.
   * @throws {@link InvalidOption} on what is no snapshot, or one of another physics engine; the episode then goes on
   */
  restore(state: CarRacingSnapshot): void {
    this.#checkOpen();
    checkSnapshot(state);
    if (state.physicsName !== this.#physics.name) {
      throw new InvalidOption(
        `restore: expected a snapshot of physics "${this.#physics.name}", got one of ${describe(state.physicsName)}`,
      );
    }
    const random = new Random(0);
    random.restore(state.random);
    this.#physics.restore(state.physics);
    this.#random = random;
    this.#colors = state.colors;
    this.#progress = { ...state.progress };
    this.#car.restore(state.car);
    this.#begin(state.track, state.visited.slice(), state.quadColors.slice());
  }

  /** After the engine has loaded or restored: its arrays are new then. */
  #begin(track: Track, visited: Uint8Array, quadColors: Uint8Array): void {
    const { background, grass } = this.#colors;
    const scene = { quads: track.quads, quadColors, background: toBytes(background), grass: toBytes(grass) };
    this.#episode = { track, visited, scene };
    this.#view.bodies = this.#physics.bodies;
    this.#view.jointAngle = this.#physics.jointAngle;
    this.#renderer?.load(scene);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#physics.free();
    this.#renderer?.free();
  }

  #checkOpen(): void {
    if (this.#closed)
      throw new ClosedEnvironment("CarRacing: the environment has been closed; make a new one");
  }

  #running(): Episode {
    this.#checkOpen();
    if (!this.#episode)
      throw new ResetNeeded("CarRacing: call reset() before step, render or a look at the state");
    return this.#episode;
  }
}

async function createPhysics(name: PhysicsName): Promise<Physics> {
  return name === "exact"
    ? (await import("./physics/exact.ts")).createExactPhysics()
    : (await import("./physics/box2d.ts")).createBox2DPhysics();
}

const PLAIN_COLORS: Colors = {
  road: [102, 102, 102],
  background: [102, 204, 102],
  grass: [102, 230, 102],
};

/** `_reinit_colors`: grass is the background with one channel 20 brighter. */
function randomColors(random: Random): Colors {
  const draw = () => [0, 0, 0].map(() => random.uniform(0, 210));
  const road = draw();
  const background = draw();
  const grass = [...background];
  grass[random.integers(3)] += 20;
  return { road, background, grass };
}

/** Tiles come in three shades of the road's colour, kerbs in white and red. */
function quadColors({ quadKinds }: Track, road: readonly number[]): Uint8Array {
  const colors = new Uint8Array(3 * quadKinds.length);
  quadKinds.forEach((kind, quad) => {
    for (let c = 0; c < 3; c++) {
      const white = kind === KERB_WHITE || (kind === KERB_RED && c === 0);
      colors[3 * quad + c] = white ? 255 : kind === KERB_RED ? 0 : road[c] + 0.01 * kind * 255;
    }
  });
  return colors;
}

function toBytes(color: readonly number[]): [number, number, number] {
  return [Math.trunc(color[0]), Math.trunc(color[1]), Math.trunc(color[2])];
}

/** Of a step with nothing to say, under `reuseObservations`. */
const NO_INFO: Info = Object.freeze({});

function newResult(observation: Uint8Array): StepResult<Uint8Array> {
  return { observation, reward: 0, terminated: false, truncated: false, info: NO_INFO };
}

function newProgress(start: number, backward: boolean): Progress {
  const counts = { time: 0, reward: 0, previousReward: 0, shownReward: 0, tileVisitedCount: 0 };
  return { ...counts, newLap: false, start, backward };
}

function isControls(action: unknown): action is ArrayLike<number> {
  if (!Array.isArray(action) && !ArrayBuffer.isView(action)) return false;
  const values = action as unknown as ArrayLike<unknown>;
  return (
    values.length === 3 &&
    Number.isFinite(values[0]) &&
    Number.isFinite(values[1]) &&
    Number.isFinite(values[2])
  );
}

function checkOptions(options: CarRacingOptions): Required<CarRacingOptions> {
  if (!isRecord(options)) {
    throw new InvalidOption(`CarRacing-v3: expected options to be an object, got ${describe(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(DEFAULTS, key)) {
      const known = Object.keys(DEFAULTS).join(", ");
      throw new InvalidOption(`CarRacing-v3 takes no option ${describe(key)}; it takes ${known}`);
    }
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const checked: Required<CarRacingOptions> = { ...DEFAULTS, ...given };
  const expect = (key: keyof CarRacingOptions, valid: boolean, what: string) => {
    if (!valid) throw new InvalidOption(`${key}: expected ${what}, got ${describe(checked[key])}`);
  };
  const isOneOf = (values: readonly unknown[], value: unknown) => values.includes(value);
  for (const [key, value] of Object.entries(DEFAULTS)) {
    const name = key as keyof CarRacingOptions;
    if (typeof value === "boolean") expect(name, typeof checked[name] === "boolean", "true or false");
  }
  const percent = checked.lapCompletePercent;
  expect(
    "lapCompletePercent",
    typeof percent === "number" && percent >= 0 && percent <= 1,
    "a number from 0 to 1",
  );
  expect("physics", isOneOf(PHYSICS, checked.physics), PHYSICS.map((name) => `"${name}"`).join(" or "));
  expect(
    "frameSkip",
    Number.isSafeInteger(checked.frameSkip) && checked.frameSkip > 0 && checked.frameSkip <= MAX_FRAME_SKIP,
    `a whole number from 1 to ${MAX_FRAME_SKIP}`,
  );
  expect(
    "direction",
    isOneOf(DIRECTIONS, checked.direction),
    DIRECTIONS.map((name) => `"${name}"`).join(", "),
  );
  const modes = `${RENDER_MODES.map((name) => `"${name}"`).join(", ")} or null`;
  expect("renderMode", isOneOf([...RENDER_MODES, null], checked.renderMode), modes);
  return checked;
}

/** @throws {@link InvalidOption} where arrays are missing, as after a way through JSON */
function checkSnapshot(state: CarRacingSnapshot): void {
  const { physics, random, visited, quadColors, car, track } = (state ?? {}) as Partial<CarRacingSnapshot>;
  const arrays = [physics, random, visited, quadColors, car?.wheels, track?.points, track?.quads];
  if (arrays.every((array) => ArrayBuffer.isView(array))) return;
  throw new InvalidOption("restore: expected what snapshot() returned, or a structuredClone of it");
}

function checkResetOptions(options: Record<string, unknown> = {}): boolean {
  if (typeof options !== "object" || options === null) {
    throw new InvalidOption(`reset: expected options to be an object, got ${describe(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (key !== "randomize")
      throw new InvalidOption(`reset takes no option ${describe(key)}; it takes randomize`);
  }
  const { randomize = true } = options;
  if (typeof randomize !== "boolean") {
    throw new InvalidOption(`randomize: expected true or false, got ${describe(randomize)}`);
  }
  return randomize;
}
