/**
 * One episode in which one can go back. A timeline steps the environment that `make` returns, keeps every action and
 * reward, and takes snapshots at regular steps, so that every earlier step is reached within some milliseconds. Its
 * contents are a recording, and a recording can be loaded into it.
 */
import type { Seed } from "../../../../env/api.ts";
import { type CarRacing, type CarRacingSnapshot, InvalidOption, make } from "../../../../env/index.ts";
import {
  asFloats,
  type Driver,
  type Episode,
  hashObservation,
  type StepRange,
} from "../../../../recordings/episode.ts";
import { VERSION } from "../../../../recordings/version.ts";
import { Pose } from "./pose.ts";
import type { World } from "./worlds.ts";

/** The end of an episode: lap finished, out of bounds, or step limit reached. Null before its end. */
export type Ending = "lap" | "out of bounds" | "time" | null;

/** Steps between two snapshots of a short episode: one second. */
const SNAPSHOT_STEPS = 50;
/** Largest number of snapshots. A snapshot and its frame take 48 kB, so an episode of any length takes 3 MB. */
const MAX_SNAPSHOTS = 64;

/** A step to which the environment can return. */
interface Bookmark {
  snapshot: CarRacingSnapshot;
  observation: Uint8Array;
}

/** An episode and the environment that drives it. */
export class Timeline {
  /** The environment, at the present step. */
  readonly car: CarRacing;
  /** Rules of the episode. */
  readonly world: World;
  /** Seed of the track. */
  seed: Seed = 0;
  /** The present step, counted from the start. */
  steps = 0;
  /** Frame at the present step, uint8 [96, 96, 3]. Without drawing it stays the first frame. */
  observation!: Uint8Array;
  /** Pose one step before the present one. */
  readonly before = new Pose();
  /** Pose at the present step. */
  readonly after = new Pose();
  /** First step whose reward differs from the recording, as when another version drove it; null if there is none. */
  mismatch: number | null = null;

  readonly #draws: boolean;
  #actions: number[] = [];
  #rewards: number[] = [];
  /** Sum of the rewards before each step, added in order. */
  #totals: number[] = [0];
  #corrected: boolean[] = [];
  #bookmarks = new Map<number, Bookmark>();
  #snapshotSteps = SNAPSHOT_STEPS;
  /** The ending and the frame of the last known step. */
  #lastEnding: Ending = null;
  #lastObservation!: Uint8Array;

  private constructor(car: CarRacing, world: World, draws: boolean) {
    this.car = car;
    this.world = world;
    this.#draws = draws;
  }

  /**
   * Makes a timeline. Call `begin` or `load` before anything else.
   * @param draws false for drivers that read the environment's state: frames are then not drawn. Default: true.
   * @throws InvalidOption if the rules are not CarRacing-v3 with continuous actions, or cannot be made in this page
   */
  static async create(world: World, draws = true): Promise<Timeline> {
    const { id, kwargs, maxEpisodeSteps } = world.environment;
    if (id !== "CarRacing-v3" || kwargs.continuous === false)
      throw new InvalidOption(
        `environment: expected CarRacing-v3 with steer, gas and brake, got ${id}${kwargs.continuous === false ? " with discrete actions" : ""}`,
      );
    const env = await make(id, { ...kwargs, maxEpisodeSteps });
    return new Timeline(env.unwrapped as CarRacing, world, draws);
  }

  /** Puts the car at the start of a track. */
  begin(seed: Seed): void {
    this.seed = seed;
    this.steps = 0;
    this.#forget();
    this.#bookmarks.clear();
    this.#snapshotSteps = SNAPSHOT_STEPS;
    this.#lastObservation = this.observation = this.car.reset({
      seed,
      options: this.world.options,
    }).observation;
    this.car.drawObservations = this.#draws;
    this.mismatch = null;
    this.#bookmark();
    this.#jumped();
  }

  /** Puts the car at the start of a recording, along which `replay` and `seek` then move. */
  load(episode: Episode): void {
    this.begin(episode.seed);
    this.#actions = [...episode.actions];
    this.#rewards = [...episode.rewards];
    for (const [i, reward] of this.#rewards.entries()) this.#totals.push(this.#totals[i] + reward);
    this.#corrected = this.#rewards.map(() => false);
    for (const [first, end] of episode.corrections ?? []) this.#corrected.fill(true, first, end);
  }

  /** Number of known steps: those driven, or those of the recording. */
  get length(): number {
    return this.#rewards.length;
  }

  /** Number of snapshots held: at most 64, however long the episode. */
  get snapshots(): number {
    return this.#bookmarks.size;
  }

  /** Driving reward up to the present step. */
  get reward(): number {
    return this.#totals[this.steps];
  }

  /** The episode's end; null before its last step. */
  get ending(): Ending {
    return this.steps === this.length ? this.#lastEnding : null;
  }

  /** Simulated seconds up to the present step. */
  get seconds(): number {
    return this.steps / this.car.metadata.renderFps;
  }

  /** True if a person drove the last step in the driver's place. */
  get wasCorrected(): boolean {
    return this.#corrected[this.steps - 1] ?? false;
  }

  /** Writes the action of the last step: steer, gas, brake. Zero at the start. */
  lastAction(action: Float32Array): void {
    for (let k = 0; k < 3; k++) action[k] = this.#actions[3 * (this.steps - 1) + k] ?? 0;
  }

  /**
   * Drives a step and forgets the steps that were known after the present one.
   * @param action steer, gas, brake
   * @param corrected true if a person chose it in the driver's place. Default: false.
   */
  advance(action: ArrayLike<number>, corrected = false): void {
    this.#forget();
    this.#actions.push(...Array.from(action));
    this.#corrected.push(corrected);
    const result = this.#step(action);
    this.#rewards.push(result.reward);
    this.#totals.push(this.#totals[this.steps] + result.reward);
    this.#arrive(result);
  }

  /** Drives the next known step again. Returns false if there is none. */
  replay(): boolean {
    if (this.steps >= this.length) return false;
    const result = this.#step(this.#actions.slice(3 * this.steps, 3 * this.steps + 3));
    if (result.reward !== this.#rewards[this.steps]) this.mismatch ??= this.steps;
    this.#arrive(result);
    return true;
  }

  /** Goes to a known step. A step beyond the last one means the last one. */
  seek(step: number): void {
    const target = Math.max(0, Math.min(step, this.length));
    if (target === this.steps) return;
    let from = target;
    while (!this.#bookmarks.has(from)) from--;
    if (target < this.steps || from > this.steps) {
      const { snapshot, observation } = this.#bookmarks.get(from)!;
      this.car.restore(snapshot);
      this.observation = observation;
      this.steps = from;
    }
    // Frames are drawn for the target and for snapshots only.
    while (this.steps < target) {
      this.car.drawObservations = this.#draws && this.#isStop(this.steps + 1, target);
      this.replay();
    }
    this.car.drawObservations = this.#draws;
    this.#jumped();
  }

  /**
   * The known steps as a recording.
   * @param driver driver of the steps that nobody corrected
   */
  episode(driver: Driver): Episode {
    const corrections = rangesOf(this.#corrected);
    const actions = asFloats(this.#actions);
    return {
      tritrack: VERSION,
      ...this.world,
      seed: this.seed,
      driver,
      form: { type: actions instanceof Float32Array ? "float32" : "float64", size: 3 },
      actions,
      rewards: Float64Array.from(this.#rewards),
      end:
        this.#lastEnding === null ? "interrupted" : this.#lastEnding === "time" ? "truncated" : "terminated",
      frameSha256: hashObservation(this.#lastObservation),
      ...(corrections.length > 0 ? { corrections } : {}),
    };
  }

  /** True if a person corrected any step. */
  get hasCorrections(): boolean {
    return this.#corrected.includes(true);
  }

  /** Frees the environment. */
  close(): void {
    this.car.close();
  }

  #step(action: ArrayLike<number>) {
    const result = this.car.step(action);
    this.before.copy(this.after);
    this.after.read(this.car.view);
    return result;
  }

  /** Notes the outcome of a step. */
  #arrive({ observation, terminated, info }: ReturnType<CarRacing["step"]>): void {
    this.steps++;
    this.observation = observation;
    if (this.steps % this.#snapshotSteps === 0) this.#bookmark();
    if (this.steps < this.length) return;
    this.#lastObservation = observation;
    const { maxEpisodeSteps } = this.world.environment;
    if (terminated) this.#lastEnding = info.lapFinished ? "lap" : "out of bounds";
    else this.#lastEnding = maxEpisodeSteps !== null && this.steps >= maxEpisodeSteps ? "time" : null;
  }

  #isStop(step: number, target: number): boolean {
    return step === target || step === this.length || step % this.#snapshotSteps === 0;
  }

  #bookmark(): void {
    if (this.#bookmarks.has(this.steps)) return;
    this.#bookmarks.set(this.steps, { snapshot: this.car.snapshot(), observation: this.observation });
    if (this.#bookmarks.size <= MAX_SNAPSHOTS) return;
    this.#snapshotSteps *= 2;
    for (const step of this.#bookmarks.keys())
      if (step % this.#snapshotSteps > 0) this.#bookmarks.delete(step);
  }

  /** Forgets the steps after the present one. */
  #forget(): void {
    if (this.steps === this.length) return;
    this.#actions.length = 3 * this.steps;
    this.#rewards.length = this.#corrected.length = this.steps;
    this.#totals.length = this.steps + 1;
    this.#lastEnding = null;
    for (const step of this.#bookmarks.keys()) if (step > this.steps) this.#bookmarks.delete(step);
  }

  /** After a jump no step leads to the present pose, so there is nothing to interpolate. */
  #jumped(): void {
    this.after.read(this.car.view);
    this.before.copy(this.after);
  }
}

/** Ranges of consecutive true flags: first step and the step after the last. */
function rangesOf(flags: readonly boolean[]): StepRange[] {
  const ranges: StepRange[] = [];
  for (let first = flags.indexOf(true); first >= 0; ) {
    let end = first;
    while (flags[end]) end++;
    ranges.push([first, end]);
    first = flags.indexOf(true, end);
  }
  return ranges;
}
