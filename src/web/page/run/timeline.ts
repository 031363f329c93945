/**
 * One episode that can be gone back in. It steps the environment that `make` gives to everyone, keeps every action and
 * reward, and takes a snapshot each second, so that any step so far is a few milliseconds away. What it holds is a
 * recording, and a recording can be loaded into it.
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

/** How an episode ended; null while it goes on. */
export type Ending = "lap" | "off field" | "time" | null;

/** Steps between two snapshots: one second. A snapshot and its frame are 48 kB. */
const SNAPSHOT_STEPS = 50;

interface Bookmark {
  snapshot: CarRacingSnapshot;
  observation: Uint8Array;
}

export class Timeline {
  readonly car: CarRacing;
  readonly world: World;
  seed: Seed = 0;
  /** Where the car is: steps since the start. */
  steps = 0;
  /** As the network sees it; the start's when nothing is drawn. */
  observation!: Uint8Array;
  /** The car now and a step before, for drawing in between. */
  readonly before = new Pose();
  readonly after = new Pose();
  /** First step that came out otherwise than it is recorded: another version drove it. */
  mismatch: number | null = null;

  private readonly draws: boolean;
  private actions: number[] = [];
  private rewards: number[] = [];
  /** Sum of the rewards before each step, added up in their order. */
  private totals: number[] = [0];
  private corrected: boolean[] = [];
  private bookmarks = new Map<number, Bookmark>();
  /** How the last step ended it, and the frame after it. */
  private lastEnding: Ending = null;
  private lastObservation!: Uint8Array;

  private constructor(car: CarRacing, world: World, draws: boolean) {
    this.car = car;
    this.world = world;
    this.draws = draws;
  }

  /**
   * @param draws false for a driver that looks at the state: its frames are then not made
   * @throws InvalidOption when the world is not of CarRacing with steer, gas and brake, or cannot be made in this page
   */
  static async create(world: World, draws = true): Promise<Timeline> {
    const { id, kwargs, maxEpisodeSteps } = world.environment;
    if (id !== "CarRacing-v3" || kwargs.continuous === false)
      throw new InvalidOption("this page drives CarRacing-v3 with steer, gas and brake only");
    const env = await make(id, { ...kwargs, maxEpisodeSteps });
    return new Timeline(env.unwrapped as CarRacing, world, draws);
  }

  /** Puts the car at the start of a track. */
  begin(seed: Seed): void {
    this.seed = seed;
    this.steps = 0;
    this.forget();
    this.bookmarks.clear();
    this.lastObservation = this.observation = this.car.reset({
      seed,
      options: this.world.options,
    }).observation;
    this.car.drawObservations = this.draws;
    this.mismatch = null;
    this.bookmark();
    this.jumped();
  }

  /** Puts the car at the start of a recording: `replay` and `seek` then go along it. */
  load(episode: Episode): void {
    this.begin(episode.seed);
    this.actions = [...episode.actions];
    this.rewards = [...episode.rewards];
    for (const [i, reward] of this.rewards.entries()) this.totals.push(this.totals[i] + reward);
    this.corrected = this.rewards.map(() => false);
    for (const [first, end] of episode.corrections ?? []) this.corrected.fill(true, first, end);
  }

  /** Steps that are known: those driven, or those of the recording. */
  get length(): number {
    return this.rewards.length;
  }

  /** Driving reward up to here. */
  get reward(): number {
    return this.totals[this.steps];
  }

  get ending(): Ending {
    return this.steps === this.length ? this.lastEnding : null;
  }

  /** Simulated seconds up to here. */
  get seconds(): number {
    return this.steps / this.car.metadata.renderFps;
  }

  /** Whether a person drove the last step in the driver's place. */
  get wasCorrected(): boolean {
    return this.corrected[this.steps - 1] ?? false;
  }

  /** The action of the last step: steer, gas, brake. */
  lastAction(action: Float32Array): void {
    for (let k = 0; k < 3; k++) action[k] = this.actions[3 * (this.steps - 1) + k] ?? 0;
  }

  /**
   * Drives a step. What was known from here on is forgotten.
   * @param action steer, gas, brake
   * @param corrected whether it is a person's, in the driver's place
   */
  advance(action: ArrayLike<number>, corrected = false): void {
    this.forget();
    this.actions.push(...Array.from(action));
    this.corrected.push(corrected);
    const result = this.step(action);
    this.rewards.push(result.reward);
    this.totals.push(this.totals[this.steps] + result.reward);
    this.arrive(result);
  }

  /** Drives the known next step again; false when there is none. */
  replay(): boolean {
    if (this.steps >= this.length) return false;
    const result = this.step(this.actions.slice(3 * this.steps, 3 * this.steps + 3));
    if (result.reward !== this.rewards[this.steps]) this.mismatch ??= this.steps;
    this.arrive(result);
    return true;
  }

  /** Goes to a known step, at once. */
  seek(step: number): void {
    const target = Math.max(0, Math.min(step, this.length));
    if (target === this.steps) return;
    let from = target;
    while (!this.bookmarks.has(from)) from--;
    if (target < this.steps || from > this.steps) {
      const { snapshot, observation } = this.bookmarks.get(from)!;
      this.car.restore(snapshot);
      this.observation = observation;
      this.steps = from;
    }
    // Only the frame that is looked at is drawn, and those that snapshots keep.
    while (this.steps < target) {
      this.car.drawObservations = this.draws && this.isStop(this.steps + 1, target);
      this.replay();
    }
    this.car.drawObservations = this.draws;
    this.jumped();
  }

  /** What has been driven, as a recording. @param driver who drove where nobody corrected */
  episode(driver: Driver): Episode {
    const corrections = rangesOf(this.corrected);
    const actions = asFloats(this.actions);
    return {
      tritrack: VERSION,
      ...this.world,
      seed: this.seed,
      driver,
      form: { type: actions instanceof Float32Array ? "float32" : "float64", size: 3 },
      actions,
      rewards: Float64Array.from(this.rewards),
      end: this.lastEnding === null ? "interrupted" : this.lastEnding === "time" ? "truncated" : "terminated",
      frameSha256: hashObservation(this.lastObservation),
      ...(corrections.length > 0 ? { corrections } : {}),
    };
  }

  /** Whether anything was corrected. */
  get hasCorrections(): boolean {
    return this.corrected.includes(true);
  }

  close(): void {
    this.car.close();
  }

  private step(action: ArrayLike<number>) {
    const result = this.car.step(action);
    this.before.copy(this.after);
    this.after.read(this.car.view);
    return result;
  }

  /** The step has been made: what it gave is noted. */
  private arrive({ observation, terminated, info }: ReturnType<CarRacing["step"]>): void {
    this.steps++;
    this.observation = observation;
    if (this.steps % SNAPSHOT_STEPS === 0) this.bookmark();
    if (this.steps < this.length) return;
    this.lastObservation = observation;
    const { maxEpisodeSteps } = this.world.environment;
    if (terminated) this.lastEnding = info.lapFinished ? "lap" : "off field";
    else this.lastEnding = maxEpisodeSteps !== null && this.steps >= maxEpisodeSteps ? "time" : null;
  }

  private isStop(step: number, target: number): boolean {
    return step === target || step === this.length || step % SNAPSHOT_STEPS === 0;
  }

  private bookmark(): void {
    if (this.bookmarks.has(this.steps)) return;
    this.bookmarks.set(this.steps, { snapshot: this.car.snapshot(), observation: this.observation });
  }

  /** Forgets what was known from here on. */
  private forget(): void {
    if (this.steps === this.length) return;
    this.actions.length = 3 * this.steps;
    this.rewards.length = this.corrected.length = this.steps;
    this.totals.length = this.steps + 1;
    this.lastEnding = null;
    for (const step of this.bookmarks.keys()) if (step > this.steps) this.bookmarks.delete(step);
  }

  /** There is no step that led here: the drawing stands still. */
  private jumped(): void {
    this.after.read(this.car.view);
    this.before.copy(this.after);
  }
}

/** The runs of true as ranges. */
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
