/** `tritrack search` of a network that drives: on frames, by episodes, or both. */

import type { Command } from "commander";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { CarExamples } from "../../data/examples.ts";
import { seedRange } from "../../data/seeds.ts";
import { type Helpers, rewardOn } from "../../search/helpers.ts";

import { drivenFrames, recordedFrames, TEST_SEED, VALIDATION_SEED } from "../common/car-frames.ts";
import { integer } from "../common/options.ts";
import { goesInRounds, searchDriver } from "./rounds.ts";
import { runSearch } from "./run.ts";
import type { CarOptions, Searched, Sets } from "./task.ts";

/** Tracks of the driving reward that is searched on. */
const REWARD_SEED = 14000;
const REWARD_EPISODES = 8;
/** Tracks on which the network is driven for frames, apart from those of training rounds, and how many. */
const FRAME_SEED = 10000;
const FRAME_EPISODES = 12;

export function addCarOptions(command: Command): Command {
  return command
    .option(
      "--demos <dir>",
      "car: frames of these recordings; in rounds beside the network's own drives, otherwise instead of them",
    )
    .option(
      "--episodes <n>",
      "car: episodes that the network drives for frames, labelled by the teacher (default: 12; 20 in a round)",
      integer(1),
    )
    .option(
      "--tracks <n>",
      "car: in rounds, tracks for any purpose at most, such as demonstrations, races, validation; with few all is quick, and luck counts (default: 80)",
      integer(1),
    );
}

export async function searchCar(
  network: TernaryNetwork,
  options: CarOptions,
  helpers: Helpers,
): Promise<Searched> {
  if (goesInRounds(options)) return searchDriver(network, options, helpers);
  const { engines, pool } = helpers;
  const byReward = options.fitness === "reward" || options.fitness === "both";
  const reward = byReward ? rewardOn(pool, seedRange(REWARD_SEED, REWARD_EPISODES)) : undefined;
  return runSearch(network, { ...(await carSets(network, options)), reward }, options, engines);
}

/** The network drives and the expert labels, on tracks of their own for each set. */
async function carSets(
  network: TernaryNetwork,
  { demos, episodes = FRAME_EPISODES }: CarOptions,
): Promise<Sets> {
  const drives = async (label: string, first: number, count: number): Promise<CarExamples> =>
    await drivenFrames(label, seedRange(first, count), { network });
  const few = Math.ceil(episodes / 3);
  return {
    data: demos ? await recordedFrames(demos) : await drives("network drives", FRAME_SEED, episodes),
    validation: await drives("validation drives", VALIDATION_SEED, few),
    test: await drives("test drives", TEST_SEED, few),
  };
}
