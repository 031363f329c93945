/** Rule "rounds" on the command line: its episodes with progress between them, and how a round ended in a line. */
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { CarExamples } from "../../data/examples.ts";
import type { EpisodeSource, RoundStep } from "../../search/index.ts";
import { pooledEpisodes } from "../../search/pooled-episodes.ts";
import { fewerTracks, WARM_UP } from "../../search/rounds/plan.ts";
import type { Pool } from "../../work/pool.ts";
import { framesByRecording } from "../common/car-frames.ts";
import { breathe } from "../common/interrupt.ts";
import { percent } from "../common/output.ts";
import type { SearchScreen } from "./screen.ts";
import type { CarOptions, TaskOptions } from "./task.ts";

/** Episodes asked for together where nobody knows how many machines there are. */
const TOGETHER_ON_REDIS = 32;

/** The options of the search that rule "rounds" needs. */
export async function roundsOptions(
  { demos, init, tracks, episodes, redis, workers }: CarOptions,
  pool: Pool,
  screen: SearchScreen,
): Promise<TaskOptions> {
  const together = redis === undefined ? workers : TOGETHER_ON_REDIS;
  return {
    warmUp: init === "random" ? WARM_UP : 0,
    demonstrations: demos === undefined ? undefined : await recorded(demos),
    tracks: fewerTracks(tracks, episodes),
    episodes: inParts(pooledEpisodes(pool), together, (what) => screen.show(what)),
  };
}

async function recorded(folder: string): Promise<CarExamples[]> {
  const sets: CarExamples[] = [];
  for await (const set of framesByRecording(folder)) sets.push(set);
  return sets;
}

/** The same episodes, a few at a time, so that progress moves and Ctrl-C is seen between them. */
function inParts(source: EpisodeSource, together: number, show: (what: string) => void): EpisodeSource {
  const all = async <Result>(
    what: string,
    seeds: readonly number[],
    part: (seeds: readonly number[]) => Promise<Result[]>,
  ) => {
    const results: Result[] = [];
    for (let i = 0; i < seeds.length; i += together) {
      show(`${what} ${i + 1} of ${seeds.length}`);
      results.push(...(await part(seeds.slice(i, i + together))));
      await breathe();
    }
    return results;
  };
  const rewards = (network: TernaryNetwork, seeds: readonly number[]) =>
    all("episode", seeds, async (part) => (await source.rewards([network], part))[0]);
  return {
    rewards: (networks, seeds) => Promise.all(networks.map((network) => rewards(network, seeds))),
    frames: (driver, seeds) =>
      all(driver ? "frames of episode" : "demonstration", seeds, (part) => source.frames(driver, part)),
  };
}

/** The outcome of a round in one line. */
export function roundLine({ round, accuracy, reward, race }: RoundStep): string {
  const outcome = race ? raceNote(race) : `reward ${reward!.toFixed(1)}`;
  return `round ${round}: ${outcome}; action accuracy ${percent(accuracy)}`;
}

function raceNote({ candidates, gain, error, tracks, won }: NonNullable<RoundStep["race"]>): string {
  if (candidates === 0) return "all that was found agrees less with the teacher, not kept";
  if (tracks === 0) return "found nothing better on the tracks that go worst, not kept";
  if (tracks === 1) return `gain ${gain.toFixed(1)} on a single track, which shows nothing: not kept`;
  return `gain ${gain.toFixed(1)} ± ${error.toFixed(1)} on ${tracks} tracks, ${won ? "kept" : "not kept"}`;
}
