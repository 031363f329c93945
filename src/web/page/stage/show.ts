/** The contract between a screen and the stage: an episode at one moment, and text over it. */
import type { Timeline } from "../run/timeline.ts";

/** An episode to draw. */
export interface Show {
  /** The episode. */
  readonly run: Timeline;
  /** The opponent on the same track, or null. */
  readonly rival: Timeline | null;
  /** Action of the last step: steer, gas, brake. */
  readonly action: Float32Array;
  /** Position of the display between the step before the last (0) and the last (1). */
  readonly fraction: number;
  /** View: 0 shows the whole track, 1 the car. */
  readonly approach: number;
  /** True if the picture changes from frame to frame. */
  readonly moving: boolean;
  /** Rest of a countdown in milliseconds, or null. */
  readonly countdown: number | null;
}

/** Text over the view. An empty headline hides it. */
export type Words = readonly [headline: string, detail: string];

/** No text over the view. */
export const NO_WORDS: Words = ["", ""];
