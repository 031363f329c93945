/** `tritrack worker`: lends this machine to searches that give out their work through Redis. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { interruptSignal } from "./common/interrupt.ts";
import { integer } from "./common/options.ts";
import { examples, print } from "./common/output.ts";

interface Options {
  redis: string;
  concurrency: number;
  json?: boolean;
}

export default function worker(): Command {
  return new Command()
    .requiredOption("--redis <url>", "queue of the searches: redis://[user:password@]host[:port][/database]")
    .option("--concurrency <n>", "jobs at once, each on a thread", integer(1, 1024), availableParallelism())
    .addHelpText(
      "after",
      `${examples(
        ["on every machine that is to help", "worker --redis redis://queue.example:6379"],
        [
          "and on the one that searches",
          "search zoo:car-90 --redis redis://queue.example:6379 --out better.safetensors",
        ],
      )}
It works until Ctrl-C, which lets it finish its jobs first. A worker that is killed loses nothing: after some
seconds its jobs go to another. Whoever can reach the Redis can use the worker: keep it in your own network or
give it a password.
`,
    )
    .action(run);
}

async function run({ redis: url, concurrency, json }: Options): Promise<void> {
  const { startSearchWorker } = await import("../search/helpers-node.ts");
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const start = performance.now();
  let jobs = 0;
  const worker = await startSearchWorker({
    url,
    concurrency,
    say,
    onJob: (kind, milliseconds) => say(`job ${++jobs}: ${kind}, ${milliseconds.toFixed(0)} ms`),
  });
  say(`ready for ${concurrency} job${concurrency === 1 ? "" : "s"} at once; Ctrl-C ends it`);
  const signal = interruptSignal("finishing the jobs at hand; Ctrl-C again ends at once");
  const interrupted = new Promise<null>((resolve) => {
    signal.addEventListener("abort", () => resolve(null));
  });
  const failure = await Promise.race([interrupted, worker.failed]);
  // It has ended already: jobs that are not finished go to other workers.
  if (failure) throw failure;
  await worker.close();
  const seconds = (performance.now() - start) / 1000;
  print(json, { jobs, seconds }, `${jobs} jobs in ${seconds.toFixed(0)} s`);
}
