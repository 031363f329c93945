/** A thread of WorkerVectorEnv: a SyncVectorEnv over its share of the environments, which waits for commands. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { Env, Info } from "../api.ts";
import { Discrete, type TypedArray } from "../spaces.ts";
import { waitWhile } from "../thread-node.ts";
import { makeFrom } from "./env-source.ts";
import { SyncVectorEnv } from "./sync.ts";
import {
  ANSWERED,
  type AnswerMessage,
  ASKED,
  CLOSE,
  COMMAND,
  HAS_MESSAGE,
  type ResetMessage,
  STEP,
  TERMINATED,
  TRUNCATED,
  type WorkerSetup,
} from "./worker-protocol.ts";

const { source, first, end, autoresetMode, arrays, control, port } = workerData as WorkerSetup;
const count = end - first;
const envs: Env[] = [];
for (let i = first; i < end; i++) envs.push(await makeFrom(source, i));
const vector = new SyncVectorEnv(envs as Env<TypedArray, unknown>[], {
  autoresetMode,
  copy: false,
  buffer: arrays.observations,
  byteOffset: (first * arrays.observations.byteLength) / arrays.rewards.length,
});
const actionSize = arrays.actions.length / arrays.rewards.length;
const isDiscrete = vector.singleActionSpace instanceof Discrete;

parentPort?.postMessage("ready");
for (let asked = 0; ; asked++) {
  waitWhile(control, ASKED, asked);
  const command = control[COMMAND]; // read once: with the answer the next command may come
  const message = answer(command);
  control[HAS_MESSAGE] = message ? 1 : 0;
  if (message) post(message);
  Atomics.store(control, ANSWERED, asked + 1);
  if (Atomics.sub(arrays.pending, 0, 1) === 1) Atomics.notify(arrays.pending, 0);
  if (command === CLOSE) break;
}

/** Obeys a command; returns what the arrays have no room for. */
function answer(command: number): AnswerMessage | null {
  try {
    if (command === CLOSE) {
      vector.close();
      return null;
    }
    return infoMessage(command === STEP ? step() : reset());
  } catch (error) {
    return errorMessage(error);
  }
}

function reset(): Info[] {
  return vector.reset(receiveMessageOnPort(port)?.message as ResetMessage).infos;
}

function step(): Info[] {
  const actions = Array.from({ length: count }, (_, i) => {
    const at = (first + i) * actionSize;
    // A copy: the next step overwrites the shared one.
    return isDiscrete ? arrays.actions[at] : arrays.actions.slice(at, at + actionSize);
  });
  const { rewards, terminations, truncations, infos } = vector.step(actions);
  arrays.rewards.set(rewards, first);
  for (let i = 0; i < count; i++) {
    arrays.ends[first + i] = (terminations[i] ? TERMINATED : 0) | (truncations[i] ? TRUNCATED : 0);
  }
  return infos;
}

function infoMessage(infos: Info[]): AnswerMessage | null {
  return infos.some((info) => Object.keys(info).length > 0) ? { infos } : null;
}

function errorMessage(error: unknown): AnswerMessage {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { error: { name, message } };
}

function post(message: AnswerMessage): void {
  try {
    port.postMessage(message);
  } catch (error) {
    port.postMessage(errorMessage(error)); // an info that cannot be cloned
  }
}
