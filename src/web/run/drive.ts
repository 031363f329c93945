/**
 * One drive, episode after episode: waits, counts down, steps the environment 50 times a second, pauses, ends.
 * Everything is recorded on the way. Who drives is whatever writes the actions: a person's hands, or a recording that
 * is replayed. It knows no DOM: the page tells it the time, and it tells the page what happened.
 */
import type { Seed } from "../../../env/api.ts";
import { formatEpisode } from "../../../recordings/episode.ts";
import { recordingName } from "../recording-name.ts";
import { StepClock } from "./clock.ts";
import type { DriveWorld } from "./world.ts";

export type Phase = "ready" | "countdown" | "driving" | "paused" | "finished";

/** How an episode ended; "over": the driver has no more actions. */
export type Ending = "lap" | "off field" | "time" | "over";

/**
 * Decides the action of a step by writing it to `action`: steer, gas, brake.
 * @param step from 0
 * @returns false when there is none, and the drive is over
 */
export type Control = (action: Float32Array<ArrayBuffer>, step: number) => boolean;

export interface DriveEvents {
  phase(phase: Phase, drive: Drive): void;
  /** A new episode stands at its start. */
  reset(drive: Drive): void;
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
  ending: Ending | null = null;
  world: DriveWorld;

  private readonly control: Control;
  private readonly events: DriveEvents;
  private readonly countdowns: Countdowns;
  private readonly clock: StepClock;
  /** Time of the last frame since `start`. */
  private last: number | null = null;
  private name = "";
  private savedSteps = 0;

  constructor(
    world: DriveWorld,
    control: Control,
    events: DriveEvents,
    countdowns: Countdowns = { start: 3000, resume: 1000 },
  ) {
    this.world = world;
    this.control = control;
    this.events = events;
    this.countdowns = countdowns;
    this.clock = new StepClock(1000 / world.env.metadata.renderFps);
  }

  /** Puts the car at the start of a track; what was driven before stays recorded. */
  begin(seed: Seed, world = this.world): void {
    this.save();
    this.world = world;
    this.seed = seed;
    this.observation = world.env.reset({ seed, options: world.options }).observation;
    this.steps = this.savedSteps = this.reward = 0;
    this.action.fill(0);
    this.ending = null;
    this.events.reset(this);
    this.enter("ready");
  }

  /** Counts down, then drives: from the start, after a pause, or the same track again after its end. */
  start(): void {
    if (this.running) return;
    if (this.phase === "finished") this.begin(this.seed);
    this.countdown = this.steps === 0 ? this.countdowns.start : this.countdowns.resume;
    this.last = null;
    this.enter("countdown");
  }

  pause(): void {
    if (!this.running) return;
    this.save();
    this.enter(this.steps === 0 ? "ready" : "paused");
  }

  /** Whether time matters: it counts down or drives. */
  get running(): boolean {
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
    if (this.phase !== "countdown" || this.steps > 0) return 1;
    const share = Math.min(1, 1 - this.countdown / this.countdowns.start);
    return share * share * (3 - 2 * share);
  }

  /** How far the display is from the step before the last (0) to the last (1): drawing lags one step behind. */
  get fraction(): number {
    return this.phase === "driving" ? this.clock.fraction : 1;
  }

  private step(): void {
    const { env } = this.world;
    if (!this.control(this.action, this.steps)) {
      this.end("over");
      return;
    }
    const { observation, reward, terminated, truncated, info } = env.step(this.action);
    if (this.steps === 0) this.name = recordingName(this.seed, new Date());
    this.steps++;
    this.reward += reward;
    this.observation = observation;
    this.events.stepped(this);
    if (terminated) this.end(info.lapFinished ? "lap" : "off field");
    else if (truncated) this.end("time");
    else if (this.steps % env.metadata.renderFps === 0) this.save();
  }

  private end(ending: Ending): void {
    this.ending = ending;
    this.save();
    this.enter("finished");
  }

  private save(): void {
    if (this.steps === this.savedSteps) return;
    this.savedSteps = this.steps;
    this.events.save(this.name, formatEpisode(this.world.env.episode()!));
  }

  private enter(phase: Phase): void {
    if (phase === "driving") this.clock.stop();
    this.phase = phase;
    this.events.phase(phase, this);
  }
}
