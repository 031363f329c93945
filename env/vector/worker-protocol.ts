/** Memory, commands and messages of WorkerVectorEnv (workers.ts) and its threads (worker-node.ts). */
import type { MessagePort } from "node:worker_threads";
import type { Info, Seed } from "../api.ts";
import type { EnvSource } from "./env-source.ts";
import type { AutoresetMode } from "./vector-env.ts";

/** Word of `WorkerSetup.control`: how many commands were given so far. */
export const ASKED = 0;
/** Word of `WorkerSetup.control`: how many commands were answered so far. */
export const ANSWERED = 1;
/** Word of `WorkerSetup.control`: the last command. */
export const COMMAND = 2;
/** Word of `WorkerSetup.control`: 1 if the last answer has a message. */
export const HAS_MESSAGE = 3;
/** Word of `WorkerSetup.control`: 1 once the thread has ended by itself. */
export const EXITED = 4;
/** Length of `WorkerSetup.control`. */
export const CONTROL_WORDS = 5;

/** Command: step every environment. All that it needs lies in shared memory. */
export const STEP = 0;
/** Command: reset environments. Its arguments come as a {@link ResetMessage}. */
export const RESET = 1;
/** Command: close every environment and end the thread. */
export const CLOSE = 2;

/** Stands in `SharedArrays.actions` for NO_ACTION: no action that an environment takes has a NaN. */
export const NO_ACTION_MARK = Number.NaN;

/** Bit of `SharedArrays.ends`. */
export const TERMINATED = 1;
/** Bit of `SharedArrays.ends`. */
export const TRUNCATED = 2;

/** Arrays of all n environments, in shared memory. */
export interface SharedArrays {
  /** Elements of the observation space, [n, ...shape]. */
  observations: SharedArrayBuffer;
  /** Actions of the next step, [n, actionSize]. */
  actions: Float64Array;
  /** Rewards of the last step, [n]. */
  rewards: Float64Array;
  /** Bits {@link TERMINATED} and {@link TRUNCATED} of the last step, [n]. */
  ends: Uint8Array;
  /** Number of threads that have not answered yet, [1]. The thread that brings it to 0 wakes the caller. */
  pending: Int32Array;
}

/** A thread's first data. */
export interface WorkerSetup extends ShareOptions {
  /** Words of commands and answers, see {@link ASKED}. */
  control: Int32Array;
  /** Number of times that the thread looks for the next command before it sleeps. */
  looks: number;
  /** Reset messages come in, answers go out. */
  port: MessagePort;
}

/** A thread's share of the environments: from index `first` to before `end`. */
export interface ShareOptions {
  /** The environments to make. */
  source: EnvSource;
  /** The rule for the end of an episode. */
  autoresetMode: AutoresetMode;
  /** Index of the share's first environment. */
  first: number;
  /** Index after the share's last environment. */
  end: number;
  /** Arrays of all environments. */
  arrays: SharedArrays;
}

/** Arguments of `VectorEnv.reset` for a thread's environments. */
export interface ResetMessage {
  /** Seed of each environment. */
  seed: readonly (Seed | undefined)[];
  /** True for each environment to reset; undefined for all. */
  mask: readonly boolean[] | undefined;
  /** Options of the environments' own. */
  options: Record<string, unknown> | undefined;
}

/** The part of an answer that the arrays have no room for: infos that are not empty, or an error by its class's name. */
export type AnswerMessage = { infos: Info[] } | { error: { name: string; message: string } };
