/**
 * Checkpoints of searches: a network file that holds the network at work, whose metadata say where the search stands; and
 * fingerprints, by which a resumed search knows that it has what it had before.
 */
import { CorruptFile, InvalidOption } from "../../env/errors.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";
import type { Examples } from "../data/examples.ts";
import { OUTPUT_WEIGHTS } from "./engine/fitness.ts";
import type { Identity } from "./rule.ts";

/** Metadata key of the state. */
const STATE = "checkpoint";

/**
 * The bytes of a checkpoint.
 * @param network the network at work
 * @param state plain JSON
 */
export function writeCheckpoint(network: TernaryNetwork, state: object): Uint8Array {
  return writeNetwork({ ...network, metadata: { ...network.metadata, [STATE]: JSON.stringify(state) } });
}

/**
 * Reads a checkpoint.
 * @throws {@link InvalidOption} on a network file that is no checkpoint, {@link CorruptFile} on a damaged one
 */
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
    // Refused below, like JSON of another kind.
  }
  if (!state?.identity?.options || !state.identity.content)
    throw new CorruptFile("the checkpoint of the search is damaged");
  return { network: { ...network, metadata }, state };
}

/** @throws {@link InvalidOption} naming the first thing that is not as it was */
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

/** Bytes that `String.fromCharCode` takes at once without overflowing the stack. */
const SLICE = 0x8000;

/** A network as text: its file in base64. */
export function encodeNetwork(network: TernaryNetwork): string {
  const bytes = writeNetwork(network);
  let binary = "";
  for (let i = 0; i < bytes.length; i += SLICE)
    binary += String.fromCharCode(...bytes.subarray(i, i + SLICE));
  return btoa(binary);
}

/** @throws {@link CorruptFile} on text that `encodeNetwork` does not write */
export function decodeNetwork(text: string): TernaryNetwork {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new CorruptFile("network in a checkpoint: expected base64");
  }
  return readNetwork(
    Uint8Array.from(binary, (c) => c.charCodeAt(0)),
    "network in a checkpoint",
  );
}

/**
 * A number of 32 bits that tells values apart: FNV-1a by words of four bytes, stirred after each, some hundreds of
 * megabytes a second, because a search on several threads waits for it. Values other than arrays are hashed as their JSON
 * text.
 */
export function fingerprint(...parts: readonly unknown[]): number {
  let hash = 0x811c9dc5;
  const add = (value: number) => {
    hash = Math.imul(hash ^ value, 0x01000193);
    hash ^= hash >>> 15;
  };
  for (const part of parts) {
    const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(part)
      ? part
      : new TextEncoder().encode(JSON.stringify(part));
    const view = new DataView(buffer, byteOffset, byteLength);
    const words = byteLength - (byteLength % 4);
    for (let i = 0; i < words; i += 4) add(view.getInt32(i, true));
    for (let i = words; i < byteLength; i++) add(view.getUint8(i));
  }
  return hash >>> 0;
}

/** The fingerprint of a network's weights and scales. */
export function networkFingerprint({ architecture, weights, divisors }: TernaryNetwork): number {
  return fingerprint(divisors, ...architecture.layers.map(({ name }) => weights[name]));
}

/** The fingerprint of examples: every byte counts. */
export function dataFingerprint(data: Examples): number {
  if (data.task === "mnist") return fingerprint(data.inputs, data.labels);
  const { inputs, targets, weights = [], outputWeights = OUTPUT_WEIGHTS } = data;
  return fingerprint(inputs, targets, weights, outputWeights);
}
