/** `tritrack eval`: driving reward of a driver over many seeds, or accuracy of an MNIST network. */

import { availableParallelism } from "node:os";
import { extname, join, resolve } from "node:path";
import { Command, Option } from "commander";
import { EPISODE_STEPS } from "../../env/car-racing/core/constants.ts";
import { InvalidOption } from "../../env/errors.ts";
import { RemoteEnv } from "../../env/remote/remote-env-node.ts";
import type { Policy } from "../../policies/policy.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { makeFolder, writeFileAtomic } from "../../recordings/files/atomic.ts";
import { loadMnist } from "../data/mnist-node.ts";
import { parseSeeds } from "../data/seeds.ts";
import { TEST_SEEDS } from "../data/tracks.ts";
import { type EvaluateOptions, type Evaluation, evaluate } from "../episodes/evaluate.ts";
import { evaluateInWorkers } from "../episodes/evaluate-workers-node.ts";
import { measureNetwork } from "../search/engine/delta-engine.ts";
import { evaluationReport } from "../show/pages/evaluation.ts";
import { filmEpisode } from "../show/video/film-episode.ts";
import { DRIVER_HELP, driverByName, isNetworkName, networkByName, policyByName } from "./common/driver.ts";
import { breathe, exitOnInterrupt } from "./common/interrupt.ts";
import { integer, MNIST_OPTION } from "./common/options.ts";
import { counted, examples, percent, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";
import { addTaskOptions, refuseOtherTask } from "./common/task-options.ts";

interface Options {
  seeds: string;
  physics: "exact" | "box2d-wasm";
  mnist?: string;
  workers?: number;
  report?: string;
  remote?: string;
  json?: boolean;
}

/** Fewest tracks for a thread, which takes about a second to start. */
const LEAST_TRACKS = 8;

/** Makes the command: its arguments, options, examples and action. */
export default function evalCommand(): Command {
  const command = new Command().argument(
    "<driver>",
    `${DRIVER_HELP}; an MNIST network is tested on the 10,000 test images`,
  );
  addTaskOptions(command, "car", addCarOptions);
  addTaskOptions(command, "mnist", () => command.option(...MNIST_OPTION));
  return command
    .addHelpText(
      "after",
      examples(
        ["the expert on a hundred tracks", "eval expert"],
        ["a network on ten tracks, for a script", "eval car.safetensors --seeds 20000-20009 --json"],
        ["on two threads", "eval expert --workers 2"],
        ["a page with charts and a video", "eval zoo:car-90 --report report"],
        ["in Gymnasium's own environment, in Python", "eval zoo:car-90 --remote ws://127.0.0.1:8766"],
        ["test accuracy of an MNIST network", "eval mnist.safetensors"],
      ),
    )
    .action(run);
}

function addCarOptions(command: Command): Command {
  return command
    .option("--seeds <list>", "tracks, one episode each: numbers and ranges", TEST_SEEDS)
    .addOption(
      new Option("--physics <engine>", "physics engine").choices(["exact", "box2d-wasm"]).default("exact"),
    )
    .option(
      "--workers <count>",
      "threads that share the tracks; the results are the same for any number (default: one a processor, of eight tracks or more each)",
      integer(1),
    )
    .option(
      "--remote <url>",
      "drive in the CarRacing-v3 of a server: python -m tritrack_gym.serve CarRacing-v3; its token, if it has one, is in TRITRACK_TOKEN",
    )
    .option("--report <dir>", "folder for a page with the rewards and the first seed's episode on film");
}

async function run(name: string, options: Options, command: Command): Promise<void> {
  if (isNetworkName(name)) {
    const { network } = await networkByName(name);
    if (network.architecture.task === "mnist") {
      refuseOtherTask("mnist", command);
      return testOnMnist(name, network, options);
    }
  }
  refuseOtherTask("car", command);
  return driveTracks(name, options);
}

async function testOnMnist(name: string, network: TernaryNetwork, { mnist, json }: Options): Promise<void> {
  const { test } = loadMnist(mnist);
  const accuracy = await measureNetwork(network, test, "accuracy");
  const images = test.labels.length;
  const text = `${name}: ${percent(accuracy)} of ${images} test images`;
  print(json, { network: name, test: accuracy, images }, text);
}

async function driveTracks(name: string, options: Options): Promise<void> {
  const seeds = parseSeeds(options.seeds);
  const { policy } = await driverByName(name);
  const workers = countWorkers(options, seeds.length);
  const env =
    options.remote === undefined
      ? undefined
      : await RemoteEnv.connect(options.remote, "CarRacing-v3", { token: process.env.TRITRACK_TOKEN });
  // A bad path is refused before the episodes rather than after them.
  if (options.report) makeFolder(resolve(options.report));
  exitOnInterrupt(() => "stopped: there is no score before all seeds are driven");
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
    const evaluation = workers === 1 ? await evaluate(policy, how) : await onThreads(name, workers, how);
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

/** @throws InvalidOption on several workers for a remote environment, of which there is one */
function countWorkers({ workers, remote }: Options, seeds: number): number {
  if (workers === undefined)
    return remote ? 1 : Math.max(1, Math.min(availableParallelism(), Math.floor(seeds / LEAST_TRACKS)));
  if (remote && workers > 1) throw new InvalidOption(`--workers: expected 1 with --remote, got ${workers}`);
  return workers;
}

function onThreads(name: string, workers: number, how: EvaluateOptions): Promise<Evaluation> {
  // Threads load a file of this module's kind: a source during development, otherwise the file built from it.
  const file = `./common/driver${extname(import.meta.url)}`;
  const module = new URL(file, import.meta.url).href;
  return evaluateInWorkers({ module, create: policyByName.name, args: [name] }, { ...how, workers });
}

/** Writes index.html, lap.mp4 and evaluation.json. */
async function writeReport(
  folder: string,
  name: string,
  evaluation: Evaluation,
  policy: Policy,
  seeds: string,
): Promise<void> {
  const progress = startProgress("film the first episode", EPISODE_STEPS, "steps");
  const line = await filmEpisode(policy, evaluation.seeds[0], join(folder, "lap.mp4"), {
    onStep: (done) => progress.update(done),
  }).finally(() => progress.stop());
  const command = `npx tritrack eval ${name} --seeds ${seeds} --report ${folder}`;
  writeFileAtomic(join(folder, "evaluation.json"), `${JSON.stringify(evaluation)}\n`);
  writeFileAtomic(
    join(folder, "index.html"),
    evaluationReport({ evaluation, command, line: line!, video: "lap.mp4" }),
  );
}
