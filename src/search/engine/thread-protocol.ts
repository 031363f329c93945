/** What the engines of engine-threads.ts and their threads (engine-thread.ts) share: memory, commands, the shares. */

import type { MessagePort } from "node:worker_threads";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { type Examples, sliceExamples } from "../../data/examples.ts";
import type { Measure } from "./fitness.ts";
import type { InputRange } from "./fitness-engine.ts";

/** Words of `EngineSetup.control`. */
export const ASKED = 0;
/** Threads that have answered, counted over all commands. */
export const ANSWERED = 1;
/** Whether a thread has failed: then its error is a message. */
export const FAILED = 2;
export const COMMAND = 3;
/** Which engine, counted from 0. */
export const ENGINE = 4;
/** Index of the layer in the architecture. */
export const LAYER = 5;
/** Index in `measures`. */
export const MEASURE = 6;
/** Range of inputs of the whole data. */
export const FROM = 7;
export const TO = 8;
/** Candidates. */
export const COUNT = 9;
export const CONTROL_WORDS = 10;

/** Commands. Only the first has arguments that come as a message. */
export const CREATE = 0;
export const SUM = 1;
export const SUMS = 2;
export const APPLY = 3;
export const DROP = 4;

export const measures: readonly Measure[] = ["accuracy", "loss", "margin"];

/** Candidates of one command. */
export const MOST_CANDIDATES = 4096;
/** Words of a candidate: index, change, index, change; 0, 0 where there is no second edit. */
export const CANDIDATE_WORDS = 4;

/** What a thread begins with; arrays lie in shared memory. */
export interface EngineSetup {
  /** Its number, from 1 up: the caller is 0. */
  share: number;
  shares: number;
  control: Int32Array;
  /** [MOST_CANDIDATES, CANDIDATE_WORDS]; of APPLY the swap: layer is a word of control, remove, add, sign, removedSign. */
  candidates: Int32Array;
  /** [shares, MOST_CANDIDATES]; of SUM the first of each. */
  sums: Float64Array;
  port: MessagePort;
}

export interface CreateMessage {
  network: TernaryNetwork;
  data: Examples;
  layers: readonly string[];
  totalWeight: number;
}

/** Inputs are shared out in blocks of eight, like cards: every range of them is shared out evenly. */
const BLOCK = 8;

export function shareOf(data: Examples, size: number, share: number, shares: number): Examples {
  const parts: Examples[] = [];
  for (let first = share * BLOCK; first < size; first += shares * BLOCK)
    parts.push(sliceExamples(data, first, Math.min(first + BLOCK, size)));
  return join(parts, sliceExamples(data, 0, 0));
}

function join(parts: readonly Examples[], none: Examples): Examples {
  const inputs = concatenate(parts.map((part) => part.inputs));
  if (none.task === "mnist")
    return { ...none, inputs, labels: concatenate(parts.map((part) => (part as typeof none).labels)) };
  const car = parts as (typeof none)[];
  const targets = new Float32Array(car.reduce((sum, part) => sum + part.targets.length, 0));
  let at = 0;
  for (const part of car) {
    targets.set(part.targets, at);
    at += part.targets.length;
  }
  const weights = none.weights && { weights: concatenate(car.map((part) => part.weights!)) };
  return { ...none, inputs, targets, ...weights };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The part of a range of all inputs that one share holds, counted in the share. */
export function rangeOf([from, to]: InputRange, share: number, shares: number, size: number): InputRange {
  const place = (block: number) => Math.max(0, Math.ceil((block - share) / shares)) * BLOCK;
  return [Math.min(place(from / BLOCK), size), Math.min(place(Math.ceil(to / BLOCK)), size)];
}
