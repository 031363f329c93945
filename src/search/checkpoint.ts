/** Checkpoints of searches: a network file, the network at work, whose metadata say where the search stands. */
import { CorruptFile, InvalidOption } from "../../env/errors.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";

/** Metadata key of the state. */
const STATE = "checkpoint";

/** @param state plain JSON */
export function writeCheckpoint(network: TernaryNetwork, state: object): Uint8Array {
  return writeNetwork({ ...network, metadata: { ...network.metadata, [STATE]: JSON.stringify(state) } });
}

/** @throws InvalidOption on a file that is no checkpoint, CorruptFile on a damaged one */
export function readCheckpoint<State>(bytes: Uint8Array): { network: TernaryNetwork; state: State } {
  const network = readNetwork(bytes, "checkpoint");
  const { [STATE]: text, ...metadata } = network.metadata;
  if (text === undefined) throw new InvalidOption("the network file is no checkpoint of a search");
  try {
    return { network: { ...network, metadata }, state: JSON.parse(text) };
  } catch {
    throw new CorruptFile("the checkpoint of the search is damaged");
  }
}
