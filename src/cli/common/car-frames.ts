/** Frames for the car's networks: from a folder of recordings, or driven now by the expert. */

import { InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { CarExamples } from "../../data/examples.ts";

import type { NetworkFrameOptions } from "../../episodes/labelled-frames.ts";

import { breathe } from "./interrupt.ts";
import { startProgress } from "./progress.ts";

/**
 * Tracks by purpose, so that nothing is chosen or scored on a track that was learned from: expert demonstrations,
 * the network's own drives of round r (from `r * ROUND_SEEDS` on), validation, test. Evaluation begins at 20000.
 */
export const TRAIN_SEED = 0;
export const ROUND_SEEDS = 1000;
export const VALIDATION_SEED = 16000;
export const TEST_SEED = 18000;

export interface DrivenFramesOptions extends Omit<NetworkFrameOptions, "seeds" | "onEpisode"> {
  /** Who drives; default: the teacher, its hand unsteady. */
  network?: TernaryNetwork | undefined;
}

/** Frames of drives, labelled by the teacher; a set a drive, so that never all need be in memory. */
export async function* driveByDrive(
  label: string,
  seeds: readonly number[],
  { network, ...options }: DrivenFramesOptions = {},
): AsyncGenerator<CarExamples, void, undefined> {
  const { teacherFrames, networkFrames } = await import("../../episodes/labelled-frames.ts");
  const progress = startProgress(label, seeds.length, "episodes");
  try {
    for (const [i, seed] of seeds.entries()) {
      const drive = { ...options, seeds: [seed] };
      yield await (network ? networkFrames(network, drive) : teacherFrames(drive));
      progress.update(i + 1);
      await breathe();
    }
  } finally {
    progress.stop();
  }
}

/** The frames of every recording in a folder, a set each. Where noise was on the driver's hand, the teacher says what was wanted. */
export async function* recordingByRecording(folder: string): AsyncGenerator<CarExamples, void, undefined> {
  const [{ readRecordings }, { makeRecordedEnv }, { framesOfRecording }, { TeacherPolicy }] =
    await Promise.all([
      import("../../../recordings/files/recording-folder.ts"),
      import("../../../recordings/player.ts"),
      import("../../data/recorded-frames.ts"),
      import("../../../policies/expert/teacher.ts"),
    ]);
  const teacher = new TeacherPolicy();
  const { recordings, skipped } = readRecordings(folder);
  for (const line of skipped) process.stderr.write(`skipped: ${line}\n`);
  if (recordings.length === 0) throw new InvalidOption(`${folder} holds no recordings to learn from`);
  const progress = startProgress(`frames of ${folder}`, recordings.length, "recordings");
  try {
    for (const [i, { episode }] of recordings.entries()) {
      const env = await makeRecordedEnv(episode);
      yield framesOfRecording(episode, env, { teacher: episode.driver.noise ? teacher : undefined });
      env.close();
      progress.update(i + 1);
      await breathe();
    }
  } finally {
    progress.stop();
  }
}

/** All of `driveByDrive` in one set. */
export function drivenFrames(...drives: Parameters<typeof driveByDrive>): Promise<CarExamples> {
  return inOneSet(driveByDrive(...drives));
}

/** All of `recordingByRecording` in one set. */
export function recordedFrames(folder: string): Promise<CarExamples> {
  return inOneSet(recordingByRecording(folder));
}

async function inOneSet(sets: AsyncIterable<CarExamples>): Promise<CarExamples> {
  const { joinExamples } = await import("../../data/examples.ts");
  const all: CarExamples[] = [];
  for await (const set of sets) all.push(set);
  return joinExamples(all);
}
