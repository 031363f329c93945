/**
 * `tritrack quickstart`: the main job on small settings. Demonstrations are recorded, a sparse ternary network learns
 * to imitate them, search refines it by action accuracy and driving reward, both networks are evaluated on tracks
 * that nothing was learnt from or chosen on, and a video and a report page show the result.
 */

import { join, resolve } from "node:path";
import { Command } from "commander";
import { EPISODE_STEPS } from "../../env/car-racing/core/constants.ts";
import { TeacherPolicy } from "../../policies/expert/teacher.ts";
import { NoisyPolicy } from "../../policies/noisy.ts";
import { describe, sparsity } from "../../policies/ternary/describe.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../policies/ternary/policy.ts";
import { totalReward } from "../../recordings/episode.ts";
import { makeFolder, writeFileAtomic } from "../../recordings/files/atomic.ts";
import { lockFolder } from "../../recordings/files/lock.ts";
import { FolderSink } from "../../recordings/files/recording-folder.ts";
import { mean } from "../data/statistics.ts";
import { tracks } from "../data/tracks.ts";
import { evaluate } from "../episodes/evaluate.ts";
import { recordEpisodes } from "../episodes/record.ts";
import { measureNetwork } from "../search/engine/delta-engine.ts";
import { localEpisodes, search } from "../search/index.ts";
import {
  type QuickstartResult,
  quickstartReport,
  type Scored,
  type SearchRound,
} from "../show/pages/quickstart.ts";
import { type DrivenLine, filmEpisode } from "../show/video/film-episode.ts";
import { trainCar } from "../train/imitate.ts";
import { drivenFrames, recordedFrames } from "./common/car-frames.ts";
import { driverByName } from "./common/driver.ts";
import { EarlierEpisodes } from "./common/earlier-episodes.ts";
import { breathe, EXIT_INTERRUPTED, interruptSignal } from "./common/interrupt.ts";
import { writeNetworkFile } from "./common/network-file.ts";
import { integer } from "./common/options.ts";
import { examples, percent, print, table } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";
import { roundLine } from "./search/rounds.ts";

interface Options {
  out: string;
  seed: number;
  json?: boolean;
}

const SPARSITY = 90;
/** Tracks by purpose, and how many. */
export const TRACKS = {
  demonstrations: tracks("demonstrations", 20),
  /** Tracks on which the network drives for frames in each round of search: round 1 has the tracks of round 10. */
  rounds: (round: number) => tracks("rounds", 16, 9 + round),
  /** Tracks of the race after a round: heats and final. */
  heats: (round: number) => tracks("heats", 16, round),
  finals: (round: number) => tracks("finals", 40, round),
  /** Tracks of the teacher's frames whose action accuracy no round may lower. */
  guard: tracks("guards", 4),
  /** Tracks that nothing is learnt from or chosen on. */
  unseen: tracks("tests", 20),
  unseenFrames: tracks("unseenFrames", 6),
};
/** Standard deviation of the noise added to the teacher's actions. */
const NOISE = 0.2;
/** Rounds of search. */
const ROUNDS = 2;

type Frames = Awaited<ReturnType<typeof recordedFrames>>;

/** Makes the command: its arguments, options, examples and action. */
export default function quickstartCommand(): Command {
  return new Command()
    .option("--out <dir>", "folder for all files", "quickstart-out")
    .option("--seed <n>", "seed of training and search", integer(0), 1)
    .addHelpText(
      "after",
      examples(
        ["demonstrations to video, in minutes", "quickstart"],
        ["into another folder", "quickstart --out /tmp/first"],
      ),
    )
    .action(run);
}

async function run({ out, seed, json }: Options): Promise<void> {
  makeFolder(resolve(out));
  const lock = lockFolder(out);
  const stages = new Stages();
  const file = (name: string) => join(out, name);

  const demonstrations = await demonstrate(file("demos"));
  stages.end(
    "demonstrations",
    `${demonstrations.episodes} episodes, mean reward ${demonstrations.mean.toFixed(0)}`,
  );

  const frames = await recordedFrames(file("demos"));
  const trained = await imitate(frames, seed);
  await writeNetworkFile(file("imitation.safetensors"), trained.network);
  const zeros = percent(sparsity(trained.network).all / 100);
  stages.end("imitation", `${frames.targets.length / 3} frames, ${zeros} of the weights are zero`);

  const searched = await refine(trained.network, frames, seed);
  await writeNetworkFile(file("searched.safetensors"), searched.network);
  const won = searched.log.filter((round) => round.won).length;
  stages.end(
    "search",
    `${searched.neighbours} neighbours tried, ${searched.accepted} swaps, ${won} of ${ROUNDS} rounds kept`,
  );

  const scores = await scoreAll(trained.network, searched.network);
  stages.end("evaluation", `${TRACKS.unseen.length} unseen tracks, four drivers`);

  const lap = await film(searched.network, file("replay.mp4"), TRACKS.unseen[0]);
  stages.end("replay", `${lap.steps} steps on seed ${TRACKS.unseen[0]}, reward ${lap.reward.toFixed(0)}`);

  const result: QuickstartResult = {
    seed,
    layers: describe(trained.network),
    stages: stages.done,
    scores,
    curve: trained.curve,
    search: searched.log,
    lap,
    unseen: TRACKS.unseen,
    seconds: stages.seconds,
  };
  writeFileAtomic(file("report.html"), quickstartReport(result));
  writeFileAtomic(file("quickstart.json"), `${JSON.stringify(result, null, 1)}\n`);
  print(json, { ...result, out }, textOf(result, file));
  lock.release();
}

/** The stages of the run, each reported when it ends. After Ctrl-C the program ends with the stage at hand. */
class Stages {
  /** The finished stages. */
  readonly done: QuickstartResult["stages"] = [];
  readonly #start = performance.now();
  readonly #signal = interruptSignal("stopping after this stage; finished files stay in the folder");
  #last = 0;

  /** Seconds since the start. */
  get seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  /** Ends a stage. @param summary its result in a few words */
  end(name: string, summary: string): void {
    const seconds = this.seconds - this.#last;
    this.#last = this.seconds;
    this.done.push({ name, summary, seconds });
    process.stderr.write(`${this.done.length}. ${name}: ${summary} (${seconds.toFixed(0)} s)\n`);
    if (this.#signal.aborted) process.exit(EXIT_INTERRUPTED);
  }
}

/** The result for people. @param file path of a file in the folder */
function textOf({ scores, seconds }: QuickstartResult, file: (name: string) => string): string {
  const { unseen, unseenFrames } = TRACKS;
  return `
${table([
  ["driver", "reward", "sd", "min", "laps", "action accuracy"],
  ...scores.map(({ name, mean, sd, min, laps, episodes, actionAccuracy }) => [
    name,
    mean.toFixed(1),
    sd.toFixed(1),
    min.toFixed(1),
    `${laps}/${episodes}`,
    actionAccuracy === null ? "" : percent(actionAccuracy),
  ]),
])}
Driving reward on seeds ${unseen[0]}–${unseen.at(-1)}, action accuracy on the teacher's episodes on seeds ${unseenFrames[0]}–${unseenFrames.at(-1)}: no network was trained or chosen on them.

${file("report.html")}                 the report, with pictures
${file("replay.mp4")}                  the network driving seed ${unseen[0]}
${file("searched.safetensors")}        the network; imitation.safetensors is the one before search
${file("demos")}                       the demonstrations
Next: npx tritrack drive, to drive yourself; npx tritrack --help. Took ${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s.`;
}

/** Records the teacher, with noise on its actions. */
async function demonstrate(folder: string): Promise<{ episodes: number; mean: number }> {
  const driver = { kind: "expert", name: "teacher", noise: NOISE } as const;
  const sink = new FolderSink(folder);
  const earlier = new EarlierEpisodes(folder, driver);
  const progress = startProgress("demonstrations", TRACKS.demonstrations.length, "episodes");
  const rewards: number[] = [];
  const episodes = recordEpisodes({
    policy: new NoisyPolicy(new TeacherPolicy(), { noise: NOISE }),
    driver,
    seeds: TRACKS.demonstrations,
    sink,
    present: (seed) => earlier.finished(seed),
  });
  for await (const episode of episodes) {
    rewards.push(totalReward(episode));
    progress.update(rewards.length);
    await breathe();
  }
  progress.stop();
  return {
    episodes: rewards.length,
    mean: mean(rewards),
  };
}

/**
 * Trains a network by behaviour cloning alone. It has seen only what the teacher saw, and none of the places where its
 * own errors take it; the search makes up for that.
 */
async function imitate(demonstrations: Frames, seed: number) {
  let progress: ReturnType<typeof startProgress> | undefined;
  let running = "";
  return trainCar(demonstrations, {
    sparsity: SPARSITY,
    seed,
    denseEpochs: 2,
    ternaryEpochs: 4,
    onStep: async ({ phase, step, steps, loss }) => {
      if (phase !== running) progress = startProgress(`imitation, ${phase}`, 100, "%");
      running = phase;
      progress?.update(Math.floor((100 * step) / steps), `loss ${loss.toFixed(4)}`);
      if (step === steps) progress?.stop();
      await breathe();
    },
  });
}

/** Searches in rounds. A found network is kept if neither action accuracy nor driving reward falls. */
async function refine(network: TernaryNetwork, demonstrations: Frames, seed: number) {
  const progress = startProgress("search", 100, "%");
  const log: SearchRound[] = [];
  let percentDone = 0;
  let note = "";
  const found = await search(network, {
    rule: "rounds",
    fitness: "both",
    rounds: ROUNDS,
    seed,
    demonstrations: [demonstrations],
    tracks: {
      demonstrations: TRACKS.demonstrations,
      round: TRACKS.rounds,
      heats: TRACKS.heats,
      finals: TRACKS.finals,
      accuracy: TRACKS.guard,
      accuracyTest: TRACKS.unseenFrames,
      validation: tracks("validation", 16),
    },
    episodes: localEpisodes(async () => {
      progress.update(percentDone, note);
      await breathe();
    }),
    onProgress: async ({ step, neighbours, accepted, done }) => {
      percentDone = Math.floor(100 * done);
      note = `${neighbours} neighbours, ${accepted} accepted`;
      progress.update(percentDone, note);
      if (step.kind === "round" && step.race) {
        const { round, accuracy, race } = step;
        const { gain, error, tracks, won } = race;
        log.push({ round, neighbours, accepted, accuracy, gain, error, tracks, won });
        process.stderr.write(`   ${roundLine(step)}\n`);
      }
      await breathe();
    },
  });
  progress.stop();
  return { ...found, log };
}

/** Scores the networks on unseen tracks, between a random driver and the teacher. */
async function scoreAll(before: TernaryNetwork, after: TernaryNetwork): Promise<Scored[]> {
  const frames = await drivenFrames("unseen demonstrations", TRACKS.unseenFrames);
  return [
    await score("random driver", "random", null),
    await score("after imitation", before, await measureNetwork(before, frames, "accuracy")),
    await score("after search", after, await measureNetwork(after, frames, "accuracy")),
    await score("teacher", "teacher", null),
  ];
}

/** Driving reward of a driver by name, or of a network. */
async function score(
  name: string,
  driver: string | TernaryNetwork,
  actionAccuracy: number | null,
): Promise<Scored> {
  const policy =
    typeof driver === "string" ? (await driverByName(driver)).policy : await TernaryPolicy.create(driver);
  const seeds = TRACKS.unseen;
  const progress = startProgress(`evaluate ${name}`, seeds.length, "episodes");
  const onProgress = (_: unknown, done: number) => progress.update(done);
  const evaluation = await evaluate(policy, { seeds, onProgress }).finally(() => progress.stop());
  return { name, ...evaluation, actionAccuracy };
}

/** Films one episode and keeps its line for the report's map. */
async function film(network: TernaryNetwork, path: string, seed: number): Promise<DrivenLine> {
  const progress = startProgress("replay", EPISODE_STEPS, "steps");
  const line = await filmEpisode(await TernaryPolicy.create(network), seed, path, {
    onStep: (done) => {
      progress.update(done);
      if (done % 16 === 0) return breathe();
    },
  });
  progress.stop();
  return line!;
}
