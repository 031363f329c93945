/** Frames for the car's networks: of a folder of recordings, or of episodes that a driver drives now. */
import { InvalidOption } from "../../../env/errors.ts";
import { TeacherPolicy } from "../../../policies/expert/teacher.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { Episode } from "../../../recordings/episode.ts";
import { readRecordings } from "../../../recordings/files/recording-folder.ts";
import { makeRecordedEnv } from "../../../recordings/player.ts";
import { type CarExamples, joinExamples } from "../../data/examples.ts";
import { framesOfRecording } from "../../data/recorded-frames.ts";
import { checkLearnt } from "../../data/tracks.ts";
import { type NetworkFrameOptions, networkFrames, teacherFrames } from "../../episodes/labelled-frames.ts";
import { inFile } from "./errors.ts";
import { breathe } from "./interrupt.ts";
import { startProgress } from "./progress.ts";

/** Options of {@link framesByEpisode}. */
export interface DrivenFramesOptions extends Omit<NetworkFrameOptions, "seeds" | "onEpisode"> {
  /** The driver. Default: the teacher, with noise on its controls. */
  network?: TernaryNetwork | undefined;
}

/**
 * Drives one episode on each seed and labels its frames with the teacher's actions.
 * @param label of the progress
 * @returns the frames of one episode after the other, so that not all need fit into memory
 */
export async function* framesByEpisode(
  label: string,
  seeds: readonly number[],
  { network, ...options }: DrivenFramesOptions = {},
): AsyncGenerator<CarExamples, void, undefined> {
  const progress = startProgress(label, seeds.length, "episodes");
  try {
    for (const [i, seed] of seeds.entries()) {
      const one = { ...options, seeds: [seed] };
      yield await (network ? networkFrames(network, one) : teacherFrames(one));
      progress.update(i + 1);
      await breathe();
    }
  } finally {
    progress.stop();
  }
}

/** Options of {@link framesByRecording}. */
export interface RecordedFramesOptions {
  /** True if a network learns from the frames; tracks that scores or choices are made on are then refused. Default: true. */
  toLearn?: boolean;
  /** More tracks to refuse: those that this command chooses or reports on. Default: none. */
  kept?: readonly number[];
}

/**
 * The frames of every recording in a folder. Where noise was added to the driver's actions, the teacher labels the frames
 * instead.
 * @returns the frames of one recording after the other
 * @throws {@link InvalidOption} without recordings, and on one whose track is not for learning; errors of a replay name
 * the recording
 */
export async function* framesByRecording(
  folder: string,
  { toLearn = true, kept }: RecordedFramesOptions = {},
): AsyncGenerator<CarExamples, void, undefined> {
  const teacher = new TeacherPolicy();
  const { recordings, skipped } = readRecordings(folder);
  for (const line of skipped) process.stderr.write(`skipped: ${line}\n`);
  if (recordings.length === 0)
    throw new InvalidOption(`${folder}: expected recordings to learn from, got none`);
  if (toLearn) for (const { path, episode } of recordings) checkLearnt(path, Number(episode.seed), kept);
  const progress = startProgress(`frames of ${folder}`, recordings.length, "recordings");
  try {
    for (const [i, { path, episode }] of recordings.entries()) {
      yield await framesOf(episode, teacher).catch((error) => {
        throw inFile(path, error);
      });
      progress.update(i + 1);
      await breathe();
    }
  } finally {
    progress.stop();
  }
}

async function framesOf(episode: Episode, teacher: TeacherPolicy): Promise<CarExamples> {
  const env = await makeRecordedEnv(episode);
  try {
    return framesOfRecording(episode, env, { teacher: episode.driver.noise ? teacher : undefined });
  } finally {
    env.close();
  }
}

/** The frames of {@link framesByEpisode} in one set. */
export function drivenFrames(...args: Parameters<typeof framesByEpisode>): Promise<CarExamples> {
  return inOneSet(framesByEpisode(...args));
}

/** The frames of {@link framesByRecording} in one set. */
export function recordedFrames(...args: Parameters<typeof framesByRecording>): Promise<CarExamples> {
  return inOneSet(framesByRecording(...args));
}

async function inOneSet(sets: AsyncIterable<CarExamples>): Promise<CarExamples> {
  const all: CarExamples[] = [];
  for await (const set of sets) all.push(set);
  return joinExamples(all);
}
