/**
 * Plays an episode that a network or a recording drives. One can pause, step, change the speed and go back. A person who
 * watches a network may correct it, and corrected episodes are recorded. This file knows no DOM.
 */
import type { Seed } from "../../../../env/api.ts";
import { type Driver, type Episode, formatEpisode, hashObservation } from "../../../../recordings/episode.ts";
import { recordingName } from "../../shared/recordings.ts";
import { StepClock } from "../run/clock.ts";
import type { Timeline } from "../run/timeline.ts";
import { TAB_TAG } from "../storage/tab.ts";

/** Chooses the actions of an episode that is not a recording. */
export interface Pilot {
  /** The driver for a recording. */
  readonly driver: Driver;
  /** Writes the action for a frame to `action`: steer, gas, brake. */
  decide(observation: Uint8Array, action: Float32Array<ArrayBuffer>): void;
}

/** Calls from a player to the page. */
export interface PlayerEvents {
  /** The episode started, paused, or jumped to another step. */
  changed(): void;
  /** Saves an episode that a person corrected. */
  save(name: string, text: string): void;
  /** Writes the person's correction over `action`. Returns false if there is none. */
  correct(action: Float32Array<ArrayBuffer>): boolean;
}

/** Plays one timeline at a time. */
export class Player {
  /** Present episode. */
  run: Timeline;
  /** True while time passes. */
  playing = false;
  /** Action of the last step: steer, gas, brake. */
  readonly action = new Float32Array(3);
  /** The recording that is played, or null if a network drives. */
  episode: Episode | null = null;

  readonly #events: PlayerEvents;
  readonly #clock: StepClock;
  #pilot: Pilot;
  /** True if the pilot has changed since the steps ahead were driven. */
  #changedMind = false;
  #name = "";
  #unsaved = false;

  /** @param pilot chooses the actions where no recording does */
  constructor(run: Timeline, pilot: Pilot, events: PlayerEvents) {
    this.run = run;
    this.#pilot = pilot;
    this.#events = events;
    this.#clock = new StepClock(1000 / run.car.metadata.renderFps);
  }

  /** Simulated seconds per second. Default: 1. */
  set speed(speed: number) {
    this.#clock.speed = speed;
  }

  /** Lets the pilot drive from the start of a track. */
  begin(seed: Seed, run = this.run): void {
    this.#stop();
    this.run = run;
    this.episode = null;
    run.begin(seed);
    this.#name = "";
    this.#rest();
  }

  /** Plays a recording from its start. */
  load(episode: Episode, run: Timeline): void {
    this.#stop();
    this.run = run;
    this.episode = episode;
    run.load(episode);
    this.#rest();
  }

  /** Lets another pilot, or the same one after a change, drive from the present step on. */
  hand(pilot: Pilot): void {
    this.#save(); // under the name of the pilot before
    this.#pilot = pilot;
    this.#changedMind = true;
  }

  /** Starts or resumes. An episode that is over starts again. */
  play(): void {
    if (this.playing) return;
    if (this.over) this.run.seek(0);
    this.#clock.stop();
    this.playing = true;
    this.#events.changed();
  }

  /** Pauses. */
  pause(): void {
    if (!this.playing) return;
    this.#stop();
    this.#events.changed();
  }

  /** Drives one step and pauses. */
  step(): void {
    this.#stop();
    this.#forward();
    this.#rest();
  }

  /** Goes to a known step and pauses. */
  seek(step: number): void {
    this.#stop();
    this.run.seek(step);
    this.#rest();
  }

  /**
   * Call at each frame of the display.
   * @param now milliseconds, of any origin
   */
  frame(now: number): void {
    if (!this.playing) return;
    for (let due = this.#clock.advance(now); due > 0 && this.playing; due--)
      if (!this.#forward()) this.pause();
  }

  /** Position of the display between the step before the last (0) and the last (1). */
  get fraction(): number {
    return this.playing ? this.#clock.fraction : 1;
  }

  /** True at the last step. */
  get over(): boolean {
    return this.run.ending !== null || (this.episode !== null && this.run.steps === this.run.length);
  }

  /** True if a recording that was played to its end gave the same rewards and the same last frame. */
  get exact(): boolean {
    const { run, episode } = this;
    return run.mismatch === null && hashObservation(run.observation) === episode?.frameSha256;
  }

  /** Drives one step. Returns false at the end. */
  #forward(): boolean {
    const { run, action } = this;
    const events = this.#events;
    if (this.over) return false;
    const known = run.steps < run.length;
    if (this.episode) run.replay();
    else {
      this.#pilot.decide(run.observation, action);
      const corrected = events.correct(action);
      if (known && !corrected && !this.#changedMind) run.replay();
      else this.#drive(corrected, known);
    }
    run.lastAction(action);
    if (this.#unsaved && run.steps % run.car.metadata.renderFps === 0) this.#save();
    return !this.over;
  }

  #drive(corrected: boolean, known: boolean): void {
    const { run } = this;
    if (known) this.#save();
    // A different continuation becomes a recording of its own; the earlier one stays as it is.
    if (known || !this.#name) this.#name = recordingName(run.seed, new Date(), TAB_TAG);
    this.#changedMind = false;
    run.advance(this.action, corrected);
    this.#unsaved = run.hasCorrections;
  }

  #stop(): void {
    this.playing = false;
    this.#save();
  }

  #rest(): void {
    this.run.lastAction(this.action);
    this.#events.changed();
  }

  #save(): void {
    if (!this.#unsaved) return;
    this.#unsaved = false;
    this.#events.save(this.#name, formatEpisode(this.run.episode(this.#pilot.driver)));
  }
}
