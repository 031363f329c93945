/**
 * CarRacing-v3 of Gymnasium 1.4: the same tracks, physics, rewards, terminations and pictures for the same seed and
 * actions (`gymnasium/envs/box2d/car_racing.py`). The whole episode is a WebAssembly module (core/, docs/core.md); this
 * class is its face in TypeScript: options, errors, records and copies of values in the module's memory.
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
import { Random } from "../random.ts";
import { checkResetArguments } from "../reset-arguments.ts";
import { Box, Discrete, type Space } from "../spaces.ts";
import type { Box2DWorld } from "./box2d.ts";
import { FPS, STATE_SIZE, VIDEO_HEIGHT, VIDEO_WIDTH, WHEELS } from "./core/constants.ts";
import { Core, Draw, RANDOMIZE, TERMINATED } from "./core.ts";
import {
  type CarRacingOptions,
  checkOptions,
  checkResetOptions,
  DIRECTIONS,
  type InfoExtras,
  type PhysicsName,
  RENDER_MODES,
} from "./options.ts";
import { BodyColumn, type Scene, type View } from "./view.ts";

export type { CarRacingOptions, InfoExtras, PhysicsName } from "./options.ts";

/** Columns of {@link CarRacing.bodyState}: six of the hull, then thirteen of each wheel. */
export const BODY_STATE_SIZE = 6 + 13 * WHEELS;

/** Steer, gas and brake; or one of five when `continuous` is false: nothing, right, left, gas, brake. */
export type CarAction = ArrayLike<number> | number;

/** The whole state of a running episode. Plain data: it may be cloned, and restores in any CarRacing of equal options. */
export interface CarRacingSnapshot {
  /** The engine that it is of. */
  physicsName: PhysicsName;
  /** The core's state: docs/core.md, "Snapshots". */
  core: Uint8Array;
  /** The state of an engine outside of the core, or null. */
  physics: Uint8Array | null;
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
  /** The options that it was made with, defaults included. */
  readonly options: Required<CarRacingOptions>;
  /**
   * While false, `step` skips the drawing and returns the last picture again, unless the episode terminates. For
   * wrappers that repeat an action. Starts as the option `observations`, without which nothing is ever drawn.
   */
  drawObservations: boolean;

  readonly #core: Core;
  /** The engine in the core's place, or null. */
  readonly #world: Box2DWorld | null;
  #random = new Random();
  #running = false;
  #closed = false;
  /** Copies that are made at their first use in an episode. */
  #track: Float64Array | null = null;
  #quads: Float64Array | null = null;
  /** The last one drawn, or black. */
  #observation: Uint8Array;
  /** The record that every step returns under `reuseObservations`. */
  readonly #result: StepResult<Uint8Array>;

  /** @see {@link CarRacing.create}, which loads the core and the engine that the options ask for */
  private constructor(options: Required<CarRacingOptions>, core: Core, world: Box2DWorld | null) {
    this.options = options;
    this.renderMode = options.renderMode;
    this.#core = core;
    this.#world = world;
    const shape = [STATE_SIZE, STATE_SIZE, 3];
    this.observationSpace = new Box({ low: 0, high: 255, shape, dtype: "uint8" });
    this.actionSpace = options.continuous
      ? new Box({ low: [-1, 0, 0], high: [1, 1, 1], dtype: "float32" })
      : new Discrete(5);
    this.#observation = new Uint8Array(this.observationSpace.size);
    this.#result = newResult(this.#observation);
    this.drawObservations = options.observations;
    core.random = this.#random.state();
    core.create({
      ...options,
      direction: DIRECTIONS.indexOf(options.direction),
      hostPhysics: world !== null,
    });
    this.#random.restore(core.random); // with `domainRandomize` the first colours have been drawn
  }

  /** @throws {@link InvalidOption} on an option that is not listed in {@link CarRacingOptions}, or out of its range */
  static async create(options: CarRacingOptions = {}): Promise<CarRacing> {
    const checked = checkOptions(options);
    const core = await Core.load();
    const world =
      checked.physics === "exact" ? null : await (await import("./box2d.ts")).createBox2DWorld(core.world);
    return new CarRacing(checked, core, world);
  }

  get unwrapped(): this {
    return this;
  }

  /** The generator that tracks are drawn from, Gymnasium's `np_random`. Whoever draws from it too changes later tracks. */
  get random(): Random {
    return this.#random;
  }

  /** float64 [n, 4] of the present track: alpha, beta, x, y of each point. The same array until the next reset. */
  get track(): Float64Array {
    this.#checkRunning();
    this.#track ??= this.#core.track;
    return this.#track;
  }

  /** Tiles that a wheel has been on. */
  get tileVisitedCount(): number {
    return this.#core.tileVisitedCount;
  }

  /** Gymnasium's `self.reward`: the sum of rewards so far, but for the -100 of a lost car. */
  get totalReward(): number {
    return this.#core.totalReward;
  }

  /** The present track and its colours, for pictures of one's own. */
  get scene(): Scene {
    this.#checkRunning();
    this.#quads ??= this.#core.quads;
    return { quads: this.#quads, quadColors: this.#core.quadColors, ...this.#core.fieldColors };
  }

  /** The present state, for pictures of one's own: a copy. */
  get view(): View {
    this.#checkRunning();
    const { time, totalReward, bodies, jointAngle, skidMarks } = this.#core;
    const omega = this.#core.wheelValues(0);
    const phase = this.#core.wheelValues(1);
    return { time, reward: totalReward, bodies, jointAngle, omega, phase, skidMarks };
  }

  /** uint8 [n]: 1 at the index of each tile that has been visited, a copy. */
  get visited(): Uint8Array {
    this.#checkRunning();
    return this.#core.visited;
  }

  /**
   * Begins an episode on a new track.
   * @param given.seed seed of a new random generator. Default: the present generator continues
   * @param given.options `{ randomize: false }` keeps the colours when `domainRandomize` is on
   * @throws {@link InvalidOption} on other arguments; the episode then goes on
   */
  reset(given: ResetOptions = {}): ResetResult<Uint8Array> {
    this.#checkOpen();
    const { seed, options } = checkResetArguments(given);
    const randomize = checkResetOptions(options);
    if (seed !== undefined) this.#random = new Random(seed);
    this.#core.random = this.#random.state();
    this.#core.draw = this.options.observations ? Draw.everyStep : Draw.never;
    this.#resetCore(randomize ? RANDOMIZE : 0);
    if (this.options.verbose) for (const line of generationLines(this.#core.attempts)) console.log(line);
    this.#random.restore(this.#core.random);
    this.#running = true;
    this.#track = this.#quads = null;
    if (this.options.observations) this.#takeObservation();
    const info: Info = {};
    if (this.options.infoExtras) this.#addExtras(info);
    return { observation: this.#observation, info };
  }

  #resetCore(flags: number): void {
    const { exports } = this.#core;
    if (!this.#world) {
      exports.reset(flags);
      return;
    }
    exports.beginReset(flags);
    this.#world.load(roadTiles(this.#core));
    exports.beginWorldStep();
    this.#world.step();
    exports.endWorldStep();
    exports.endReset();
  }

  /**
   * Drives on, by `frameSkip` steps of the world or to the end of the episode. With {@link NO_ACTION} the controls stay, the
   * reward is 0 and the episode does not end, as with Gymnasium's `None`.
   * @throws {@link InvalidAction} on other actions than `continuous` says; nothing has changed then
   */
  step(action: CarAction | typeof NO_ACTION): StepResult<Uint8Array> {
    this.#checkRunning();
    const { observations, reuseObservations, infoExtras } = this.options;
    const core = this.#core;
    core.draw = !observations ? Draw.never : this.drawObservations ? Draw.everyStep : Draw.lastStep;
    const terminated = (this.#act(action) & TERMINATED) !== 0;
    if (observations && (this.drawObservations || terminated)) this.#takeObservation();

    const { lapFinished } = core;
    let info: Info | undefined = lapFinished < 0 ? undefined : { lapFinished: lapFinished === 1 };
    if (infoExtras) {
      info ??= {};
      this.#addExtras(info);
    }
    const result = reuseObservations ? this.#result : newResult(this.#observation);
    result.reward = core.reward;
    result.terminated = terminated;
    result.truncated = false;
    result.info = info ?? (reuseObservations ? NO_INFO : {});
    return result;
  }

  /** @returns the core's flags */
  #act(action: CarAction | typeof NO_ACTION): number {
    const { exports } = this.#core;
    if (action === NO_ACTION) {
      if (!this.#world) return exports.stepNone();
      exports.beginStepNone();
    } else if (this.options.continuous) {
      if (!isControls(action)) {
        throw new InvalidAction(
          `expected three finite numbers (steer -1 to 1, gas 0 to 1, brake 0 to 1), got ${describe(action)}`,
        );
      }
      if (!this.#world) return exports.step(action[0], action[1], action[2]);
      exports.beginStep(action[0], action[1], action[2]);
    } else {
      if (!this.actionSpace.contains(action)) {
        throw new InvalidAction(
          `expected a whole number from 0 to 4 (nothing, right, left, gas, brake), got ${describe(action)}`,
        );
      }
      if (!this.#world) return exports.stepDiscrete(action as number);
      exports.beginStepDiscrete(action as number);
    }
    do {
      exports.beginWorldStep();
      this.#world.step();
    } while (exports.endWorldStep());
    return exports.endStep();
  }

  #addExtras(info: Info): void {
    const { bodies, touching } = this.#core;
    const extras: InfoExtras = {
      wheelsOnGrass: Array.from(touching, (tiles) => tiles === 0),
      speed: Math.sqrt(bodies[BodyColumn.vx] ** 2 + bodies[BodyColumn.vy] ** 2),
      progress: this.#core.exports.progress(),
      tilesVisited: this.#core.tileVisitedCount,
      lapFinished: info.lapFinished === true,
    };
    Object.assign(info, extras);
  }

  #takeObservation(): void {
    if (!this.options.reuseObservations) this.#observation = new Uint8Array(this.observationSpace.size);
    this.#core.copyObservation(this.#observation);
  }

  /** The picture that `renderMode` asks for, or null without one. */
  render(): Frame | null {
    this.#checkRunning();
    if (this.renderMode === null) return null;
    if (this.renderMode === "state_pixels") {
      const data = new Uint8Array(this.observationSpace.size);
      this.#core.exports.observe(1);
      this.#core.copyObservation(data);
      return { width: STATE_SIZE, height: STATE_SIZE, data };
    }
    this.#core.exports.render();
    return { width: VIDEO_WIDTH, height: VIDEO_HEIGHT, data: this.#core.video };
  }

  /**
   * The whole track from above with the car on it, in any render mode. Tiles lose their shade where the car has been.
   * @param size.width pixels, a whole number from 1 up. Default: 400
   * @param size.height the same. Default: the width
   * @throws {@link InvalidOption} on other sizes
   */
  renderMap({ width = 400, height = width }: { width?: number; height?: number } = {}): Frame {
    this.#checkRunning();
    for (const [name, value] of Object.entries({ width, height })) {
      if (Number.isSafeInteger(value) && value > 0) continue;
      throw new InvalidOption(
        `renderMap: expected ${name} to be a whole number from 1 up, got ${describe(value)}`,
      );
    }
    return { width, height, data: this.#core.map(width, height) };
  }

  /**
   * float32 [58]: hull x, y, angle, vx, vy, angular velocity; then of each wheel x, y, angle, vx, vy, angular
   * velocity, omega, phase, joint angle, tiles touched, gas, brake, steer. World units, radians, seconds.
   */
  bodyState(): Float32Array {
    this.#checkRunning();
    return this.#core.bodyState();
  }

  /** The whole state: restoring it and going on gives the same bits as never having stopped. */
  snapshot(): CarRacingSnapshot {
    this.#checkRunning();
    this.#core.random = this.#random.state();
    return {
      physicsName: this.options.physics,
      core: this.#core.snapshot(),
      physics: this.#world?.snapshot() ?? null,
    };
  }

  /**
   * Wrappers keep their own state, which is not in a snapshot: TimeLimit counts on from its last reset, and an environment
   * of `make` still wants its first `reset` before it steps.
   * @throws {@link InvalidOption} on anything but a snapshot of the same physics engine; the episode then goes on
   */
  restore(state: CarRacingSnapshot): void {
    this.#checkOpen();
    const { physicsName, core, physics } = (state ?? {}) as Partial<CarRacingSnapshot>;
    const name = this.options.physics;
    if (core instanceof Uint8Array && physicsName !== name) {
      throw new InvalidOption(
        `restore: expected a snapshot of physics "${name}", got one of ${describe(physicsName)}`,
      );
    }
    const complete = this.#world ? physics instanceof Uint8Array : physics === null;
    if (!(core instanceof Uint8Array && complete && this.#core.restore(core))) {
      throw new InvalidOption("restore: expected what snapshot() returned, or a structuredClone of it");
    }
    if (physics) this.#world?.restore(physics);
    this.#random = new Random(0);
    this.#random.restore(this.#core.random);
    this.#running = true;
    this.#track = this.#quads = null;
  }

  /** Every later call throws {@link ClosedEnvironment}; closing twice does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#world?.free();
  }

  #checkOpen(): void {
    if (this.#closed)
      throw new ClosedEnvironment("CarRacing: the environment has been closed; make a new one");
  }

  #checkRunning(): void {
    this.#checkOpen();
    if (!this.#running)
      throw new ResetNeeded("CarRacing: call reset() before step, render or a look at the state");
  }
}

/** Gymnasium's messages with `verbose=True`, from the core's attempts at a track. */
function generationLines(attempts: Core["attempts"]): string[] {
  return attempts.flatMap(([first, last], i) => [
    ...(first < 0 ? [] : [`Track generation: ${first}..${last} -> ${last - first}-tiles track`]),
    // Gymnasium joins its two halves without a blank.
    ...(i < attempts.length - 1
      ? ["retry to generate track (normal if there are not manyinstances of this message)"]
      : []),
  ]);
}

/** float64 [n, 8]: corners x, y of each road tile. */
function roadTiles(core: Core): Float64Array {
  const { quads, tileQuads } = core;
  const tiles = new Float64Array(8 * tileQuads.length);
  tileQuads.forEach((quad, tile) => {
    tiles.set(quads.subarray(8 * quad, 8 * quad + 8), 8 * tile);
  });
  return tiles;
}

/** The `info` of a step with nothing to say, under `reuseObservations`. */
const NO_INFO: Info = Object.freeze({});

function newResult(observation: Uint8Array): StepResult<Uint8Array> {
  return { observation, reward: 0, terminated: false, truncated: false, info: NO_INFO };
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
