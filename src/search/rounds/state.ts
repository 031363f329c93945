/**
 * Where a search for driving stands: what its checkpoints hold beside the network at work. Frames are not in them: the
 * networks that drove are, and drive again.
 */
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { readNetwork, writeNetwork } from "../../../policies/ternary/safetensors.ts";
import type { Identity } from "../checkpoint.ts";
import type { DriveScores } from "./options.ts";

/** Where a search is and what it needs to go on; networks are files in base64. */
export interface State {
  identity: Identity;
  round: number;
  cycle: number;
  /** The next sweep of the cycle. */
  sweep: number;
  /** Of the generator, now and when the cycle's batch was drawn. */
  random: number[];
  batchRandom: number[];
  /** The network that drove in each round so far, and the network after each cycle of this round. */
  drivers: string[];
  cycles: string[];
  /** The network that stands; with "imitation" what every round found. */
  best: string;
  found: string[];
  before: DriveScores;
  neighbours: number;
  accepted: number;
  events: number;
}

/** A network as text. */
export function encode(network: TernaryNetwork): string {
  return Buffer.from(writeNetwork(network)).toString("base64");
}

export function decode(file: string): TernaryNetwork {
  return readNetwork(Buffer.from(file, "base64"), "network in a checkpoint");
}
