/** `tritrack search` of a network that drives: on frames, by episodes, or in rounds. */

import type { Command } from "commander";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { CarExamples } from "../../data/examples.ts";
import { tracks } from "../../data/tracks.ts";
import type { Helpers } from "../../search/helpers-node.ts";
import { rewardOn } from "../../search/pooled-episodes.ts";

import { drivenFrames, recordedFrames } from "../common/car-frames.ts";
import { integer } from "../common/options.ts";
import { roundsOptions } from "./rounds.ts";
import type { SearchScreen } from "./screen.ts";
import type { CarOptions, TaskOptions } from "./task.ts";

/** Number of tracks of the driving reward that is searched on. */
const REWARD_EPISODES = 8;
/** Number of tracks on which the network drives for frames, and the round whose tracks they are. */
const FRAME_EPISODES = 12;
const FRAME_ROUND = 10;

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
  const reward = byReward ? rewardOn(helpers.pool, tracks("climbedReward", REWARD_EPISODES)) : undefined;
  return { ...(await carSets(network, options)), reward };
}

/** The network drives and the expert labels, on tracks of their own for each set. */
async function carSets(
  network: TernaryNetwork,
  { demos, episodes = FRAME_EPISODES }: CarOptions,
): Promise<TaskOptions> {
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
