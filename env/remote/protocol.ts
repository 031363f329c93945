/**
 * What both ends of the WebSocket bridge agree on: server (server-node.ts, and `python -m tritrack_gym.serve`) and
 * client (remote-env-node.ts, and the Python package `tritrack-gym`). Names are Gymnasium's, in snake_case, whichever
 * language is at either end. docs/bridges.md has the calls one by one.
 *
 * A client sends requests `{ id, call, ... }` and gets for each, in order, `{ id, result }` or `{ id, error }`. The
 * first call is `hello`; which environments there are and what the limits are is its answer.
 */
import type { Metadata } from "../api.ts";
import { Fields } from "./fields.ts";
import { ProtocolError } from "./message.ts";
import type { WireSpace } from "./wire-space.ts";

export const PROTOCOL = "tritrack-remote";
/** Raised with every change that an older end would not understand. */
export const PROTOCOL_VERSION = 1;

export interface Limits {
  /** Connections at once. */
  clients: number;
  /** Environments of one client, those of a vector counted one by one. */
  environments: number;
  /** Of one message to the server. */
  messageBytes: number;
  /** For one call, its answer's way to the client included; then the client is cut off. */
  secondsPerCall: number;
  /** Without a call; then the client is cut off. */
  idleSeconds: number;
}

export const DEFAULT_LIMITS: Limits = {
  clients: 64,
  environments: 64,
  messageBytes: 2 ** 20,
  secondsPerCall: 60,
  idleSeconds: 3600,
};

/** Longest first message. Bytes. */
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

/** An error as it travels: its class, its message, and the same of what caused it. */
export interface WireError {
  name: string;
  message: string;
  cause?: WireError | undefined;
}

/** What `hello` answers. */
export interface Welcome {
  protocol: string;
  version: number;
  /** Name and version of the program that serves. */
  server: string;
  /** Ids that `make` takes. */
  environments: readonly string[];
  limits: Limits;
}

/** What `make` answers. */
export interface MadeEnv {
  /** Stands for the environment in later calls. */
  env: number;
  observation_space: WireSpace;
  action_space: WireSpace;
  metadata: { render_modes: readonly string[]; render_fps: number };
  render_mode: string | null;
  spec: {
    id: string;
    kwargs: Record<string, unknown>;
    max_episode_steps: number | null;
    reward_threshold: number | null;
  } | null;
  /** Environments of a vector; null for a single one. */
  num_envs: number | null;
}

/** The first message of a client. @throws {@link ProtocolError} when it speaks something else */
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
      `expected protocol ${PROTOCOL} version ${PROTOCOL_VERSION}, the other end speaks ${protocol} version ${version}: update the older one`,
    );
  }
}

/** What an error of a call becomes on the wire, with its causes. */
export function toWireError(error: unknown, depth = 0): WireError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, cause } = error;
  return { name, message, cause: cause && depth < 4 ? toWireError(cause, depth + 1) : undefined };
}

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
