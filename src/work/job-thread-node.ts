/** A thread of a ThreadPool: imports the modules it is told, and does the jobs that they export. */
import { parentPort, workerData } from "node:worker_threads";
import { TritrackError } from "../../env/errors.ts";
import { type JobKinds, runJob } from "./pool.ts";
import type { JobAnswer, JobMessage, JobThreadSetup } from "./thread-pool-node.ts";

const { modules } = workerData as JobThreadSetup;
const kinds = (await Promise.all(modules.map((module) => import(module)))).flatMap(
  ({ jobs }: { jobs: JobKinds }) => jobs,
);
const port = parentPort!;
const answer = (message: JobAnswer) => port.postMessage(message);
port.on("message", async ({ job, blobs }: JobMessage) => {
  try {
    answer({ result: await runJob(kinds, job, blobs) });
  } catch (error) {
    answer({
      error: error instanceof Error ? error.message : String(error),
      isOurs: error instanceof TritrackError,
    });
  }
});
port.postMessage("ready");
