/** `tritrack search` of a network that drives: on frames, by episodes, or in rounds. */

import type { Command } from "commander";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { CarExamples } from "../../data/examples.ts";
import { seedRange } from "../../data/seeds.ts";
import type { Helpers } from "../../search/helpers-node.ts";
import { rewardOn } from "../../search/pooled-episodes.ts";

import { drivenFrames, recordedFrames, TEST_SEED, VALIDATION_SEED } from "../common/car-frames.ts";
import { integer } from "../common/options.ts";
import { roundsOptions } from "./rounds.ts";
import type { SearchScreen } from "./screen.ts";
import type { CarOptions, TaskOptions } from "./task.ts";

/** Tracks of the driving reward that is searched on. */
const REWARD_SEED = 14000;
const REWARD_EPISODES = 8;
/** Tracks on which the network is driven for frames, apart from those of training rounds, and how many. */
const FRAME_SEED = 10000;
const FRAME_EPISODES = 12;

/** Adds the options that are for car networks only. */
export function addCarOptions(command: Command): Command {
  return command
    .option(
      "--demos <dir>",
      "car: learn from the frames of these recordings, with rule rounds in place of the teacher's demonstrations, otherwise in place of the network's own episodes",
    )
    .option(
      "--episodes <n>",
      "car: episodes that the network drives for frames, which the teacher labels (default: 12; with rule rounds 20 in a round)",
      integer(1),
    )
    .option(
      "--tracks <n>",
      "car: with rule rounds, tracks for each purpose (demonstrations, races, validation) at most; few are quick, but luck counts (default: 80)",
      integer(1),
    );
}

/** The options of the search that depend on a car network and its tracks. */
export async function carOptions(
  network: TernaryNetwork,
  options: CarOptions,
  helpers: Helpers,
  screen: SearchScreen,
): Promise<TaskOptions> {
  if (options.rule === "rounds") return roundsOptions(options, helpers.pool, screen);
  const byReward = options.fitness === "reward" || options.fitness === "both";
  const reward = byReward ? rewardOn(helpers.pool, seedRange(REWARD_SEED, REWARD_EPISODES)) : undefined;
  return { ...(await carSets(network, options)), reward };
}

/** The network drives and the expert labels, on tracks of their own for each set. */
async function carSets(
  network: TernaryNetwork,
  { demos, episodes = FRAME_EPISODES }: CarOptions,
): Promise<TaskOptions> {
  const drives = async (label: string, first: number, count: number): Promise<CarExamples> =>
    await drivenFrames(label, seedRange(first, count), { network });
  const few = Math.ceil(episodes / 3);
  return {
    data: demos ? await recordedFrames(demos) : await drives("network drives", FRAME_SEED, episodes),
    validation: await drives("validation drives", VALIDATION_SEED, few),
    test: await drives("test drives", TEST_SEED, few),
  };
}
