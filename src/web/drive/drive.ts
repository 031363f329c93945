/**
 * One person's drive, episode after episode: waits, counts down, steps the environment 50 times a second, pauses,
 * ends. Everything is recorded on the way. It knows no DOM: the page tells it the time, and it tells the page what
 * happened.
 */
import type { Seed } from "../../../env/api.ts";
import { formatEpisode } from "../../../recordings/episode.ts";
import { recordingName } from "../recording-name.ts";
import { StepClock } from "./clock.ts";
import type { DriveWorld } from "./world.ts";

export type Phase = "ready" | "countdown" | "driving" | "paused" | "finished";

export interface DriveEvents {
  phase(phase: Phase): void;
  /** A new episode stands at its start. */
  reset(): void;
  stepped(): void;
  /** What is to be kept of the episode so far: once a second, and when it pauses or ends. */
  save(name: string, text: string): void;
}

/** Milliseconds before an episode begins, and before a paused one goes on. */
const START_COUNTDOWN = 3000;
const RESUME_COUNTDOWN = 1000;

export class Drive {
  phase: Phase = "ready";
  seed: Seed = 0;
  steps = 0;
  /** Driving reward so far. */
  reward = 0;
  /** As the network sees it. */
  observation!: Uint8Array;
  /** The last action: steer, gas, brake. */
  readonly action = new Float32Array(3);
  /** Milliseconds left of the countdown. */
  countdown = 0;
  /** The environment's word on how the episode ended. */
  ending: "lap" | "off field" | "time" | null = null;

  private world: DriveWorld;
  private readonly control: (action: Float32Array<ArrayBuffer>) => void;
  private readonly events: DriveEvents;
  private readonly clock: StepClock;
  /** Time of the last frame since `start`. */
  private last: number | null = null;
  private name = "";
  private savedSteps = 0;

  /**
   * @param world the environment, and what the page shows of it
   * @param control writes the driver's wish to the action, once a step
   */
  constructor(world: DriveWorld, control: (action: Float32Array<ArrayBuffer>) => void, events: DriveEvents) {
    this.world = world;
    this.control = control;
    this.events = events;
    this.clock = new StepClock(1000 / world.env.metadata.renderFps);
  }

  /** Puts the car at the start of a track; what was driven before stays recorded. */
  begin(seed: Seed, world = this.world): void {
    this.save();
    this.world = world;
    this.seed = seed;
    this.observation = world.env.reset({ seed }).observation;
    this.steps = this.savedSteps = this.reward = 0;
    this.action.fill(0);
    this.ending = null;
    this.events.reset();
    this.enter("ready");
  }

  /** Counts down, then drives: from the start, after a pause, or the same track again after its end. */
  start(): void {
    if (this.phase === "countdown" || this.phase === "driving") return;
    if (this.phase === "finished") this.begin(this.seed);
    this.countdown = this.steps === 0 ? START_COUNTDOWN : RESUME_COUNTDOWN;
    this.last = null;
    this.enter("countdown");
  }

  pause(): void {
    if (this.phase !== "countdown" && this.phase !== "driving") return;
    this.save();
    this.enter(this.steps === 0 ? "ready" : "paused");
  }

  /** Call at each frame of the display. @param now milliseconds, of any origin */
  frame(now: number): void {
    const passed = now - (this.last ?? now);
    this.last = now;
    if (this.phase === "countdown") {
      this.countdown -= passed;
      if (this.countdown <= 0) this.enter("driving");
    }
    if (this.phase !== "driving") return;
    for (let due = this.clock.advance(now); due > 0 && this.phase === "driving"; due--) this.step();
  }

  /** How far the view has come from the whole track (0) to the car (1): it approaches in the first countdown. */
  get approach(): number {
    if (this.phase === "ready") return 0;
    if (this.phase !== "countdown" || this.steps > 0) return 1;
    const share = Math.min(1, 1 - this.countdown / START_COUNTDOWN);
    return share * share * (3 - 2 * share);
  }

  /** How far the display is from the step before the last (0) to the last (1): drawing lags one step behind. */
  get fraction(): number {
    return this.phase === "driving" ? this.clock.fraction : 1;
  }

  private step(): void {
    const { env } = this.world;
    this.control(this.action);
    const { observation, reward, terminated, truncated, info } = env.step(this.action);
    if (this.steps === 0) this.name = recordingName(this.seed, new Date());
    this.steps++;
    this.reward += reward;
    this.observation = observation;
    this.events.stepped();
    if (terminated || truncated) {
      this.ending = truncated ? "time" : info.lapFinished ? "lap" : "off field";
      this.save();
      this.enter("finished");
    } else if (this.steps % env.metadata.renderFps === 0) this.save();
  }

  private save(): void {
    if (this.steps === this.savedSteps) return;
    this.savedSteps = this.steps;
    this.events.save(this.name, formatEpisode(this.world.env.episode()!));
  }

  private enter(phase: Phase): void {
    if (phase === "driving") this.clock.stop();
    this.phase = phase;
    this.events.phase(phase);
  }
}
