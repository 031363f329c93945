/**
 * A person's episodes, one after another: waiting, countdown, 50 steps a second, pause, end. Every episode is recorded
 * on the way. This file knows no DOM: the page passes the time in and gets events back.
 */
import type { Seed } from "../../../../env/api.ts";
import { formatEpisode } from "../../../../recordings/episode.ts";
import { recordingName } from "../../shared/recordings.ts";
import { TAB_TAG } from "../storage/tab.ts";
import { StepClock } from "./clock.ts";
import type { Timeline } from "./timeline.ts";

/** Phase of an episode. */
export type Phase = "ready" | "countdown" | "driving" | "paused" | "finished";

/** Chooses the action of a step by writing it to `action`: steer, gas, brake. */
export type Control = (action: Float32Array<ArrayBuffer>) => void;

/** Calls from a drive to the page. */
export interface DriveEvents {
  /** The phase changed. */
  phase(phase: Phase, drive: Drive): void;
  /** A step was driven. */
  stepped(drive: Drive): void;
  /** Saves the episode so far. Called once a second while it is growing, and at each pause and end. */
  save(name: string, text: string, growing: boolean): void;
  /** Name of the person who drives, for the recording. */
  driver(): string;
}

/** Length of the countdowns, milliseconds. */
export interface Countdowns {
  /** Before an episode starts. Default: 3000. */
  start: number;
  /** After a pause. Default: 1000. */
  resume: number;
}

/** Drives one timeline at a time. */
export class Drive {
  /** Present phase. */
  phase: Phase = "ready";
  /** Present episode. */
  run: Timeline;
  /** Action of the last step: steer, gas, brake. */
  readonly action = new Float32Array(3);
  /** Rest of the countdown, milliseconds. */
  countdown = 0;

  readonly #control: Control;
  readonly #events: DriveEvents;
  readonly #countdowns: Countdowns;
  readonly #clock: StepClock;
  /** Time of the last frame since `start`. */
  #last: number | null = null;
  /** Name of the present episode's recording; "" before its first step. */
  recording = "";
  #savedSteps = 0;
  /** True if the last save was one of a growing episode. */
  #wasGrowing = false;

  /**
   * @param control chooses the actions
   * @param countdowns Default: 3 s before the start, 1 s after a pause.
   */
  constructor(
    run: Timeline,
    control: Control,
    events: DriveEvents,
    countdowns: Countdowns = { start: 3000, resume: 1000 },
  ) {
    this.run = run;
    this.#control = control;
    this.#events = events;
    this.#countdowns = countdowns;
    this.#clock = new StepClock(1000 / run.car.metadata.renderFps);
  }

  /** Puts the car at the start of a track. The episode before stays recorded. */
  begin(seed: Seed, run = this.run): void {
    this.#save();
    this.run = run;
    run.begin(seed);
    this.recording = "";
    this.#savedSteps = 0;
    this.action.fill(0);
    this.#enter("ready");
  }

  /** Counts down and drives: from the start, after a pause, or the same track again after an end. */
  start(): void {
    if (this.moving) return;
    if (this.phase === "finished") this.begin(this.run.seed);
    this.countdown = this.run.steps === 0 ? this.#countdowns.start : this.#countdowns.resume;
    this.#last = null;
    this.#enter("countdown");
  }

  /** Pauses an episode that moves. */
  pause(): void {
    if (!this.moving) return;
    this.#save();
    this.#enter(this.run.steps === 0 ? "ready" : "paused");
  }

  /** True during the countdown and while driving. */
  get moving(): boolean {
    return this.phase === "countdown" || this.phase === "driving";
  }

  /**
   * Call at each frame of the display.
   * @param now milliseconds, of any origin
   */
  frame(now: number): void {
    const passed = now - (this.#last ?? now);
    this.#last = now;
    if (this.phase === "countdown") {
      this.countdown -= passed;
      if (this.countdown <= 0) this.#enter("driving");
    }
    if (this.phase !== "driving") return;
    for (let due = this.#clock.advance(now); due > 0 && this.phase === "driving"; due--) this.#step();
  }

  /** Position of the view between the whole track (0) and the car (1). It moves during the first countdown. */
  get approach(): number {
    if (this.phase === "ready") return 0;
    if (this.phase !== "countdown" || this.run.steps > 0) return 1;
    const share = Math.min(1, 1 - this.countdown / this.#countdowns.start);
    return share * share * (3 - 2 * share);
  }

  /** Position of the display between the step before the last (0) and the last (1): drawing lags one step behind. */
  get fraction(): number {
    return this.phase === "driving" ? this.#clock.fraction : 1;
  }

  #step(): void {
    const { run } = this;
    this.#control(this.action);
    if (run.steps === 0) this.recording = recordingName(run.seed, new Date(), TAB_TAG);
    run.advance(this.action);
    this.#events.stepped(this);
    if (run.ending) {
      this.#save();
      this.#enter("finished");
    } else if (run.steps % run.car.metadata.renderFps === 0) this.#save(true);
  }

  #save(growing = false): void {
    // A save of a growing episode may have gone to the browser only, so a last one follows it even without a new step.
    const isNew = this.run.steps !== this.#savedSteps || (this.#wasGrowing && !growing);
    if (this.run.steps === 0 || !isNew) return;
    this.#savedSteps = this.run.steps;
    this.#wasGrowing = growing;
    this.#events.save(
      this.recording,
      formatEpisode(this.run.episode({ kind: "human", name: this.#events.driver() })),
      growing,
    );
  }

  #enter(phase: Phase): void {
    if (phase === "driving") this.#clock.stop();
    this.phase = phase;
    this.#events.phase(phase, this);
  }
}
