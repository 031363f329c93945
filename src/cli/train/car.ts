/** `tritrack train car`: imitation of the teacher, or of recordings, and DAgger rounds. */
import { rmSync } from "node:fs";
import type { Command } from "commander";
import { InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../../policies/ternary/policy.ts";
import { measureActions } from "../../data/actions.ts";
import { chooseTracks } from "../../data/close-tracks.ts";
import { type CarExamples, joinExamples } from "../../data/examples.ts";
import { parseSeeds } from "../../data/seeds.ts";
import { checkChosen, checkReported, tracks, VALIDATION_SEEDS } from "../../data/tracks.ts";
import { type Evaluation, evaluate } from "../../episodes/evaluate.ts";
import { curveOfLosses } from "../../train/curve.ts";
import { type CarReport, trainCar } from "../../train/imitate.ts";
import { drivenFrames, framesByEpisode, framesByRecording } from "../common/car-frames.ts";
import { breathe } from "../common/interrupt.ts";
import { integer, number } from "../common/options.ts";
import { type Progress, startProgress } from "../common/progress.ts";
import type { CommonOptions, Trained } from "./task.ts";

/** Options of `train car`. */
export interface CarTaskOptions extends CommonOptions {
  /** Folder of recordings to learn from. Default: none. */
  demos?: string;
  /** Episodes that the teacher drives. Default: 24, with `demos` 0. */
  episodes?: number;
  /** Standard deviation of the noise on the teacher's controls. */
  noise: number;
  /** Speed of the teacher, percent of what it could do. Default: the teacher's own. */
  pace?: number;
  /** Passes over the frames by the dense network. Default: that of `trainCar`. */
  denseEpochs?: number;
  /** DAgger rounds. Default: 4, with `demos` or the paper's recipe 0. */
  rounds?: number;
  /** Episodes that the network drives in a round. */
  roundEpisodes: number;
  /** Passes over all frames so far in a round. Default: that of `trainCar`. */
  roundEpochs?: number;
  /** Passes over all frames once the rounds are over. Default: 0. */
  finalEpochs?: number;
  /** Standard deviation of the noise on the network's controls in a round. */
  roundNoise: number;
  /** Share of a round's time that the teacher drives itself, 0 to 1. */
  teacherShare: number;
  /** True if episodes to learn from start anywhere on the track. */
  randomStart?: boolean;
  /** Share of the tracks to learn from whose road runs beside itself, 0 to 1. */
  closeTracks: number;
  /** Number of times that a frame of a slow car counts. */
  slowCopies: number;
  /** Tracks on which the best of the phases is chosen, as `parseSeeds` reads them. */
  validationSeeds: string;
  /** Tracks on which the result is evaluated, as `parseSeeds` reads them. */
  seeds: string;
}

/** Episodes whose frames action accuracy is measured on. */
const MEASURED_EPISODES = 4;
const EPISODES = 24;
const ROUNDS = 4;

/** Adds the options of this task alone. */
export function addCarOptions(command: Command): void {
  addFrameOptions(command);
  command
    .option(
      "--dense-epochs <n>",
      "passes over the frames by the dense network (default: 3)",
      integer(1, 10_000),
    )
    .option(
      "--rounds <n>",
      `DAgger rounds: the network drives, the teacher labels (default: ${ROUNDS}, with --demos or --recipe paper 0)`,
      integer(0, 999_999),
    )
    .option("--round-episodes <n>", "episodes that the network drives in a round", integer(1), 16)
    .option("--round-epochs <n>", "passes over all frames so far in a round (default: 2)", integer(1, 10_000))
    .option(
      "--final-epochs <n>",
      "passes over all frames once the rounds are over (default: 0)",
      integer(0, 10_000),
    )
    .option(
      "--round-noise <sd>",
      "standard deviation of the noise on the network's controls in a round",
      number(0, 1),
      0.1,
    )
    .option(
      "--teacher-share <share>",
      "share of a round's time that the teacher drives itself",
      number(0, 1),
      0,
    )
    .option("--validation-seeds <list>", "tracks on which the best of the phases is chosen", VALIDATION_SEEDS)
    .option("--seeds <list>", "tracks on which the result is evaluated", "20000-20009");
}

/** Adds the options that say which frames are learnt from. */
function addFrameOptions(command: Command): void {
  command
    .option("--demos <dir>", "recordings to learn from; with --episodes beside drives of the teacher")
    .option(
      "--episodes <n>",
      `episodes that the teacher drives (default: ${EPISODES}, with --demos 0)`,
      integer(0),
    )
    .option(
      "--noise <sd>",
      "standard deviation of the noise on the teacher's controls, so that it shows how to get back to the line",
      number(0, 1),
      0.25,
    )
    .option(
      "--pace <percent>",
      "speed of the teacher; a slower one is easier to imitate (default: 90)",
      number(10, 100),
    )
    .option(
      "--close-tracks <share>",
      "share of the tracks to learn from whose road runs beside itself",
      number(0, 1),
      0.25,
    )
    .option(
      "--slow-copies <n>",
      "how many times frames of a slow car count; very sparse networks stop at hairpins",
      integer(1, 100),
      1,
    )
    .option("--random-start", "episodes to learn from start anywhere on the track");
}

/** Tracks and numbers of drives that follow from the options. */
interface Plan {
  /** Tracks of the evaluation. */
  seeds: number[];
  /** Tracks of the validation. */
  validationSeeds: number[];
  /** Episodes of the teacher. */
  episodes: number;
  /** DAgger rounds. */
  rounds: number;
}

/** @throws {@link InvalidOption} on options that leave nothing to learn from, and on tracks that serve two purposes */
function planOf(options: CarTaskOptions): Plan {
  const { demos, recipe, episodes = demos === undefined ? EPISODES : 0 } = options;
  const { rounds = demos === undefined && recipe === "default" ? ROUNDS : 0 } = options;
  if (demos === undefined && episodes === 0)
    throw new InvalidOption("--episodes: expected 1 or more without --demos, got 0");
  const seeds = parseSeeds(options.seeds);
  const validationSeeds = parseSeeds(options.validationSeeds);
  checkChosen("--validation-seeds", validationSeeds);
  checkReported("--seeds", seeds, validationSeeds);
  return { seeds, validationSeeds, episodes, rounds };
}

/** Trains a network, showing progress, and evaluates it. */
export async function trainCarNetwork(options: CarTaskOptions): Promise<Trained> {
  const plan = planOf(options);
  /** The first frames, on which action accuracy is measured: all of them need not fit into memory. */
  const first: CarExamples[] = [];
  const frames = `${options.out}.frames`;
  const { network, curve, scores } = await trainCar(demonstrations(options, plan, first), {
    ...options,
    ternaryEpochs: options.epochs,
    rounds: plan.rounds,
    frames,
    driving: drivingOf(options),
    collect: (driver, round) => networkDrives(driver, round, options),
    validate: async (candidate, phase) => {
      const { mean, sd, min } = await drive(`${phase}: validation`, candidate, plan.validationSeeds);
      process.stderr.write(
        `${phase}: validation reward ${mean.toFixed(1)} ± ${sd.toFixed(1)}, min ${min.toFixed(1)}\n`,
      );
      return mean;
    },
    onStep: phaseProgress(),
  }).finally(() => rmSync(frames, { force: true }));
  const { noise, pace } = options;
  const measured = async (seeds: readonly number[]) =>
    measureActions(network, await drivenFrames("frames to measure on", seeds, { noise, pace }));
  const actions = {
    train: await measureActions(network, joinExamples(first)),
    validation: await measured(tracks("guards", MEASURED_EPISODES)),
    test: await measured(tracks("testFrames", MEASURED_EPISODES)),
  };
  const { mean, sd, min, laps } = await drive("evaluation", network, plan.seeds);
  return {
    network,
    train: actions.train.joint,
    validation: actions.validation.joint,
    test: actions.test.joint,
    reward: { mean, sd, min, laps, seeds: options.seeds },
    curve: curveOfLosses(curve),
    actions,
    phases: scores,
  };
}

/** The frames to learn from at first. @param first filled with the sets of the first episodes */
async function* demonstrations(
  { demos, noise, pace, randomStart, slowCopies, closeTracks }: CarTaskOptions,
  { seeds, validationSeeds, episodes }: Plan,
  first: CarExamples[],
): AsyncGenerator<CarExamples> {
  const sources: AsyncIterable<CarExamples>[] = [];
  if (demos !== undefined) sources.push(framesByRecording(demos, { kept: [...seeds, ...validationSeeds] }));
  if (episodes > 0) {
    const shown = chooseTracks("demonstrations", episodes, closeTracks);
    sources.push(framesByEpisode("teacher drives", shown, { noise, pace, randomStart, slowCopies }));
  }
  for (const source of sources) {
    for await (const set of source) {
      if (first.length < MEASURED_EPISODES) first.push(set);
      yield set;
    }
  }
}

/** Frames of the episodes that a network drives in a round. */
function networkDrives(network: TernaryNetwork, round: number, options: CarTaskOptions) {
  const {
    roundEpisodes,
    roundNoise: noise,
    closeTracks,
    pace,
    teacherShare,
    randomStart,
    slowCopies,
  } = options;
  const driven = chooseTracks("rounds", roundEpisodes, closeTracks, round);
  const how = { network, noise, pace, teacherShare, randomStart, slowCopies };
  return framesByEpisode(`round ${round}: network drives`, driven, how);
}

/** The options that rounds and validation depend on: a checkpoint made with others is refused. */
function drivingOf(options: CarTaskOptions): object {
  const { roundEpisodes, roundNoise, teacherShare, closeTracks, slowCopies } = options;
  const { pace, randomStart, validationSeeds } = options;
  return {
    roundEpisodes,
    roundNoise,
    teacherShare,
    closeTracks,
    slowCopies,
    pace,
    randomStart,
    validationSeeds,
  };
}

/** Shows each phase of a training by a progress of its own. */
function phaseProgress(): (report: CarReport) => Promise<void> {
  let progress: Progress | undefined;
  let running = "";
  return async ({ phase, step, steps, loss }) => {
    if (phase !== running) progress = startProgress(`train car, ${phase}`, 100, "%");
    running = phase;
    progress?.update(Math.floor((100 * step) / steps), `loss ${loss.toFixed(4)}`);
    if (step === steps) progress?.stop();
    await breathe();
  };
}

/** Driving reward of a network, with progress. */
async function drive(label: string, network: TernaryNetwork, seeds: readonly number[]): Promise<Evaluation> {
  const progress = startProgress(label, seeds.length, "episodes");
  try {
    return await evaluate(await TernaryPolicy.create(network), {
      seeds,
      onProgress: ({ reward }, done) => progress.update(done, `reward ${reward.toFixed(1)}`),
    });
  } finally {
    progress.stop();
  }
}
