/** The thread of one client: reports that it is ready, then answers the messages that the server passes on. */
import { parentPort, workerData } from "node:worker_threads";
import { make } from "../registry.ts";
import { Session, type SessionOptions } from "./session-node.ts";

const options = workerData as SessionOptions;
for (const module of options.modules) await import(module);
const session = new Session(options);
// Loads code and kernels now, so that the client's first `make` need not wait for them.
if (options.environments.includes("CarRacing-v3")) (await make("CarRacing-v3")).close();
parentPort!.on("message", async (bytes: Uint8Array) => {
  const answer = await session.answer(bytes);
  parentPort!.postMessage(answer, [answer.buffer]);
});
parentPort!.postMessage("ready");
