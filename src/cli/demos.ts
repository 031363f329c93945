/** `tritrack demos`: records a driver's episodes on consecutive seeds into a folder. */
import { resolve } from "node:path";
import { Command } from "commander";
import type { Seed } from "../../env/api.ts";
import { NoisyPolicy } from "../../policies/noisy.ts";
import { totalReward } from "../../recordings/episode.ts";
import { makeFolder } from "../../recordings/files/atomic.ts";
import { lockFolder } from "../../recordings/files/lock.ts";
import { FolderSink } from "../../recordings/files/recording-folder.ts";
import { recordEpisodes } from "../episodes/record.ts";
import { DRIVER_HELP, driverByName } from "./common/driver.ts";
import { EarlierEpisodes } from "./common/earlier-episodes.ts";
import { breathe, interruptSignal } from "./common/interrupt.ts";
import { integer, number, seed } from "./common/options.ts";
import { counted, examples, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";

interface Options {
  driver: string;
  episodes: number;
  out: string;
  seed: Seed;
  noise: number;
  json?: boolean;
}

/** Makes the command: its arguments, options, examples and action. */
export default function demosCommand(): Command {
  return new Command()
    .requiredOption("--out <dir>", "folder of the recordings; episodes that it holds are not driven again")
    .option("--driver <driver>", DRIVER_HELP, "expert")
    .option("--episodes <n>", "number of episodes", integer(1), 10)
    .option("--seed <seed>", "seed of the first episode; each further one has the next seed", seed, 0)
    .option(
      "--noise <sd>",
      "standard deviation of noise added to the actions, so that the car leaves the line and comes back",
      number(0, 10),
      0,
    )
    .addHelpText(
      "after",
      examples(
        ["twenty laps of the expert", "demos --episodes 20 --out demos"],
        [
          "episodes to imitate: with noise they show how to get back to the line",
          "demos --driver teacher --noise 0.3 --out demos",
        ],
        [
          "a network on seeds 100 to 104",
          "demos --driver car.safetensors --seed 100 --episodes 5 --out runs",
        ],
      ),
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { out, noise } = options;
  const named = await driverByName(options.driver);
  const driver = noise > 0 ? { ...named.driver, noise } : named.driver;
  const policy = noise > 0 ? new NoisyPolicy(named.policy, { noise }) : named.policy;
  makeFolder(resolve(out));
  const lock = lockFolder(out);
  const earlier = new EarlierEpisodes(out, driver);
  const sink = new FolderSink(out);
  const signal = interruptSignal("stopping after this episode; the same command resumes after it");
  const progress = startProgress(`demos ${options.driver}`, options.episodes, "episodes");
  const seeds = consecutive(options.seed, options.episodes);
  const present = (seed: Seed) => earlier.finished(seed);
  const total = { episodes: 0, frames: 0, reward: 0 };
  try {
    for await (const episode of recordEpisodes({ policy, driver, seeds, sink, present })) {
      const reward = totalReward(episode);
      total.episodes++;
      total.frames += episode.rewards.length;
      total.reward += reward;
      progress.update(total.episodes, `reward ${reward.toFixed(1)}`);
      await breathe();
      if (signal.aborted) break;
    }
  } finally {
    progress.stop();
    lock.release();
  }
  const { episodes, frames } = total;
  const mean = total.reward / episodes;
  const recorded = sink.paths.length;
  const kept = episodes - recorded;
  print(
    options.json,
    { driver: options.driver, out, episodes, recorded, frames, mean },
    `${out}: ${counted(episodes, "episode")}${kept ? ` (${kept} recorded earlier)` : ""}, ${frames} frames, mean reward ${mean.toFixed(1)}`,
  );
}

/** Seeds that count up; one at a time, because a list of a billion would not fit in memory. */
function* consecutive(first: Seed, count: number): Generator<Seed, void, undefined> {
  for (let i = 0; i < count; i++) yield BigInt(first) + BigInt(i);
}
