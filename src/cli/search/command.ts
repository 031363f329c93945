/** `tritrack search`: stochastic search and succeed from a network file or from a random network. */
import { existsSync, rmSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { Command, Option } from "commander";
import { InvalidOption } from "../../../env/errors.ts";
import { sparsity } from "../../../policies/ternary/describe.ts";
import { architectures, type TernaryNetwork } from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { sweepTemporaries } from "../../../recordings/files/atomic.ts";
import { lockFile } from "../../../recordings/files/lock.ts";
import { startHelpers } from "../../search/helpers-node.ts";
import { randomDriver, type Scores } from "../../search/index.ts";
import { checkLayers } from "../../search/options.ts";
import { networkByName } from "../common/driver.ts";
import { checkOutput, writeNetworkFile } from "../common/network-file.ts";
import { integer, number } from "../common/options.ts";
import { commandLine, examples, percent, print } from "../common/output.ts";
import { addTaskOptions } from "../common/task-options.ts";
import { addCarOptions, carOptions } from "./car.ts";
import { checkOptions, settled } from "./check-options.ts";
import { addMnistOptions, type MnistOptions, mnistOptions, withPreset } from "./mnist.ts";
import { announceResume, checkpointPath, goesOnFrom, runSearch } from "./run.ts";
import { SearchScreen } from "./screen.ts";
import { type CarOptions, layerNames, type Searched } from "./task.ts";

interface Options extends CarOptions, MnistOptions {
  task?: "car" | "mnist";
  init?: "random";
  sparsity: number;
  json?: boolean;
}

/** The command `search`. */
export default function searchCommand(): Command {
  const command = new Command()
    .argument("[file]", "network to begin from: FILE.safetensors or zoo:NAME; or --init random")
    .requiredOption("--out <file>", "the found network, FILE.safetensors")
    .addOption(new Option("--init <how>", "begin from a random network; needs --task").choices(["random"]))
    .addOption(new Option("--task <task>", "with --init: what the network does").choices(["car", "mnist"]))
    .option("--sparsity <percent>", "with --init: share of zero weights", number(0, 99.9), 90);
  addRuleOptions(command);
  addRunOptions(command);
  addTaskOptions(command, "car", addCarOptions);
  addTaskOptions(command, "mnist", addMnistOptions);
  return command.addHelpText("after", EXAMPLES).action(run);
}

const EXAMPLES = examples(
  ["improve a driver", "search car.safetensors --fitness both --rounds 4 --out better.safetensors"],
  [
    "a driver from nothing, no gradient anywhere",
    "search --init random --task car --fitness imitation --rounds 4 --out driver.safetensors",
  ],
  ["digits from nothing", "search --task mnist --init random --seconds 120 --out found.safetensors"],
  ["on both cores, with a log", "search zoo:car-90 --workers 2 --log steps.jsonl --out better.safetensors"],
  [
    "the paper's Algorithm 1 on the last layer",
    "search mnist.safetensors --rule paper --layers fc --out x.safetensors",
  ],
);

/** Adds the options that say how networks are searched and compared. */
function addRuleOptions(command: Command): void {
  command
    .addOption(
      new Option(
        "--fitness <name>",
        "what makes a network better: accuracy or loss, for mnist also margin; for the car also imitation (of the teacher), reward (of driving) or both (neither reward nor action accuracy may fall)",
      )
        .choices(["accuracy", "loss", "margin", "imitation", "reward", "both"])
        .default("accuracy"),
    )
    .option("--layers <names>", "layers to search, in order, such as 2.0,fc (default: all, the last first)")
    .addOption(
      new Option(
        "--rule <name>",
        "paper: Algorithm 1; strict: Algorithm 2; climb: our own (default); rounds: the car drives, the teacher labels, swaps are searched, in turn (default for --fitness imitation, reward and both)",
      ).choices(["paper", "strict", "climb", "rounds"]),
    )
    .addOption(
      new Option(
        "--family <name>",
        "same: swaps keep the counts of -1 and +1 in every layer; free: they may change them",
      )
        .choices(["same", "free"])
        .default("same"),
    )
    .option(
      "--rounds <n>",
      "times through the layers (default: 3; rule climb on more than 12000 images: until nothing is gained); with rule rounds, rounds in which the car drives (default: 4)",
      integer(1),
    )
    .addOption(
      new Option(
        "--order <name>",
        "order of the layers: fixed, all neighbourhoods of one and then the next (default); alternating; yield, the one that gains most for its work (default of rule climb on more than 12000 images)",
      ).choices(["fixed", "alternating", "yield"]),
    )
    .option(
      "--neighbours <n>",
      "neighbours in a neighbourhood (default: 1000; rule climb on more than 12000 images 3000; --fitness reward 8)",
      integer(1),
    )
    .option(
      "--neighbourhoods <n>",
      "most neighbourhoods a layer and round (default: 10; rule climb 1)",
      integer(1),
    );
}

/** Adds the options that say how long a search goes on, who helps, and what it leaves behind. */
function addRunOptions(command: Command): void {
  command
    .option(
      "--seconds <n>",
      "end after the step in which so many seconds of steps have passed, with what was found; --resume goes on",
      number(0),
    )
    .option(
      "--budget <n>",
      "end after the step in which so many neighbours have been tried: the same result on every machine",
      integer(1),
    )
    .option("--seed <n>", "seed of all that is drawn", integer(0), 0)
    .option("--resume", "go on from OUT.checkpoint.safetensors if it is there, with the same options")
    .option(
      "--workers <n>",
      "threads of this machine; the result is the same for any number",
      integer(1, 256),
      1,
    )
    .option("--redis <url>", "give large parts of the work to the `tritrack worker`s of this Redis")
    .option("--log <file>", "a line of JSON for every step");
}

async function run(file: string | undefined, options: Options, command: Command): Promise<void> {
  checkOutput(options.out);
  const lock = lockFile(options.out);
  for (const beside of [checkpointPath(options), options.log]) if (beside) sweepTemporaries(beside);
  try {
    await searchFrom(file, options, command);
  } finally {
    lock.release();
  }
}

async function searchFrom(file: string | undefined, given: Options, command: Command): Promise<void> {
  announceResume(given);
  const start = await startingNetwork(file, given);
  const { task, layers: all } = start.architecture;
  const options = settled(task, withPreset(given), command);
  checkOptions(task, options, command);
  const layers = layerNames(options) ?? all.map((layer) => layer.name).reverse();
  // Here, not after minutes of driving for frames.
  checkLayers(start, layers);
  const helpers = await startHelpers({ ...options, say: (line) => process.stderr.write(`${line}\n`) });
  const screen = new SearchScreen(options);
  try {
    const own =
      task === "car" ? await carOptions(start, options, helpers, screen) : await mnistOptions(options);
    const found = await runSearch(start, options, own, helpers.engines, screen);
    await writeFound(found, options);
    printFound(found, options, { task, layers, start });
  } finally {
    await helpers.close();
  }
}

/** Writes the found network and takes its checkpoint away. */
async function writeFound(found: Searched, options: Options): Promise<void> {
  const { network, before, after, neighbours, accepted } = found;
  const { fitness, seed } = options;
  // The same search gives the same bytes, whoever helped.
  const line = commandLine(["--workers", "--redis", "--log", "--out"]);
  network.metadata.command = `${line} --out found.safetensors`;
  // Scores in the file are those of the network before the search.
  delete network.metadata.scores;
  network.metadata.search = JSON.stringify({ fitness, seed, before, after, neighbours, accepted });
  await writeNetworkFile(options.out, network);
  // In this order: a kill at any moment leaves the network or the checkpoint.
  const checkpoint = checkpointPath(options);
  if (found.isWhole) rmSync(checkpoint, { force: true });
  else if (existsSync(checkpoint)) process.stderr.write(`stopped; ${goesOnFrom(checkpoint)}\n`);
}

function printFound(
  { before, after, neighbours, accepted, seconds }: Searched,
  { fitness, json, out }: Options,
  { task, layers, start }: { task: string; layers: readonly string[]; start: TernaryNetwork },
): void {
  const show = (value: number) => (fitness === "loss" ? value.toFixed(4) : percent(value));
  const scores = (name: string, { train, validation, test, reward }: Scores) =>
    `${name.padEnd(7)} train ${show(train)}, validation ${show(validation!)}, test ${show(test!)}${reward === undefined ? "" : `, reward ${reward.toFixed(1)}`}`;
  const counts = { seconds, neighbours, accepted };
  print(
    json,
    { task, sparsity: sparsity(start).all, fitness, layers, ...counts, before, after, out },
    [
      scores("before", before),
      scores("after", after),
      `${neighbours} neighbours, ${accepted} swaps accepted, ${seconds.toFixed(0)} s`,
      ...(accepted > 0 && isDeepStrictEqual(before, after)
        ? ["validation shows no gain: the network is as it was"]
        : []),
      out,
    ].join("\n"),
  );
}

async function startingNetwork(file: string | undefined, options: Options): Promise<TernaryNetwork> {
  if ((file === undefined) === (options.init === undefined))
    throw new InvalidOption("give either a network file or --init random");
  if (file !== undefined) return (await networkByName(file)).network;
  if (!options.task) throw new InvalidOption("--task: expected car or mnist beside --init random, got none");
  if (options.task === "car") return randomDriver(options.sparsity, options.seed);
  return randomNetwork(architectures.mnist, options.sparsity, options.seed);
}
