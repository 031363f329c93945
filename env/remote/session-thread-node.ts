/** The thread of one client: says that it is ready, then answers the messages that the server passes on, one after another. */
import { parentPort, workerData } from "node:worker_threads";
import { Session, type SessionOptions } from "./session-node.ts";

const options = workerData as SessionOptions;
for (const module of options.modules) await import(module);
const session = new Session(options);
parentPort!.on("message", async (bytes: Uint8Array) => {
  const answer = await session.answer(bytes);
  parentPort!.postMessage(answer, [answer.buffer]);
});
parentPort!.postMessage("ready");
