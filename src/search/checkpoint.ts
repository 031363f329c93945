/** Checkpoints of searches: a network file, the network at work, whose metadata say where the search stands. */
import { CorruptFile, InvalidOption } from "../../env/errors.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";

/** What must be the same where a search goes on, or it would not end where it would have ended. */
export interface Identity {
  /** Options by name, plain JSON. */
  options: Record<string, unknown>;
  /** Fingerprints of what is too large to keep, by what another one is called: "other data". */
  content: Record<string, number>;
}

/** Metadata key of the state. */
const STATE = "checkpoint";

/** @param state plain JSON */
export function writeCheckpoint(network: TernaryNetwork, state: object): Uint8Array {
  return writeNetwork({ ...network, metadata: { ...network.metadata, [STATE]: JSON.stringify(state) } });
}

/** @throws InvalidOption on a file that is no checkpoint, CorruptFile on a damaged one */
export function readCheckpoint<State extends { identity: Identity }>(
  bytes: Uint8Array,
): { network: TernaryNetwork; state: State } {
  const network = readNetwork(bytes, "checkpoint");
  const { [STATE]: text, ...metadata } = network.metadata;
  if (text === undefined) throw new InvalidOption("the network file is no checkpoint of a search");
  let state: State | null = null;
  try {
    state = JSON.parse(text);
  } catch {
    // Told below, like JSON of another kind.
  }
  if (!state?.identity?.options || !state.identity.content)
    throw new CorruptFile("the checkpoint of the search is damaged");
  return { network: { ...network, metadata }, state };
}

/** @throws InvalidOption naming the first thing that is not as it was */
export function checkSame(saved: Identity, now: Identity): void {
  const refuse = (difference: string): never => {
    throw new InvalidOption(`the checkpoint is of another search: ${difference}`);
  };
  for (const name in { ...saved.options, ...now.options }) {
    const [then, today] = [saved, now].map(({ options }) => JSON.stringify(options[name]) ?? "not given");
    if (then !== today) refuse(`its ${name} was ${then}, now it is ${today}`);
  }
  for (const name in { ...saved.content, ...now.content })
    if (saved.content[name] !== now.content[name]) refuse(`it had ${name}`);
}
