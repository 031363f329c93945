/** `tritrack train car`: imitation of the teacher, or of recorded drives, and DAgger rounds. */

import { rmSync } from "node:fs";
import type { Command } from "commander";
import { InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { CarExamples } from "../../data/examples.ts";

import { checkChosen, checkReported, tracks, VALIDATION_SEEDS } from "../../data/tracks.ts";
import { curveOfLosses } from "../../train/curve.ts";
import { drivenFrames, framesByEpisode, framesByRecording } from "../common/car-frames.ts";
import { breathe } from "../common/interrupt.ts";
import { integer, number } from "../common/options.ts";
import { type Progress, startProgress } from "../common/progress.ts";
import type { CommonOptions, Trained } from "./task.ts";

export interface CarTaskOptions extends CommonOptions {
  demos?: string;
  episodes?: number;
  noise: number;
  pace?: number;
  denseEpochs?: number;
  rounds?: number;
  roundEpisodes: number;
  roundEpochs?: number;
  finalEpochs?: number;
  roundNoise: number;
  teacherShare: number;
  randomStart?: boolean;
  closeTracks: number;
  slowCopies: number;
  validationSeeds: string;
  seeds: string;
}

/** Episodes that action accuracy is measured on. */
const MEASURED_EPISODES = 4;
const EPISODES = 24;
const ROUNDS = 4;

export function addCarOptions(command: Command): Command {
  return command
    .option(
      "--demos <dir>",
      "car: learn from these recordings; with --episodes from drives of the teacher too",
    )
    .option(
      "--episodes <n>",
      `car: episodes that the teacher drives (default: ${EPISODES}, with --demos 0)`,
      integer(0),
    )
    .option(
      "--noise <sd>",
      "car: of the teacher's hand, so that it shows how to get back",
      number(0, 1),
      0.25,
    )
    .option("--pace <percent>", "car: of the teacher; slower is easier to imitate", number(10, 100))
    .option(
      "--dense-epochs <n>",
      "car: passes over the frames by the dense network before",
      integer(1, 10_000),
    )
    .option(
      "--rounds <n>",
      `car: DAgger rounds: the network drives, the teacher labels (default: ${ROUNDS}, with --demos or --recipe paper 0)`,
      integer(0),
    )
    .option("--round-episodes <n>", "car: episodes that the network drives in a round", integer(1), 16)
    .option("--round-epochs <n>", "car: passes over all frames so far in a round", integer(1, 10_000))
    .option("--final-epochs <n>", "car: passes over all frames once the rounds are over", integer(0, 10_000))
    .option("--round-noise <sd>", "car: of the network's hand in a round", number(0, 1), 0.1)
    .option(
      "--teacher-share <share>",
      "car: of a round's time that the teacher drives itself",
      number(0, 1),
      0,
    )
    .option(
      "--close-tracks <share>",
      "car: of the tracks to learn from, those whose road runs beside itself",
      number(0, 1),
      0.25,
    )
    .option(
      "--slow-copies <n>",
      "car: how many times frames of a slow car count; very sparse networks stop at hairpins",
      integer(1, 100),
      1,
    )
    .option("--random-start", "car: episodes to learn from start anywhere on the track")
    .option(
      "--validation-seeds <list>",
      "car: tracks on which the best of the rounds is chosen",
      VALIDATION_SEEDS,
    )
    .option("--seeds <list>", "car: tracks on which the result is evaluated", "20000-20009");
}

export async function trainCarNetwork(options: CarTaskOptions): Promise<Trained> {
  const [{ trainCar }, { parseSeeds }, { joinExamples }, { measureActions }, { chooseTracks }] =
    await Promise.all([
      import("../../train/imitate.ts"),
      import("../../data/seeds.ts"),
      import("../../data/examples.ts"),
      import("../../data/actions.ts"),
      import("../../data/close-tracks.ts"),
    ]);
  const { sparsity, seed, epochs, demos, noise, pace, denseEpochs, roundEpochs, roundEpisodes } = options;
  const {
    recipe,
    paperEpochs,
    threads,
    shards,
    backend,
    checkpoint,
    finalEpochs,
    roundNoise,
    teacherShare,
    randomStart,
    closeTracks,
    slowCopies,
  } = options;
  const episodes = options.episodes ?? (demos === undefined ? EPISODES : 0);
  const rounds = options.rounds ?? (demos === undefined && recipe === "default" ? ROUNDS : 0);
  if (demos === undefined && episodes === 0)
    throw new InvalidOption("--episodes 0 without --demos leaves nothing to learn from");
  const seeds = parseSeeds(options.seeds);
  const validationSeeds = parseSeeds(options.validationSeeds);
  checkChosen("--validation-seeds", validationSeeds);
  checkReported("--seeds", seeds, validationSeeds);

  /** The first frames, to measure action accuracy on: all of them need not fit into memory. */
  const first: CarExamples[] = [];
  async function* demonstrations(): AsyncGenerator<CarExamples> {
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

  const frames = `${options.out}.frames`;
  let progress: Progress | undefined;
  let running = "";
  const { network, curve, scores } = await trainCar(demonstrations(), {
    ...{ sparsity, seed, rounds, denseEpochs, ternaryEpochs: epochs, roundEpochs, finalEpochs },
    ...{ recipe, paperEpochs, threads, shards, backend, checkpoint, frames },
    driving: {
      roundEpisodes,
      roundNoise,
      teacherShare,
      closeTracks,
      slowCopies,
      pace,
      randomStart,
      validationSeeds,
    },
    collect: (driver, round) => {
      const driven = chooseTracks("rounds", roundEpisodes, closeTracks, round);
      const how = { network: driver, noise: roundNoise, pace, teacherShare, randomStart, slowCopies };
      return framesByEpisode(`round ${round}: network drives`, driven, how);
    },
    validate: async (candidate, phase) => {
      const { mean, sd, min } = await drive(`${phase}: validation`, candidate, validationSeeds);
      process.stderr.write(
        `${phase}: validation reward ${mean.toFixed(1)} ± ${sd.toFixed(1)}, min ${min.toFixed(1)}\n`,
      );
      return mean;
    },
    onStep: async ({ phase, step, steps, loss }) => {
      if (phase !== running) progress = startProgress(`train car, ${phase}`, 100, "%");
      running = phase;
      progress?.update(Math.floor((100 * step) / steps), `loss ${loss.toFixed(4)}`);
      if (step === steps) progress?.stop();
      await breathe();
    },
  });

  const measured = async (seeds: readonly number[]) =>
    measureActions(network, await drivenFrames("frames to measure on", seeds, { noise, pace }));
  const actions = {
    train: await measureActions(network, joinExamples(first)),
    validation: await measured(tracks("guards", MEASURED_EPISODES)),
    test: await measured(tracks("testFrames", MEASURED_EPISODES)),
  };
  const { mean, sd, min, laps } = await drive("evaluation", network, seeds);
  rmSync(frames, { force: true });
  const { train, validation, test } = actions;
  return {
    network,
    ...{ train: train.joint, validation: validation.joint, test: test.joint },
    reward: { mean, sd, min, laps, seeds: options.seeds },
    curve: curveOfLosses(curve),
    actions,
    phases: scores,
  };
}

/** Driving reward of a network. */
async function drive(label: string, network: TernaryNetwork, seeds: readonly number[]) {
  const [{ evaluate }, { TernaryPolicy }] = await Promise.all([
    import("../../episodes/evaluate.ts"),
    import("../../../policies/ternary/policy.ts"),
  ]);
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
