/**
 * The core from TypeScript: an instance of `core/carracing.as.ts` and names for the places in its memory. docs/core.md
 * describes both. An instance is one environment; its memory never grows, so that views of it last.
 */
import { instantiateKernel, instantiateKernelNow } from "../wasm.ts";
import binary from "./core/carracing.wasm.ts";
import { STATE_SIZE, VIDEO_HEIGHT, VIDEO_WIDTH, WHEELS } from "./core/constants.ts";
import * as at from "./core/layout.ts";
import type { Scene, SkidMark } from "./view.ts";
import { BODY_STRIDE } from "./view.ts";

/** Exports of the core. Functions return 0 or an error; see docs/core.md. */
export interface CoreExports {
  memory: WebAssembly.Memory;
  OBSERVATION: WebAssembly.Global<"i32">;
  VIDEO: WebAssembly.Global<"i32">;
  create(): number;
  seed(words: number): number;
  reset(flags: number): number;
  resetOnTrack(points: number, flags: number): number;
  step(steer: number, gas: number, brake: number): number;
  stepDiscrete(action: number): number;
  stepNone(): number;
  observe(afterStep: number): number;
  render(): number;
  renderMap(width: number, height: number, row: number): number;
  bodyState(): number;
  progress(): number;
  stateSize(): number;
  restore(size: number): number;
  beginReset(flags: number): number;
  endReset(): void;
  beginStep(steer: number, gas: number, brake: number): number;
  beginStepDiscrete(action: number): number;
  beginStepNone(): number;
  beginWorldStep(): void;
  endWorldStep(): number;
  endStep(): number;
}

/** Places of `Options`, `Episode` and the rest, as indices of the view of their type. */
const OPTION_F64 = at.OPTIONS_AT / 8;
const OPTION_I32 = at.OPTIONS_AT / 4;
const EPISODE_F64 = at.EPISODE_AT / 8;
const EPISODE_I32 = at.EPISODE_AT / 4;

/** Options of the core that TypeScript sets, in docs/core.md's words. */
export interface CoreOptions {
  lapCompletePercent: number;
  domainRandomize: boolean;
  frameSkip: number;
  completionFix: boolean;
  randomStart: boolean;
  /** 0 forward, 1 backward, 2 drawn. */
  direction: number;
  hostPhysics: boolean;
}

/** When the core draws: never, every step, or only the step that ends an episode. */
export const Draw = { never: 0, everyStep: 1, lastStep: 2 } as const;

/** Bit of a step's flags. */
export const TERMINATED = 1;
/** Flag of a reset. */
export const RANDOMIZE = 1;

export class Core {
  /** Loads an instance. */
  static async load(): Promise<Core> {
    return new Core(await instantiateKernel<CoreExports>(binary));
  }

  /** The same at once: compiling takes some milliseconds. */
  static loadNow(): Core {
    return new Core(instantiateKernelNow<CoreExports>(binary));
  }

  readonly exports: CoreExports;
  readonly #bytes: Uint8Array;
  readonly #ints: Int32Array;
  readonly #floats: Float32Array;
  readonly #doubles: Float64Array;
  readonly #words: Uint32Array;
  readonly #observation: Uint8Array;
  readonly #video: Uint8Array;

  private constructor(exports: CoreExports) {
    this.exports = exports;
    const { buffer } = exports.memory;
    this.#bytes = new Uint8Array(buffer);
    this.#ints = new Int32Array(buffer);
    this.#floats = new Float32Array(buffer);
    this.#doubles = new Float64Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#observation = new Uint8Array(buffer, exports.OBSERVATION.value, STATE_SIZE * STATE_SIZE * 3);
    this.#video = new Uint8Array(buffer, exports.VIDEO.value, VIDEO_WIDTH * VIDEO_HEIGHT * 3);
  }

  /** Takes the options; to be called once, before the first reset. */
  create(options: CoreOptions): void {
    this.#doubles[OPTION_F64] = options.lapCompletePercent;
    this.#ints[OPTION_I32 + 4] = Number(options.domainRandomize);
    this.#ints[OPTION_I32 + 5] = options.frameSkip;
    this.#ints[OPTION_I32 + 6] = Number(options.completionFix);
    this.#ints[OPTION_I32 + 7] = Number(options.randomStart);
    this.#ints[OPTION_I32 + 8] = options.direction;
    this.#ints[OPTION_I32 + 12] = Number(options.hostPhysics);
    this.exports.create();
  }

  /** One of {@link Draw}. */
  set draw(when: number) {
    this.#ints[OPTION_I32 + 9] = when;
  }

  // ---- The episode's numbers ----

  get reward(): number {
    return this.#doubles[EPISODE_F64];
  }
  get totalReward(): number {
    return this.#doubles[EPISODE_F64 + 1];
  }
  get time(): number {
    return this.#doubles[EPISODE_F64 + 2];
  }
  /** -1: the step says nothing; 0 the car is lost; 1 the lap is finished. */
  get lapFinished(): number {
    return this.#ints[EPISODE_I32 + 8];
  }
  get tileVisitedCount(): number {
    return this.#ints[EPISODE_I32 + 9];
  }
  get tileCount(): number {
    return this.#ints[EPISODE_I32 + 10];
  }
  get quadCount(): number {
    return this.#ints[EPISODE_I32 + 11];
  }
  get retries(): number {
    return this.#ints[EPISODE_I32 + 15];
  }

  // ---- Copies of values in memory ----

  /** The generator's ten words, as `Random.state()`. */
  get random(): Uint32Array {
    return this.#words.slice(at.RANDOM_AT / 4, at.RANDOM_AT / 4 + 10);
  }
  set random(words: Uint32Array) {
    this.#words.set(words, at.RANDOM_AT / 4);
  }

  /** float64 [n, 4]: alpha, beta, x, y of each point of the track. */
  get track(): Float64Array {
    const from = this.#ints[EPISODE_I32 + 16] / 8;
    return this.#doubles.slice(from, from + 4 * this.tileCount);
  }
  /** float64 [m, 8]: corners of tiles and kerbs in drawing order. */
  get quads(): Float64Array {
    const from = this.#ints[EPISODE_I32 + 17] / 8;
    return this.#doubles.slice(from, from + 8 * this.quadCount);
  }
  /** uint8 [m, 3] */
  get quadColors(): Uint8Array {
    const from = this.#ints[EPISODE_I32 + 18];
    return this.#bytes.slice(from, from + 3 * this.quadCount);
  }
  /** int32 [n]: quad of each tile. */
  get tileQuads(): Int32Array {
    const from = this.#ints[EPISODE_I32 + 19] / 4;
    return this.#ints.slice(from, from + this.tileCount);
  }
  /** uint8 [n]: 1 where a wheel has been. */
  get visited(): Uint8Array {
    const from = this.#ints[EPISODE_I32 + 20];
    return this.#bytes.slice(from, from + this.tileCount);
  }
  /** float32 [5, 8] */
  get bodies(): Float32Array {
    return this.#floats.slice(at.BODIES_AT / 4, at.BODIES_AT / 4 + (1 + WHEELS) * BODY_STRIDE);
  }
  /** float32 [4] */
  get jointAngle(): Float32Array {
    return this.#floats.slice(at.JOINT_ANGLE_AT / 4, at.JOINT_ANGLE_AT / 4 + WHEELS);
  }
  /** int32 [4] */
  get touching(): Int32Array {
    return this.#ints.slice(at.TOUCHING_AT / 4, at.TOUCHING_AT / 4 + WHEELS);
  }
  /** float64 [4] of the wheels' value `column`: 0 omega, 1 phase. */
  wheelValues(column: number): Float64Array {
    const wheels = at.WHEELS_AT / 8 + column;
    return Float64Array.from({ length: WHEELS }, (_, w) => this.#doubles[wheels + (at.WHEEL_BYTES / 8) * w]);
  }
  /** Colour of the field and of the grass, bytes. */
  get fieldColors(): Pick<Scene, "background" | "grass"> {
    const [, , , ...values] = this.#doubles.subarray(at.COLORS_AT / 8, at.COLORS_AT / 8 + 9);
    const [r, g, b, grassR, grassG, grassB] = values.map(Math.trunc);
    return { background: [r, g, b], grass: [grassR, grassG, grassB] };
  }
  get skidMarks(): SkidMark[] {
    const [first, count] = this.#ints.subarray(at.SKIDS_AT / 4, at.SKIDS_AT / 4 + 2);
    return Array.from({ length: count }, (_, i) => {
      const slot = (first + i) % at.MAX_SKID_MARKS;
      const mark = (at.SKIDS_AT + 8 + at.SKID_MARK_BYTES * slot) / 4;
      const points = this.#floats.subarray(mark + 2, mark + 2 + 2 * this.#ints[mark]);
      return { points: [...points], grass: this.#ints[mark + 1] === 1 };
    });
  }

  /** float32 [58], the columns of the golden episodes. */
  bodyState(): Float32Array {
    this.exports.bodyState();
    return this.#floats.slice(at.BODY_STATE_AT / 4, at.BODY_STATE_AT / 4 + 6 + 13 * WHEELS);
  }

  /** Attempts at the last track (at most 64): first and last point of the part that closed, -1 and -1 if none did. */
  get attempts(): [first: number, last: number][] {
    const count = this.#ints[at.ATTEMPTS_AT / 4];
    const pairs = this.#ints.slice(at.ATTEMPTS_AT / 4 + 1, at.ATTEMPTS_AT / 4 + 1 + 2 * count);
    return Array.from({ length: count }, (_, i) => [pairs[2 * i], pairs[2 * i + 1]]);
  }

  // ---- Pictures ----

  /** Copies the observation that was drawn last. */
  copyObservation(out: Uint8Array): void {
    out.set(this.#observation);
  }
  /** A copy of the picture that `render` drew. */
  get video(): Uint8Array {
    return this.#video.slice();
  }
  /** A picture of the whole track, RGB. */
  map(width: number, height: number): Uint8Array {
    const data = new Uint8Array(width * height * 3);
    for (let row = 0; row < height; ) {
      const rows = this.exports.renderMap(width, height, row);
      data.set(this.#video.subarray(0, 3 * width * rows), 3 * width * row);
      row += rows;
    }
    return data;
  }

  // ---- Snapshots ----

  snapshot(): Uint8Array {
    return this.#bytes.slice(at.STATE_AT, at.STATE_AT + this.exports.stateSize());
  }

  /** Restores a snapshot. @returns false if the bytes are not one; the episode then continues */
  restore(state: Uint8Array): boolean {
    if (state.length > at.STATE_MAX_BYTES) return false;
    this.#bytes.set(state, at.SNAPSHOT_AT);
    return this.exports.restore(state.length) === 0;
  }

  /** The world's inputs and outputs, for physics other than the core's. */
  get world(): WorldMemory {
    const { buffer } = this.#bytes;
    return {
      bodies: new Float32Array(buffer, at.BODIES_AT, (1 + WHEELS) * BODY_STRIDE),
      jointAngle: new Float32Array(buffer, at.JOINT_ANGLE_AT, WHEELS),
      touching: new Int32Array(buffer, at.TOUCHING_AT, WHEELS),
      motorSpeed: new Float32Array(buffer, at.MOTOR_SPEED_AT, WHEELS),
      force: new Float32Array(buffer, at.FORCE_AT, 2 * WHEELS),
      begun: new Int32Array(buffer, at.BEGUN_AT, WHEELS * at.MAX_TILES),
      hullBegun: new Int32Array(buffer, at.HULL_BEGUN_AT, at.MAX_TILES),
      counts: new Int32Array(buffer, at.BEGUN_COUNT_AT, 2),
    };
  }
}

/** Views of the core's memory in which a world other than the core's reads its inputs and writes its outputs. */
export interface WorldMemory {
  /** Output, float32 [5, 8]: hull, then the wheels, in `BodyColumn`s. Holds the car's place when a world is loaded. */
  bodies: Float32Array;
  /** Output, float32 [4]: `b2RevoluteJoint::GetJointAngle` of the wheels, radians. */
  jointAngle: Float32Array;
  /** Output, int32 [4]: how many tiles each wheel touches. */
  touching: Int32Array;
  /** Input, float32 [4]: target speed of the joints' motors, radians a second. */
  motorSpeed: Float32Array;
  /** Input, float32 [4, 2]: force at the centre of each wheel. */
  force: Float32Array;
  /** Output: tiles that wheels began to touch in the last step, in Box2D's order. */
  begun: Int32Array;
  /** Output: tiles that the hull began to touch in the last step. */
  hullBegun: Int32Array;
  /** Output: how many of `begun` and of `hullBegun` count. */
  counts: Int32Array;
}
