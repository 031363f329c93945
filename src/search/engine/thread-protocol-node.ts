/** Memory, commands and shares of the inputs that `threads-node.ts` and its threads (`thread-node.ts`) agree on. */

import type { MessagePort } from "node:worker_threads";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { type Examples, joinExamples, sliceExamples } from "../../data/examples.ts";
import type { InputRange } from "./fitness-engine.ts";

/** Words of `EngineSetup.control`. */
export const ASKED = 0;
/** Threads that have answered, counted over all commands. */
export const ANSWERED = 1;
/** 1 if a thread has failed: then its error is a message. */
export const FAILED = 2;
/** The command, one of those below. */
export const COMMAND = 3;
/** Number of the engine, counted from 0. */
export const ENGINE = 4;
/** Index of the layer in the architecture. */
export const LAYER = 5;
/** Index in `measures`. */
export const MEASURE = 6;
/** First input of the range, counted in the whole data. */
export const FROM = 7;
/** Input after the last of the range. */
export const TO = 8;
/** Number of candidates. */
export const COUNT = 9;
/** Words in all. */
export const CONTROL_WORDS = 10;

/** Command: make an engine; its arguments come as a message. */
export const CREATE = 0;
/** Command: sum a measure. */
export const SUM = 1;
/** Command: sum a measure for every candidate. */
export const SUMS = 2;
/** Command: make a swap. */
export const APPLY = 3;
/** Command: give an engine back. */
export const DROP = 4;

/** Candidates of one command at most. */
export const MOST_CANDIDATES = 4096;

/** Data that a thread is started with; arrays lie in shared memory. */
export interface EngineSetup {
  /** The thread's number, from 1 up: the caller is 0. */
  share: number;
  /** Threads, with the caller. */
  shares: number;
  /** Words of the command at hand, see above. */
  control: Int32Array;
  /** [MOST_CANDIDATES, CANDIDATE_WORDS]; for APPLY remove, add, sign and removedSign of the swap. */
  candidates: Int32Array;
  /** [shares, MOST_CANDIDATES]: the sums that each thread counted; for SUM the first of each. */
  sums: Float64Array;
  /** Carries messages for CREATE, and errors back. */
  port: MessagePort;
}

/** The arguments of CREATE. */
export interface CreateMessage {
  /** A copy of the network for the thread. */
  network: TernaryNetwork;
  /** All examples; inputs in shared memory. */
  data: Examples;
  /** Names of the layers to search. */
  layers: readonly string[];
  /** Total weight of all examples: see FitnessEngine. */
  totalWeight: number;
}

/** Inputs are dealt out in blocks of eight, like cards, so that any range of them is shared out evenly. */
const BLOCK = 8;

/**
 * The examples of one share.
 * @param size number of examples, more than `shares` blocks
 */
export function shareOf(data: Examples, size: number, share: number, shares: number): Examples {
  const parts: Examples[] = [];
  for (let first = share * BLOCK; first < size; first += shares * BLOCK)
    parts.push(sliceExamples(data, first, Math.min(first + BLOCK, size)));
  return joinExamples(parts);
}

/** The part of a range of all inputs that one share holds, counted in the share. */
export function rangeOf([from, to]: InputRange, share: number, shares: number, size: number): InputRange {
  const place = (block: number) => Math.max(0, Math.ceil((block - share) / shares)) * BLOCK;
  return [Math.min(place(from / BLOCK), size), Math.min(place(Math.ceil(to / BLOCK)), size)];
}
