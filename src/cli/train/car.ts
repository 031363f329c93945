/** `tritrack train car`: imitation of the expert, or of recorded drives. */
import type { Command } from "commander";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import {
  asCarData,
  drivenFrames,
  ROUND_SEEDS,
  recordedFrames,
  seedRange,
  TEST_SEED,
  TRAIN_SEED,
  VALIDATION_SEED,
} from "../common/car-frames.ts";
import { breathe } from "../common/interrupt.ts";
import { integer } from "../common/options.ts";
import { startProgress } from "../common/progress.ts";
import type { CommonOptions, Trained } from "./task.ts";

export interface CarTaskOptions extends CommonOptions {
  demos?: string;
  episodes: number;
  rounds: number;
  seeds: string;
}

/** Episodes driven for measuring, and for each DAgger round. */
const MEASURED_EPISODES = 4;
const ROUND_EPISODES = 12;

export function addCarOptions(command: Command): Command {
  return command
    .option("--demos <dir>", "car: learn from these recordings instead of driving the expert now")
    .option("--episodes <n>", "car: episodes that the expert drives", integer(1), 30)
    .option(
      "--rounds <n>",
      "car: DAgger rounds, in which the network drives and the expert labels",
      integer(0),
      0,
    )
    .option("--seeds <list>", "car: tracks on which the result is evaluated", "20000-20009");
}

export async function trainCarNetwork(options: CarTaskOptions): Promise<Trained> {
  const [{ trainCar }, { measureNetwork }, { evaluate, parseSeeds }, { TernaryPolicy }] = await Promise.all([
    import("../../train/imitate.ts"),
    import("../../search/engine.ts"),
    import("../../evaluate.ts"),
    import("../../../policies/ternary/policy.ts"),
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
