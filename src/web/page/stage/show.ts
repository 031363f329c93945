/** What has the stage: an episode at some moment, whoever drives it. */
import type { Timeline } from "../run/timeline.ts";

export interface Show {
  readonly run: Timeline;
  /** Raced on the same track, step by step. */
  readonly rival: Timeline | null;
  /** Steer, gas, brake. */
  readonly action: Float32Array;
  /** How far the display is from the step before the last (0) to the last (1). */
  readonly fraction: number;
  /** 0: the whole track is seen, 1: the car. */
  readonly approach: number;
  /** Whether it changes from frame to frame. */
  readonly moving: boolean;
  /** Milliseconds left of a countdown, or null. */
  readonly countdown: number | null;
}

/** What is said over the view; an empty headline leaves it free. */
export type Words = readonly [headline: string, detail: string];

export const NO_WORDS: Words = ["", ""];
