/**
 * Plays an episode: a network drives it, or a recording does. Either way one can pause, step, change the speed and go
 * back; and whoever watches a network may take the wheel, which is recorded. It knows no DOM.
 */
import type { Seed } from "../../../../env/api.ts";
import { type Driver, type Episode, formatEpisode, hashObservation } from "../../../../recordings/episode.ts";
import { StepClock } from "../run/clock.ts";
import type { Timeline } from "../run/timeline.ts";
import { recordingName } from "../storage/recording-name.ts";

/** What drives in a network's place is whatever writes the action. */
export interface Pilot {
  /** Who the recording says drove. */
  readonly driver: Driver;
  decide(observation: Uint8Array, action: Float32Array<ArrayBuffer>): void;
}

export interface PlayerEvents {
  /** It plays, stands, or has gone somewhere. */
  changed(): void;
  /** What is to be kept of an episode that a person corrected. */
  save(name: string, text: string): void;
  /** Puts in what a person holds; returns whether that is anything. */
  correct(action: Float32Array<ArrayBuffer>): boolean;
}

export class Player {
  run: Timeline;
  playing = false;
  readonly action = new Float32Array(3);
  /** The recording that is played, or null: a network drives. */
  episode: Episode | null = null;

  private readonly events: PlayerEvents;
  private readonly clock: StepClock;
  private pilot: Pilot;
  /** Whether the pilot decides differently than when the steps ahead were driven. */
  private changedMind = false;
  private name = "";
  private unsaved = false;

  constructor(run: Timeline, pilot: Pilot, events: PlayerEvents) {
    this.run = run;
    this.pilot = pilot;
    this.events = events;
    this.clock = new StepClock(1000 / run.car.metadata.renderFps);
  }

  set speed(speed: number) {
    this.clock.speed = speed;
  }

  /** A network drives, from the start of a track. */
  begin(seed: Seed, run = this.run): void {
    this.stop();
    this.run = run;
    this.episode = null;
    run.begin(seed);
    this.name = "";
    this.rest();
  }

  /** A recording drives, from its start. */
  load(episode: Episode, run: Timeline): void {
    this.stop();
    this.run = run;
    this.episode = episode;
    run.load(episode);
    this.rest();
  }

  /** From here on this one drives, which may be the same one changed. */
  hand(pilot: Pilot): void {
    this.save(); // what it has driven names the one before
    this.pilot = pilot;
    this.changedMind = true;
  }

  play(): void {
    if (this.playing) return;
    if (this.over) this.run.seek(0);
    this.clock.stop();
    this.playing = true;
    this.events.changed();
  }

  pause(): void {
    if (!this.playing) return;
    this.stop();
    this.events.changed();
  }

  /** One step on. */
  step(): void {
    this.stop();
    this.forward();
    this.rest();
  }

  /** To any step that is known. */
  seek(step: number): void {
    this.stop();
    this.run.seek(step);
    this.rest();
  }

  /** Call at each frame of the display. @param now milliseconds, of any origin */
  frame(now: number): void {
    if (!this.playing) return;
    for (let due = this.clock.advance(now); due > 0 && this.playing; due--) if (!this.forward()) this.pause();
  }

  get fraction(): number {
    return this.playing ? this.clock.fraction : 1;
  }

  /** Nothing comes after this step. */
  get over(): boolean {
    return this.run.ending !== null || (this.episode !== null && this.run.steps === this.run.length);
  }

  /** Whether a recording that has been played to its end gave what it says. */
  get exact(): boolean {
    const { run, episode } = this;
    return run.mismatch === null && hashObservation(run.observation) === episode?.frameSha256;
  }

  /** One step; false at the end. */
  private forward(): boolean {
    const { run, action, events } = this;
    if (this.over) return false;
    const known = run.steps < run.length;
    if (this.episode) run.replay();
    else {
      this.pilot.decide(run.observation, action);
      const corrected = events.correct(action);
      if (known && !corrected && !this.changedMind) run.replay();
      else this.drive(corrected, known);
    }
    run.lastAction(action);
    if (this.unsaved && run.steps % run.car.metadata.renderFps === 0) this.save();
    return !this.over;
  }

  private drive(corrected: boolean, known: boolean): void {
    const { run } = this;
    if (known) this.save();
    // Another course from here on is another recording: the one that went on otherwise stays.
    if (known || !this.name) this.name = recordingName(run.seed, new Date());
    this.changedMind = false;
    run.advance(this.action, corrected);
    this.unsaved = run.hasCorrections;
  }

  private stop(): void {
    this.playing = false;
    this.save();
  }

  private rest(): void {
    this.run.lastAction(this.action);
    this.events.changed();
  }

  private save(): void {
    if (!this.unsaved) return;
    this.unsaved = false;
    this.events.save(this.name, formatEpisode(this.run.episode(this.pilot.driver)));
  }
}
