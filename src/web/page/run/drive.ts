/**
 * One drive, episode after episode: waits, counts down, steps the environment 50 times a second, pauses, ends.
 * Everything is recorded on the way. It knows no DOM: the page tells it the time, and it tells the page what happened.
 */
import type { Seed } from "../../../../env/api.ts";
import { type Driver, formatEpisode } from "../../../../recordings/episode.ts";
import { recordingName } from "../storage/recording-name.ts";
import { StepClock } from "./clock.ts";
import type { Timeline } from "./timeline.ts";

export type Phase = "ready" | "countdown" | "driving" | "paused" | "finished";

/** Decides the action of a step by writing it to `action`: steer, gas, brake. */
export type Control = (action: Float32Array<ArrayBuffer>) => void;

export interface DriveEvents {
  phase(phase: Phase, drive: Drive): void;
  /** After each step. */
  stepped(drive: Drive): void;
  /** What is to be kept of the episode so far: once a second, and when it pauses or ends. */
  save(name: string, text: string): void;
}

/** Milliseconds that are counted down. */
export interface Countdowns {
  start: number;
  /** After a pause. */
  resume: number;
}

const HUMAN: Driver = { kind: "human", name: "human" };

export class Drive {
  phase: Phase = "ready";
  run: Timeline;
  /** The last action: steer, gas, brake. */
  readonly action = new Float32Array(3);
  /** Milliseconds left of the countdown. */
  countdown = 0;

  private readonly control: Control;
  private readonly events: DriveEvents;
  private readonly countdowns: Countdowns;
  private readonly clock: StepClock;
  /** Time of the last frame since `start`. */
  private last: number | null = null;
  private name = "";
  private savedSteps = 0;

  constructor(
    run: Timeline,
    control: Control,
    events: DriveEvents,
    countdowns: Countdowns = { start: 3000, resume: 1000 },
  ) {
    this.run = run;
    this.control = control;
    this.events = events;
    this.countdowns = countdowns;
    this.clock = new StepClock(1000 / run.car.metadata.renderFps);
  }

  /** Puts the car at the start of a track; what was driven before stays recorded. */
  begin(seed: Seed, run = this.run): void {
    this.save();
    this.run = run;
    run.begin(seed);
    this.savedSteps = 0;
    this.action.fill(0);
    this.enter("ready");
  }

  /** Counts down, then drives: from the start, after a pause, or the same track again after its end. */
  start(): void {
    if (this.moving) return;
    if (this.phase === "finished") this.begin(this.run.seed);
    this.countdown = this.run.steps === 0 ? this.countdowns.start : this.countdowns.resume;
    this.last = null;
    this.enter("countdown");
  }

  pause(): void {
    if (!this.moving) return;
    this.save();
    this.enter(this.run.steps === 0 ? "ready" : "paused");
  }

  /** Whether time matters: it counts down or drives. */
  get moving(): boolean {
    return this.phase === "countdown" || this.phase === "driving";
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
    if (this.phase !== "countdown" || this.run.steps > 0) return 1;
    const share = Math.min(1, 1 - this.countdown / this.countdowns.start);
    return share * share * (3 - 2 * share);
  }

  /** How far the display is from the step before the last (0) to the last (1): drawing lags one step behind. */
  get fraction(): number {
    return this.phase === "driving" ? this.clock.fraction : 1;
  }

  private step(): void {
    const { run } = this;
    this.control(this.action);
    if (run.steps === 0) this.name = recordingName(run.seed, new Date());
    run.advance(this.action);
    this.events.stepped(this);
    if (run.ending) {
      this.save();
      this.enter("finished");
    } else if (run.steps % run.car.metadata.renderFps === 0) this.save();
  }

  private save(): void {
    if (this.run.steps === this.savedSteps) return;
    this.savedSteps = this.run.steps;
    this.events.save(this.name, formatEpisode(this.run.episode(HUMAN)));
  }

  private enter(phase: Phase): void {
    if (phase === "driving") this.clock.stop();
    this.phase = phase;
    this.events.phase(phase, this);
  }
}
