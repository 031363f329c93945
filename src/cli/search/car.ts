/** `tritrack search` of a network that drives: on frames, by episodes, or both. */

import type { Command } from "commander";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { CarExamples } from "../../data/examples.ts";
import { tracks } from "../../data/tracks.ts";
import { type Helpers, rewardOn } from "../../search/helpers.ts";

import { drivenFrames, recordedFrames } from "../common/car-frames.ts";
import { integer } from "../common/options.ts";
import { goesInRounds, searchDriver } from "./rounds.ts";
import { runSearch } from "./run.ts";
import type { CarOptions, Searched, Sets } from "./task.ts";

/** Number of tracks of the driving reward that is searched on. */
const REWARD_EPISODES = 8;
/** Number of tracks on which the network drives for frames, and the round whose tracks they are. */
const FRAME_EPISODES = 12;
const FRAME_ROUND = 10;

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
  const reward = byReward ? rewardOn(pool, tracks("climbedReward", REWARD_EPISODES)) : undefined;
  return runSearch(network, { ...(await carSets(network, options)), reward }, options, engines);
}

/** The network drives and the expert labels, on tracks of their own for each set. */
async function carSets(
  network: TernaryNetwork,
  { demos, episodes = FRAME_EPISODES }: CarOptions,
): Promise<Sets> {
  const drives = async (label: string, seeds: readonly number[]): Promise<CarExamples> =>
    await drivenFrames(label, seeds, { network });
  const few = Math.ceil(episodes / 3);
  return {
    data: demos
      ? await recordedFrames(demos)
      : await drives("network drives", tracks("rounds", episodes, FRAME_ROUND)),
    validation: await drives("validation drives", tracks("guards", few)),
    test: await drives("test drives", tracks("testFrames", few)),
  };
}
