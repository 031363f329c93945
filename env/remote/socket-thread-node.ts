/** The thread of a Line's socket: passes calls on and answers back, and wakes the caller. */
import { parentPort, workerData } from "node:worker_threads";
import { Connection } from "./connection-node.ts";
import type { SocketAnswer, SocketSetup } from "./line-node.ts";

const { url, token, port, answered } = workerData as SocketSetup;
try {
  const connection = await Connection.open(url, { token });
  port.on("message", async (bytes: Uint8Array) => {
    const answer: SocketAnswer = await connection.request(bytes).then(
      (answer) => ({ bytes: answer }),
      (error: Error) => ({ lost: error.message }),
    );
    port.postMessage(answer);
    Atomics.add(answered, 0, 1);
    Atomics.notify(answered, 0);
  });
  parentPort!.postMessage(null);
} catch (error) {
  parentPort!.postMessage((error as Error).message);
  port.close();
}
