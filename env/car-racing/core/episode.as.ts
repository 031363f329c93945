/** The episode's numbers, and where the arrays of its track are. Hosts read them: docs/core.md lists the offsets. */
import { COLORS_AT, EPISODE_AT } from "./layout.ts";

@unmanaged
export class Episode {
  /** Reward of the last step. */
  reward: f64;
  /** Gymnasium's `self.reward`: the sum of rewards so far, but for the -100 of a lost car. */
  totalReward: f64;
  /** Seconds. */
  time: f64;
  terminated: i32;
  truncated: i32;
  /** Entry of `info`: -1 none, 0 false, 1 true. */
  lapFinished: i32;
  tileVisitedCount: i32;
  tileCount: i32;
  quadCount: i32;
  /** Actions since the reset. */
  steps: i32;
  /** Tile where the car started and the lap ends. */
  start: i32;
  /** 1 if the car started backward. */
  backward: i32;
  /** Attempts at a track that failed before this one. */
  retries: i32;
  /** float64 [n, 4]: angle alpha around the middle, heading beta, x, y of each point; `env.track` of Gymnasium. */
  track: usize;
  /** float64 [m, 8]: tiles and kerbs in drawing order; `env.road_poly` of Gymnasium. */
  quads: usize;
  /** uint8 [m, 3]: colour of each quad. */
  quadColors: usize;
  /** int [n]: quad of each tile. */
  tileQuads: usize;
  /** uint8 [n]: 1 for each tile that has been visited. */
  visited: usize;
  /** float32 [3, m rounded up to a multiple of 4]: x, y and radius of circles around the quads. */
  circles: usize;

  /** `totalReward` at the end of the step before. */
  previousReward: f64;
  /** `totalReward` after the world's step and before the step's -0.1, as an observation shows it. */
  shownReward: f64;
  /** 1 if the car has come over the start line with enough tiles behind it. */
  newLap: i32;
  /** Number of world steps for which the present action is still to be repeated. */
  skipsLeft: i32;
  /** 1 if the present step has no action: the controls stay, nothing is rewarded and the episode does not end. */
  idle: i32;
  /** The present action. */
  steer: f64;
  gas: f64;
  brake: f64;
}

export const episode: Episode = changetype<Episode>(EPISODE_AT);

/** Floats, 0 to 255, as Gymnasium draws them from its generator. */
export const ROAD_COLOR: usize = COLORS_AT;
export const BACKGROUND_COLOR: usize = COLORS_AT + 24;
export const GRASS_COLOR: usize = COLORS_AT + 48;

/** A colour of three floats as pygame makes bytes of it: 0xBBGGRR. */
export function toBytes(color: usize): u32 {
  return u32(load<f64>(color)) | (u32(load<f64>(color, 8)) << 8) | (u32(load<f64>(color, 16)) << 16);
}
