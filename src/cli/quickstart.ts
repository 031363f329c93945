/**
 * `tritrack quickstart`: the main job on small settings. Demonstrations are recorded, a sparse ternary network learns
 * to imitate them, search refines it by action accuracy and driving reward, both networks are evaluated on tracks
 * that nothing was learned from or chosen on, and a video and a report page show the result.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { makeFolder } from "../../recordings/files/atomic.ts";
import { seedRange } from "../data/seeds.ts";
import type { Evaluation } from "../episodes/evaluate.ts";
import type { QuickstartResult, Scored } from "../show/quickstart.ts";
import type { Lap } from "../show/video/lap.ts";
import { drivenFrames, recordedFrames } from "./common/car-frames.ts";
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
/** Tracks by purpose: none serves two. */
const TRACKS = {
  demonstrations: seedRange(0, 20),
  /** The network drives these in each round of search, for frames, … */
  rounds: (round: number) => seedRange(9_000 + 1000 * round, 16),
  /** … and on these it is raced: heats and final. */
  heats: (round: number) => seedRange(13_000 + 100 * round, 16),
  finals: (round: number) => seedRange(15_000 + 100 * round, 40),
  /** Teacher's frames whose action accuracy no round of search may lower. */
  guard: seedRange(16_000, 4),
  /** Only ever reported on. */
  unseen: seedRange(20_000, 20),
  unseenFrames: seedRange(21_000, 6),
};
/** Standard deviation of the noise on the teacher's hand. */
const NOISE = 0.2;
/** Rounds of search. */
const ROUNDS = 2;

export default function quickstartCommand(): Command {
  return new Command()
    .option("--out <dir>", "folder for everything it makes", "quickstart-out")
    .option("--seed <n>", "of training and search", integer(0), 1)
    .addHelpText(
      "after",
      examples(
        ["demonstrations to video, in minutes", "quickstart"],
        ["elsewhere", "quickstart --out /tmp/first"],
      ),
    )
    .action(run);
}

async function run({ out, seed, json }: Options): Promise<void> {
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const stages: QuickstartResult["stages"] = [];
  let last = 0;
  const signal = interruptSignal("stopping after this stage; what is finished stays in the folder");
  const stage = (name: string, summary: string) => {
    stages.push({ name, summary, seconds: elapsed() - last });
    last = elapsed();
    process.stderr.write(`${stages.length}. ${name}: ${summary} (${stages.at(-1)!.seconds.toFixed(0)} s)\n`);
    if (signal.aborted) process.exit(EXIT_INTERRUPTED);
  };
  makeFolder(out);
  const file = (name: string) => join(out, name);

  const demonstrations = await demonstrate(file("demos"));
  stage(
    "demonstrations",
    `${demonstrations.episodes} episodes, mean reward ${demonstrations.mean.toFixed(0)}`,
  );

  const frames = await recordedFrames(file("demos"));
  const trained = await imitate(frames, seed);
  await writeNetworkFile(file("imitation.safetensors"), trained.network);
  const { describe, sparsity } = await import("../../policies/ternary/describe.ts");
  const layers = describe(trained.network);
  stage(
    "imitation",
    `${frames.targets.length / 3} frames, ${percent(sparsity(trained.network).all / 100)} of the weights are zero`,
  );

  const searched = await refine(trained.network, frames, seed);
  await writeNetworkFile(file("searched.safetensors"), searched.network);
  const won = searched.log.filter((round) => round.won).length;
  stage(
    "search",
    `${searched.neighbours} neighbours tried, ${searched.accepted} swaps, ${won} of ${ROUNDS} rounds kept`,
  );

  const unseenFrames = await drivenFrames("unseen demonstrations", TRACKS.unseenFrames);
  const { measureNetwork } = await import("../search/engine/delta-engine.ts");
  const score = async (name: string, driver: string | TernaryNetwork): Promise<Scored> => ({
    name,
    ...(await drive(`evaluate ${name}`, driver, TRACKS.unseen)),
    actionAccuracy:
      typeof driver === "string" ? null : await measureNetwork(driver, unseenFrames, "accuracy"),
  });
  const scores = [
    await score("random driver", "random"),
    await score("after imitation", trained.network),
    await score("after search", searched.network),
    await score("teacher", "teacher"),
  ];
  stage("evaluation", `${TRACKS.unseen.length} unseen tracks, four drivers`);

  const lap = await film(searched.network, file("replay.mp4"), TRACKS.unseen[0]);
  stage("replay", `${lap.steps} steps on seed ${TRACKS.unseen[0]}, reward ${lap.reward.toFixed(0)}`);

  const result: QuickstartResult = {
    seed,
    layers,
    stages,
    scores,
    curve: trained.curve,
    search: searched.log,
    lap,
    unseen: TRACKS.unseen,
    seconds: elapsed(),
  };
  const { quickstartReport } = await import("../show/quickstart.ts");
  writeFileSync(file("report.html"), quickstartReport(result));
  writeFileSync(file("quickstart.json"), `${JSON.stringify(result, null, 1)}\n`);
  print(
    json,
    { ...result, out },
    `
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
Driving reward on seeds ${TRACKS.unseen[0]}–${TRACKS.unseen.at(-1)}, action accuracy on the teacher's drives of seeds ${TRACKS.unseenFrames[0]}–${TRACKS.unseenFrames.at(-1)}: no network was trained or chosen on them.

${file("report.html")}                 what happened, with pictures
${file("replay.mp4")}                  the network driving seed ${TRACKS.unseen[0]}
${file("searched.safetensors")}        the network; imitation.safetensors is the one before search
${file("demos")}                       the demonstrations
Next: npx tritrack drive, to drive yourself; npx tritrack --help. Took ${Math.floor(elapsed() / 60)} min ${Math.round(elapsed() % 60)} s.`,
  );
}

/** The teacher, its hand unsteady, recorded. */
async function demonstrate(folder: string) {
  const [
    { recordEpisodes },
    { NoisyPolicy },
    { TeacherPolicy },
    { FolderSink, readRecordings },
    { totalReward },
  ] = await Promise.all([
    import("../episodes/record.ts"),
    import("../../policies/noisy.ts"),
    import("../../policies/expert/teacher.ts"),
    import("../../recordings/files/recording-folder.ts"),
    import("../../recordings/episode.ts"),
  ]);
  const sink = new FolderSink(folder);
  const there = new Map(
    readRecordings(folder).recordings.map(({ episode }) => [Number(episode.seed), episode]),
  );
  const progress = startProgress("demonstrations", TRACKS.demonstrations.length, "episodes");
  const rewards: number[] = [];
  const episodes = recordEpisodes({
    policy: new NoisyPolicy(new TeacherPolicy(), { noise: NOISE }),
    driver: { kind: "expert", name: "teacher", noise: NOISE },
    seeds: TRACKS.demonstrations,
    sink,
    present: (seed) => there.get(Number(seed)),
  });
  for await (const episode of episodes) {
    rewards.push(totalReward(episode));
    progress.update(rewards.length);
    await breathe();
  }
  progress.stop();
  return {
    episodes: rewards.length,
    mean: rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length,
  };
}

type Frames = Awaited<ReturnType<typeof recordedFrames>>;

/**
 * Behaviour cloning alone. Such a network knows the road as its teacher saw it, and not what it meets after errors of its
 * own: that is left to the search.
 */
async function imitate(demonstrations: Frames, seed: number) {
  const { trainCar } = await import("../train/imitate.ts");
  let progress: ReturnType<typeof startProgress> | undefined;
  let running = "";
  return trainCar(demonstrations, {
    ...{ sparsity: SPARSITY, seed, denseEpochs: 2, ternaryEpochs: 4 },
    onStep: async ({ phase, step, steps, loss }) => {
      if (phase !== running) progress = startProgress(`imitation, ${phase}`, 100, "%");
      running = phase;
      progress?.update(Math.floor((100 * step) / steps), `loss ${loss.toFixed(4)}`);
      if (step === steps) progress?.stop();
      await breathe();
    },
  });
}

/** Rounds of DAgger-SSS: what they find is kept where neither action accuracy nor driving reward falls. */
async function refine(network: TernaryNetwork, demonstrations: Frames, seed: number) {
  const { localEpisodes, search } = await import("../search/index.ts");
  const progress = startProgress("search", 100, "%");
  const log: QuickstartResult["search"] = [];
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
      validation: TRACKS.heats(ROUNDS + 1),
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

/** Driving reward of a driver by name or of a network. */
async function drive(label: string, driver: string | TernaryNetwork, seeds: number[]): Promise<Evaluation> {
  const [{ evaluate }, { driverByName }, { TernaryPolicy }] = await Promise.all([
    import("../episodes/evaluate.ts"),
    import("./common/driver.ts"),
    import("../../policies/ternary/policy.ts"),
  ]);
  const policy =
    typeof driver === "string" ? (await driverByName(driver)).policy : await TernaryPolicy.create(driver);
  const progress = startProgress(label, seeds.length, "episodes");
  try {
    return await evaluate(policy, { seeds, onProgress: (_, done) => progress.update(done) });
  } finally {
    progress.stop();
  }
}

/** The video, and the lap as a line with speeds for the report's map. */
async function film(network: TernaryNetwork, path: string, seed: number): Promise<Lap> {
  const [{ filmLap }, { TernaryPolicy }] = await Promise.all([
    import("../show/video/lap.ts"),
    import("../../policies/ternary/policy.ts"),
  ]);
  const progress = startProgress("replay", 1000, "steps");
  const lap = await filmLap(await TernaryPolicy.create(network), seed, path, {
    onStep: (done) => {
      progress.update(done);
      if (done % 16 === 0) return breathe();
    },
  });
  progress.stop();
  return lap!;
}
