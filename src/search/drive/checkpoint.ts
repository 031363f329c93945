/**
 * Checkpoints of a search for driving. A checkpoint is a network file, the network at work, whose metadata say the rest.
 * Frames are not in it: the networks that drove are, and drive again.
 */
import { CorruptFile, InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { readNetwork, writeNetwork } from "../../../policies/ternary/safetensors.ts";
import type { DriveScores } from "./options.ts";

/** Where a search is and what it needs to go on; networks are files in base64. */
export interface State {
  /** The options that must be the same. */
  options: string;
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

/** Metadata key of a checkpoint's state: a checkpoint is a network file. */
const STATE = "checkpoint";

export function writeCheckpoint(network: TernaryNetwork, state: State): Uint8Array {
  return writeNetwork({ ...network, metadata: { ...network.metadata, [STATE]: JSON.stringify(state) } });
}

/** A network as text. */
export function encode(network: TernaryNetwork): string {
  return Buffer.from(writeNetwork(network)).toString("base64");
}

export function decode(file: string): TernaryNetwork {
  return readNetwork(Buffer.from(file, "base64"), "network in a checkpoint");
}

/** @throws InvalidOption on a file that is no checkpoint, CorruptFile on a damaged one */
export function readCheckpoint(bytes: Uint8Array): { network: TernaryNetwork; state: State } {
  const network = readNetwork(bytes, "checkpoint");
  const { [STATE]: text, ...metadata } = network.metadata;
  if (text === undefined) throw new InvalidOption("the network file is no checkpoint of a search");
  try {
    return { network: { ...network, metadata }, state: JSON.parse(text) };
  } catch {
    throw new CorruptFile("the checkpoint of the search is damaged");
  }
}
