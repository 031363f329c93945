/** A thread of WorkerVectorEnv: does its share of what the caller's thread asks for. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { Info } from "../api.ts";
import { waitWhile } from "../thread-node.ts";
import { Share } from "./share.ts";
import {
  ANSWERED,
  type AnswerMessage,
  ASKED,
  CLOSE,
  COMMAND,
  HAS_MESSAGE,
  type ResetMessage,
  STEP,
  type WorkerSetup,
} from "./worker-protocol.ts";

const { control, looks, port, ...options } = workerData as WorkerSetup;
const { pending } = options.arrays;
const share = await Share.create(options);

parentPort?.postMessage("ready");
for (let asked = 0; ; asked++) {
  waitWhile(control, ASKED, asked, { looks });
  const command = control[COMMAND]; // read once: with the answer the next command may come
  const message = answer(command);
  control[HAS_MESSAGE] = message ? 1 : 0;
  if (message) post(message);
  Atomics.store(control, ANSWERED, asked + 1);
  if (Atomics.sub(pending, 0, 1) === 1) Atomics.notify(pending, 0);
  if (command === CLOSE) break;
}

/** Obeys a command; returns what the arrays have no room for. */
function answer(command: number): AnswerMessage | null {
  try {
    if (command === CLOSE) {
      share.close();
      return null;
    }
    return infoMessage(command === STEP ? share.step() : share.reset(resetMessage()));
  } catch (error) {
    return errorMessage(error);
  }
}

function resetMessage(): ResetMessage {
  return receiveMessageOnPort(port)?.message as ResetMessage;
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
