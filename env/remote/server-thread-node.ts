/** The thread of a server: reports its address, or why there is none, and serves until it is told to close. */
import { parentPort, workerData } from "node:worker_threads";
import { startListener } from "./listener-node.ts";
import { toWireError } from "./protocol.ts";
import type { ServerReport, ServerSetup } from "./server-node.ts";

const { name, options, clients } = workerData as ServerSetup;
const report = (message: ServerReport) => parentPort!.postMessage(message);
try {
  const server = await startListener(name, options, (count) => Atomics.store(clients, 0, count));
  parentPort!.once("message", async () => {
    await server.close();
    process.exit(); // ends this thread alone
  });
  report({ url: server.url, limits: server.limits });
} catch (error) {
  report({ error: toWireError(error) });
}
