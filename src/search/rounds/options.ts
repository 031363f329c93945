/** What a search for driving is asked, and what it answers. */

import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { Family } from "../../../policies/ternary/swap.ts";
import type { CarExamples } from "../../data/examples.ts";

import type { EngineMaker } from "../engine/fitness-engine.ts";
import type { Drives } from "./drives.ts";
import type { cyclesOf, TRACKS } from "./plan.ts";
import type { RaceResult } from "./race.ts";

/**
 * "imitation": what drives best on validation tracks, the start or what a round found. "reward": what a round found replaces the
 * network only when it wins a race on driving reward (race.ts). "both": that, and no round may lower action accuracy.
 */
export type DriveFitness = "imitation" | "reward" | "both";

export interface DriveSearchOptions {
  /** Default "both". */
  fitness?: DriveFitness | undefined;
  /** Rounds in which the network drives; default 4. */
  rounds?: number | undefined;
  /** Cycles of search on demonstrations alone, before the network drives; a random network needs them. Default 0. */
  warmUp?: number | undefined;
  /** Names of the layers that may be searched. Default: all; `1.0` only while warming up. */
  layers?: readonly string[] | undefined;
  /** Default "same". */
  family?: Family | undefined;
  /** Default 0. */
  seed?: number | undefined;
  /** Sets of labelled frames, one a demonstration. Default: the teacher drives. */
  demonstrations?: readonly CarExamples[] | undefined;
  /** Tracks by purpose. Default: TRACKS of plan.ts. */
  tracks?: typeof TRACKS | undefined;
  /** What is searched in a round. Default: cyclesOf of plan.ts. */
  plan?: typeof cyclesOf | undefined;
  /** Who drives, and who measures. Default: this thread. */
  drives?: Drives | undefined;
  engines?: EngineMaker | undefined;
  /** Called after every step; a promise is awaited. */
  onProgress?: ((progress: DriveProgress) => void | Promise<void>) | undefined;
  /** Asked after every sweep whether to end here, with the network that stands. */
  shouldStop?: (() => boolean) | undefined;
  /** Told after every step what makes the bytes of a checkpoint for `resume`; write them atomically, now and then. */
  onCheckpoint?: ((checkpoint: () => Uint8Array) => void | Promise<void>) | undefined;
  /** Bytes of a checkpoint of a search with the same options: goes on from there, to the same result. */
  resume?: Uint8Array | undefined;
}

/** What happened: a line of the log. */
export type DriveEvent =
  | { kind: "start"; accuracy: number; reward: number }
  | { kind: "frames"; round: number; frames: number }
  | {
      kind: "sweep";
      round: number;
      cycle: number;
      layer: string;
      neighbours: number;
      accepted: number;
      /** Imitation loss and action accuracy on the batch. */
      loss: number;
      accuracy: number;
    }
  | {
      kind: "round";
      round: number;
      /** Action accuracy on frames kept for that: "imitation" of what was found, otherwise of what stands. */
      accuracy: number;
      /** "imitation": mean driving reward on the first validation tracks. */
      reward?: number;
      /** Otherwise how many networks the race was given, how it went, and whether what was found stands from now on. */
      race?: Omit<RaceResult, "winner"> & { candidates: number; won: boolean };
    };

export interface DriveProgress {
  event: DriveEvent;
  /** Events so far, with those before the checkpoint that the search goes on from. */
  events: number;
  /** Neighbours and accepted swaps so far. */
  neighbours: number;
  accepted: number;
  /** Share of the sweeps that lie behind, 0 to 1. */
  done: number;
}

/** Action accuracies on demonstrations, on frames by which was chosen, on frames that nothing else used; driving reward. */
export interface DriveScores {
  train: number;
  validation: number;
  test: number;
  /** Mean on TRACKS.validation. */
  reward: number;
}

export interface DriveSearchResult {
  network: TernaryNetwork;
  before: DriveScores;
  after: DriveScores;
  neighbours: number;
  accepted: number;
  /** Of a search that goes on from a checkpoint: what happened after it. */
  log: DriveEvent[];
}
