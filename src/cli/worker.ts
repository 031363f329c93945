/** `tritrack worker`: lends this machine to searches that give their work to others through Redis. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { startSearchWorker } from "../search/helpers-node.ts";
import { interruptSignal } from "./common/interrupt.ts";
import { integer } from "./common/options.ts";
import { counted, examples, print } from "./common/output.ts";

interface Options {
  redis: string;
  concurrency?: number;
  json?: boolean;
}

/** Makes the command: its arguments, options, examples and action. */
export default function workerCommand(): Command {
  return new Command()
    .requiredOption("--redis <url>", "Redis of the searches: redis://[user:password@]host[:port][/database]")
    .option(
      "--concurrency <n>",
      "jobs at once, each on a thread (default: one a processor)",
      integer(1, 1024),
    )
    .addHelpText(
      "after",
      `${examples(
        ["on every machine that is to help", "worker --redis redis://queue.example:6379"],
        [
          "and on the one that searches",
          "search zoo:car-90 --redis redis://queue.example:6379 --out better.safetensors",
        ],
      )}
A worker runs until Ctrl-C, which lets it finish its jobs first. When a worker is killed nothing is lost: after some
seconds its jobs go to another one. Whoever can reach the Redis can use the worker, so keep the Redis in your own
network or give it a password.
`,
    )
    .action(run);
}

/** Works until Ctrl-C. */
async function run({ redis: url, concurrency = availableParallelism(), json }: Options): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const start = performance.now();
  let jobs = 0;
  const worker = await startSearchWorker({
    url,
    concurrency,
    say,
    onJob: (kind, milliseconds) => say(`job ${++jobs}: ${kind}, ${milliseconds.toFixed(0)} ms`),
  });
  say(`ready for ${counted(concurrency, "job")} at once; Ctrl-C ends it`);
  const signal = interruptSignal("finishing the jobs at hand; Ctrl-C again ends at once");
  const interrupted = new Promise<null>((resolve) => {
    signal.addEventListener("abort", () => resolve(null));
  });
  const failure = await Promise.race([interrupted, worker.failed]);
  // It has ended already: jobs that are not finished go to other workers.
  if (failure) throw failure;
  await worker.close();
  const seconds = (performance.now() - start) / 1000;
  print(json, { jobs, seconds }, `${counted(jobs, "job")} in ${seconds.toFixed(0)} s`);
}
