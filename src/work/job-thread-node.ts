/** A thread of a ThreadPool: imports the modules it is told, and does the jobs that they export. */
import { parentPort, workerData } from "node:worker_threads";
import { TritrackError } from "../../env/errors.ts";
import { type JobKinds, runJob } from "./pool.ts";
import type { JobAnswer, JobMessage, JobThreadSetup } from "./thread-pool-node.ts";

/** Kinds of jobs, or a function that makes them. */
type Exported = JobKinds | ((data: unknown) => JobKinds | Promise<JobKinds>);

const { modules, data } = workerData as JobThreadSetup;
const kindsOf = async (module: string): Promise<JobKinds> => {
  const { jobs }: { jobs: Exported } = await import(module);
  return typeof jobs === "function" ? jobs(data) : jobs;
};
const kinds = (await Promise.all(modules.map(kindsOf))).flat();
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
