/** A thread of WorkerVectorEnv: obeys the commands of the caller's thread for its share of the environments. */
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
  EXITED,
  HAS_MESSAGE,
  type ResetMessage,
  STEP,
  type WorkerSetup,
} from "./worker-protocol.ts";

const { control, looks, port, ...options } = workerData as WorkerSetup;
const { pending } = options.arrays;
// An environment that calls process.exit() ends this thread. Other runtimes than Node have no other way to tell at once.
process.on("exit", () => Atomics.store(control, EXITED, 1));
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

/** Obeys a command. @returns the part of the answer that the arrays have no room for */
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
