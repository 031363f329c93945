/** A thread of thread-pool.ts: does the jobs that it is sent. */
import { parentPort } from "node:worker_threads";
import { TritrackError } from "../../env/errors.ts";
import { runJob } from "../search/jobs.ts";
import type { JobAnswer, JobMessage } from "./thread-pool.ts";

const port = parentPort!;
const answer = (message: JobAnswer) => port.postMessage(message);
port.on("message", async ({ job, blobs }: JobMessage) => {
  try {
    answer({ result: await runJob(job, blobs) });
  } catch (error) {
    answer({
      error: error instanceof Error ? error.message : String(error),
      isOurs: error instanceof TritrackError,
    });
  }
});
port.postMessage("ready");
