/** Frames for the car's networks: from a folder of recordings, or driven now by the expert. */

import { InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { CarExamples } from "../../data/examples.ts";

import { checkLearnt } from "../../data/tracks.ts";
import type { NetworkFrameOptions } from "../../episodes/labelled-frames.ts";

import { breathe } from "./interrupt.ts";
import { startProgress } from "./progress.ts";

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

/** What the frames of recordings are for. */
export interface RecordedFramesOptions {
  /** Whether a network learns from the frames: then tracks that scores or choices are made on are refused. Default: true. */
  toLearn?: boolean;
  /** More tracks to refuse: those that this command chooses or reports on. Default: none. */
  kept?: readonly number[];
}

/**
 * The frames of every recording in a folder, a set each. Where noise was on the driver's hand, the teacher says what was
 * wanted.
 * @throws {@link InvalidOption} without recordings, and on one whose track is not for learning
 */
export async function* recordingByRecording(
  folder: string,
  { toLearn = true, kept }: RecordedFramesOptions = {},
): AsyncGenerator<CarExamples, void, undefined> {
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
  if (toLearn) for (const { path, episode } of recordings) checkLearnt(path, Number(episode.seed), kept);
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
export function recordedFrames(...which: Parameters<typeof recordingByRecording>): Promise<CarExamples> {
  return inOneSet(recordingByRecording(...which));
}

async function inOneSet(sets: AsyncIterable<CarExamples>): Promise<CarExamples> {
  const { joinExamples } = await import("../../data/examples.ts");
  const all: CarExamples[] = [];
  for await (const set of sets) all.push(set);
  return joinExamples(all);
}
