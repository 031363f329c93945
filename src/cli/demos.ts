/** `tritrack demos`: a driver's episodes on consecutive seeds, as recordings in a folder. */
import { Command } from "commander";
import type { Seed } from "../../env/api.ts";
import { mean } from "../data/statistics.ts";
import { DRIVER_HELP, driverByName } from "./common/driver.ts";
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

export default function demosCommand(): Command {
  return new Command()
    .requiredOption("--out <dir>", "folder for the recordings; what it has already is not driven again")
    .option("--driver <driver>", DRIVER_HELP, "expert")
    .option("--episodes <n>", "how many episodes", integer(1), 10)
    .option("--seed <seed>", "seed of the first; the next ones count up", seed, 0)
    .option(
      "--noise <sd>",
      "standard deviation of noise on the actions, which leads off the line and back",
      number(0, 10),
      0,
    )
    .addHelpText(
      "after",
      examples(
        ["twenty laps of the expert", "demos --episodes 20 --out demos"],
        [
          "to imitate: an unsteady hand, and how it comes back",
          "demos --driver teacher --noise 0.3 --out demos",
        ],
        [
          "what a network does, seeds 100 to 104",
          "demos --driver car.safetensors --seed 100 --episodes 5 --out runs",
        ],
      ),
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const [
    { recordEpisodes },
    { NoisyPolicy },
    { FolderSink, readRecordings, recoverJournals },
    { totalReward },
  ] = await Promise.all([
    import("../episodes/record.ts"),
    import("../../policies/noisy.ts"),
    import("../../recordings/files/recording-folder.ts"),
    import("../../recordings/episode.ts"),
  ]);
  const { out, noise, episodes } = options;
  const named = await driverByName(options.driver);
  const driver = noise > 0 ? { ...named.driver, noise } : named.driver;
  const policy = noise > 0 ? new NoisyPolicy(named.policy, { noise }) : named.policy;

  const sink = new FolderSink(out);
  recoverJournals(out);
  const key = (by: object, seed: Seed) => JSON.stringify([by, `${seed}`]);
  const there = new Map(
    readRecordings(out)
      .recordings.filter(({ episode }) => episode.end !== "interrupted")
      .map(({ episode }) => [key(episode.driver, episode.seed), episode]),
  );

  const signal = interruptSignal("stopping after this episode; the same command goes on where it stopped");
  const progress = startProgress(`demos ${options.driver}`, episodes, "episodes");
  const seeds = Array.from({ length: episodes }, (_, i) => BigInt(options.seed) + BigInt(i));
  const present = (seed: Seed) => there.get(key(driver, seed));
  const rewards: number[] = [];
  let frames = 0;
  try {
    for await (const episode of recordEpisodes({ policy, driver, seeds, sink, present })) {
      rewards.push(totalReward(episode));
      frames += episode.rewards.length;
      progress.update(rewards.length, `reward ${rewards.at(-1)!.toFixed(1)}`);
      await breathe();
      if (signal.aborted) break;
    }
  } finally {
    progress.stop();
  }
  const result = {
    driver: options.driver,
    out,
    episodes: rewards.length,
    recorded: sink.paths.length,
    frames,
    mean: mean(rewards),
  };
  const kept = rewards.length - sink.paths.length;
  print(
    options.json,
    result,
    `${out}: ${counted(rewards.length, "episode")}${kept ? ` (${kept} were there already)` : ""}, ${frames} frames, mean reward ${result.mean.toFixed(1)}`,
  );
}
