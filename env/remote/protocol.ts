/**
 * The protocol of the WebSocket bridge, which servers (server-node.ts, and `python -m tritrack_gym.serve`) and clients
 * (remote-env-node.ts, and the Python package `tritrack-gym`) share. Names are Gymnasium's, in snake_case, whichever
 * language is at either end. docs/bridges.md describes each call.
 *
 * A client sends requests `{ id, call, ... }` and gets for each, in order, `{ id, result }` or `{ id, error }`. The first
 * call is `hello`, whose answer lists the environments and the limits.
 */
import type { Metadata } from "../api.ts";
import { describe } from "../describe.ts";
import { Fields } from "./fields.ts";
import { ProtocolError } from "./message.ts";
import type { WireSpace } from "./wire-space.ts";

/** The protocol's name in `hello`. */
export const PROTOCOL = "tritrack-remote";
/** The protocol's version in `hello`. It rises with every change that an older end would not understand. */
export const PROTOCOL_VERSION = 1;

/** Limits of a server; all are numbers above 0. */
export interface Limits {
  /** Connections at once. Default: 64. */
  clients: number;
  /** Environments of one client, those of a vector counted one by one. Default: 64. */
  environments: number;
  /** Size of one message to the server, bytes. Default: 2^20. */
  messageBytes: number;
  /** Time for one call and its answer's way to the client, seconds; then the client is cut off. Default: 60. */
  secondsPerCall: number;
  /** Time without a call, seconds; then the client is cut off. Default: 3600. */
  idleSeconds: number;
}

/** The limits of a server that is given no others. */
export const DEFAULT_LIMITS: Limits = {
  clients: 64,
  environments: 64,
  messageBytes: 2 ** 20,
  secondsPerCall: 60,
  idleSeconds: 3600,
};

/** Size of the longest first message, bytes. */
export const MAX_HELLO_BYTES = 4096;

/** Codes with which the server closes a connection (RFC 6455, section 7.4; those from 4000 are our own). */
export const CloseCode = {
  goingAway: 1001,
  protocolError: 1002,
  tooManyCalls: 1008,
  serverFailed: 1011,
  idle: 4000,
  callTooLong: 4001,
} as const;

/** An error in a message. */
export interface WireError {
  /** Name of its class. */
  name: string;
  /** Its message. */
  message: string;
  /** The error that caused it, if any. */
  cause?: WireError | undefined;
}

/** The answer to `hello`. */
export interface Welcome {
  /** {@link PROTOCOL}. */
  protocol: string;
  /** {@link PROTOCOL_VERSION}. */
  version: number;
  /** Name and version of the program that serves. */
  server: string;
  /** Ids that `make` takes. */
  environments: readonly string[];
  /** Limits that the client must keep. */
  limits: Limits;
}

/** The answer to `make`. For a vector, the spaces are those of one environment. */
export interface MadeEnv {
  /** Number that stands for the environment in later calls. */
  env: number;
  /** Space of the observations. */
  observation_space: WireSpace;
  /** Space of the actions. */
  action_space: WireSpace;
  /** Render modes, and steps a second in real time. */
  metadata: { render_modes: readonly string[]; render_fps: number };
  /** The chosen render mode, or null. */
  render_mode: string | null;
  /** Record of how the environment was made; null for a vector. */
  spec: {
    id: string;
    kwargs: Record<string, unknown>;
    max_episode_steps: number | null;
    reward_threshold: number | null;
  } | null;
  /** Number of environments of a vector; null for a single one. */
  num_envs: number | null;
}

/**
 * Checks the first message of a client.
 * @returns the id of its call
 * @throws {@link ProtocolError} on another call, protocol or version
 */
export function checkHello(message: unknown): { id: number } {
  const fields = new Fields(message);
  if (fields.get("call") !== "hello") throw new ProtocolError('expected the call "hello" first');
  checkVersion(fields);
  return { id: fields.integer("id") };
}

/** @throws {@link ProtocolError} when the other end speaks another protocol or version */
export function checkVersion(fields: Fields): void {
  const protocol = fields.get("protocol");
  const version = fields.get("version");
  if (protocol !== PROTOCOL || version !== PROTOCOL_VERSION) {
    throw new ProtocolError(
      `expected protocol ${PROTOCOL} version ${PROTOCOL_VERSION}, the other end speaks ${describe(protocol)} version ${describe(version)}: update the older one`,
    );
  }
}

/** An error as messages carry it, with at most four of its causes. */
export function toWireError(error: unknown, depth = 0): WireError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, cause } = error;
  return { name, message, cause: cause && depth < 4 ? toWireError(cause, depth + 1) : undefined };
}

/** Metadata in Gymnasium's names. */
export function metadataToWire({ renderModes, renderFps }: Metadata): MadeEnv["metadata"] {
  return { render_modes: renderModes, render_fps: renderFps };
}

/** Keys in snake_case, one level deep: `renderMode` is `render_mode`. */
export function snakeKeys(record: Record<string, unknown>): Record<string, unknown> {
  return mapKeys(record, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** Keys in camelCase, one level deep: `render_mode` is `renderMode`. */
export function camelKeys(record: Record<string, unknown>): Record<string, unknown> {
  return mapKeys(record, (key) => key.replace(/(?<=[a-z0-9])_([a-z])/g, (_, letter) => letter.toUpperCase()));
}

function mapKeys(record: Record<string, unknown>, rename: (key: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [rename(key), value]));
}
