/** `tritrack search` of a network that drives: on frames, by episodes, or both. */
import type { Command } from "commander";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { CarData } from "../../search/index.ts";
import { type Helpers, rewardOn } from "../../search/parallel/helpers.ts";
import {
  asCarData,
  drivenFrames,
  recordedFrames,
  seedRange,
  TEST_SEED,
  VALIDATION_SEED,
} from "../common/car-frames.ts";
import { integer } from "../common/options.ts";
import { runSearch } from "./run.ts";
import type { CommonOptions, Searched, Sets } from "./task.ts";

export interface CarOptions extends CommonOptions {
  demos?: string;
  episodes: number;
}

/** Tracks of the driving reward that is searched on. */
const REWARD_SEED = 14000;
const REWARD_EPISODES = 8;
/** Tracks on which the network is driven for frames, apart from those of training rounds. */
const FRAME_SEED = 10000;

export function addCarOptions(command: Command): Command {
  return command
    .option("--demos <dir>", "car: search on the frames of these recordings, not on the network's own drives")
    .option(
      "--episodes <n>",
      "car: episodes that the network drives for frames, labelled by the expert",
      integer(1),
      12,
    );
}

export async function searchCar(
  network: TernaryNetwork,
  options: CarOptions,
  { engines, pool }: Helpers,
): Promise<Searched> {
  const byReward = options.fitness === "reward" || options.fitness === "both";
  const reward = byReward ? rewardOn(pool, seedRange(REWARD_SEED, REWARD_EPISODES)) : undefined;
  return runSearch(network, { ...(await carSets(network, options)), reward }, options, engines);
}

/** The network drives and the expert labels, on tracks of their own for each set. */
async function carSets(network: TernaryNetwork, { demos, episodes }: CarOptions): Promise<Sets> {
  const drives = async (label: string, first: number, count: number): Promise<CarData> =>
    asCarData(await drivenFrames(label, seedRange(first, count), { network }));
  const few = Math.ceil(episodes / 3);
  return {
    data: demos
      ? asCarData(await recordedFrames(demos))
      : await drives("network drives", FRAME_SEED, episodes),
    validation: await drives("validation drives", VALIDATION_SEED, few),
    test: await drives("test drives", TEST_SEED, few),
  };
}
