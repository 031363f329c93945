/** What WorkerVectorEnv (workers.ts) and its threads (worker-node.ts) share: memory, commands and messages. */
import type { MessagePort } from "node:worker_threads";
import type { Info, Seed } from "../api.ts";
import type { EnvSource } from "./env-source.ts";
import type { AutoresetMode } from "./vector-env.ts";

/** Words of `WorkerSetup.control`: commands given and answered so far, the last one, whether its answer has a message. */
export const ASKED = 0;
export const ANSWERED = 1;
export const COMMAND = 2;
export const HAS_MESSAGE = 3;
export const CONTROL_WORDS = 4;

/** Commands. A reset's arguments come as a message; all that a step needs lies in shared memory. */
export const STEP = 0;
export const RESET = 1;
export const CLOSE = 2;

/** What stands in `SharedArrays.actions` for NO_ACTION: no action that an environment takes has a NaN. */
export const NO_ACTION_MARK = Number.NaN;

/** Bits of `SharedArrays.ends`. */
export const TERMINATED = 1;
export const TRUNCATED = 2;

/** Of all n environments, in shared memory. */
export interface SharedArrays {
  /** Elements of the observation space, [n, ...shape]. */
  observations: SharedArrayBuffer;
  /** [n, actionSize]. */
  actions: Float64Array;
  rewards: Float64Array;
  ends: Uint8Array;
  /** [1]: threads that have not answered yet; who brings it to 0 wakes the caller. */
  pending: Int32Array;
}

/** What a thread begins with. */
export interface WorkerSetup extends ShareOptions {
  control: Int32Array;
  /** How often it looks for the next command before it sleeps. */
  looks: number;
  port: MessagePort;
}

/** A thread's share of the environments: from index `first` to before `end`. */
export interface ShareOptions {
  source: EnvSource;
  autoresetMode: AutoresetMode;
  first: number;
  end: number;
  arrays: SharedArrays;
}

/** Arguments of `VectorEnv.reset` for a thread's environments. */
export interface ResetMessage {
  seed: readonly (Seed | undefined)[];
  mask: readonly boolean[] | undefined;
  options: Record<string, unknown> | undefined;
}

/** What an answer has beside the arrays: infos that are not empty, or an error by the name of its class. */
export type AnswerMessage = { infos: Info[] } | { error: { name: string; message: string } };
