/** Options of the rule "rounds", and the lines of its log. */
import type { CarExamples } from "../../data/examples.ts";
import type { EpisodeSource } from "./episodes.ts";
import type { cyclesOf, TRACKS } from "./plan.ts";
import type { RaceResult } from "./race.ts";

/**
 * Options of the rule "rounds" alone. The fitness says what becomes of the network that a round found. "imitation": the
 * search ends with the network that drives best on the validation tracks, out of the start and what every round found.
 * "reward": it replaces the network only if it wins a race on driving reward (`race.ts`). "both": that, and only if its
 * action accuracy is no lower either.
 */
export interface RoundsRuleOptions {
  /** Rounds in which the network drives, from 0 up. Default: 4. */
  rounds?: number | undefined;
  /** Cycles of search on demonstrations alone, before the network drives; a random network needs them. Default: 0. */
  warmUp?: number | undefined;
  /** Sets of labelled frames, one a demonstration. Default: the teacher drives the demonstration tracks. */
  demonstrations?: readonly CarExamples[] | undefined;
  /** Tracks by purpose. Default: TRACKS. */
  tracks?: typeof TRACKS | undefined;
  /** Gives the sweeps of a round. Default: `cyclesOf` in plan.ts. */
  plan?: typeof cyclesOf | undefined;
  /** Drives episodes for rewards and frames. Default: this thread does. */
  episodes?: EpisodeSource | undefined;
}

/** The search begins: scores of its network. */
export interface StartStep {
  /** Names the kind of step. */
  kind: "start";
  /** Action accuracy on the frames that are kept for it, 0 to 1. */
  accuracy: number;
  /** Mean driving reward on the validation tracks. */
  reward: number;
}

/** The network drove, and the teacher labelled what it saw. */
export interface FramesStep {
  /** Names the kind of step. */
  kind: "frames";
  /** Number of the round, from 1 up. */
  round: number;
  /** Frames that were added. */
  frames: number;
}

/** One layer was searched once. */
export interface SweepStep {
  /** Names the kind of step. */
  kind: "sweep";
  /** Number of the round; 0 is the search on demonstrations alone. */
  round: number;
  /** Number of the cycle in the round, from 0 up. */
  cycle: number;
  /** Name of the layer. */
  layer: string;
  /** Neighbours evaluated. */
  neighbours: number;
  /** Swaps made. */
  accepted: number;
  /** Imitation loss on the cycle's batch, afterwards. */
  loss: number;
  /** Action accuracy on the cycle's batch, afterwards, 0 to 1. */
  accuracy: number;
}

/** A round ended. */
export interface RoundStep {
  /** Names the kind of step. */
  kind: "round";
  /** Number of the round. */
  round: number;
  /** Action accuracy, 0 to 1, on the frames kept for it: of the found network for "imitation", otherwise of the one that stands now. */
  accuracy: number;
  /** Mean driving reward of the found network on the first validation tracks, for "imitation" only. */
  reward?: number;
  /** The race, the number of networks that took part, and whether one of them stands from now on; not for "imitation". */
  race?: Omit<RaceResult, "winner"> & { candidates: number; won: boolean };
}

/** One step of the rule "rounds": a line of the log. */
export type RoundsStep = StartStep | FramesStep | SweepStep | RoundStep;
