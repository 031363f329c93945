/** `tritrack demos`: a driver's episodes on consecutive seeds, as recordings in a folder. */
import { Command } from "commander";
import type { Seed } from "../../env/api.ts";
import { DRIVER_HELP, driverByName } from "./common/driver.ts";
import { breathe, interruptSignal } from "./common/interrupt.ts";
import { integer, number, seed } from "./common/options.ts";
import { examples, print } from "./common/output.ts";
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
        [
          "twenty episodes of the expert with an unsteady hand",
          "demos --episodes 20 --noise 0.3 --out demos",
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
    { make },
    { NoisyPolicy },
    { Recorder },
    { FolderSink, readRecordings, recoverJournals },
    { totalReward },
  ] = await Promise.all([
    import("../../env/index.ts"),
    import("../../policies/noisy.ts"),
    import("../../recordings/recorder.ts"),
    import("../../recordings/files/recording-folder.ts"),
    import("../../recordings/episode.ts"),
  ]);
  const { out, noise } = options;
  const named = await driverByName(options.driver);
  const driver = noise > 0 ? { ...named.driver, noise } : named.driver;
  const policy = noise > 0 ? new NoisyPolicy(named.policy, { noise }) : named.policy;

  const sink = new FolderSink(out);
  recoverJournals(out);
  const key = (by: object, seed: Seed) => JSON.stringify([by, `${seed}`]);
  const present = new Map(
    readRecordings(out)
      .recordings.filter(({ episode }) => episode.end !== "interrupted")
      .map(({ episode }) => [key(episode.driver, episode.seed), episode]),
  );

  const signal = interruptSignal("stopping after this episode; the same command goes on where it stopped");
  const progress = startProgress(`demos ${options.driver}`, options.episodes, "episodes");
  const env = new Recorder(await make("CarRacing-v3"), { driver, sink });
  const rewards: number[] = [];
  let frames = 0;
  try {
    for (let i = 0; i < options.episodes && !signal.aborted; i++) {
      const seed = BigInt(options.seed) + BigInt(i);
      let episode = present.get(key(driver, seed));
      if (!episode) {
        let { observation } = env.reset({ seed });
        policy.reset(env, seed);
        for (let over = false; !over; ) {
          const result = env.step(policy.act(observation));
          observation = result.observation;
          over = result.terminated || result.truncated;
        }
        episode = env.episode()!;
      }
      rewards.push(totalReward(episode));
      frames += episode.rewards.length;
      progress.update(i + 1, `reward ${rewards.at(-1)!.toFixed(1)}`);
      await breathe();
    }
  } finally {
    progress.stop();
    env.close();
  }
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const result = {
    driver: options.driver,
    out,
    episodes: rewards.length,
    recorded: sink.paths.length,
    frames,
    mean,
  };
  const kept = rewards.length - sink.paths.length;
  print(
    options.json,
    result,
    `${out}: ${rewards.length} episodes${kept ? ` (${kept} were there already)` : ""}, ${frames} frames, mean reward ${mean.toFixed(1)}`,
  );
}
