/** Frames for the car's networks: of a folder of recordings, or of episodes that a driver drives now. */
import { InvalidOption } from "../../../env/errors.ts";
import { TeacherPolicy } from "../../../policies/expert/teacher.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { readRecordings } from "../../../recordings/files/recording-folder.ts";
import { makeRecordedEnv } from "../../../recordings/player.ts";
import { type Demonstrations, framesOfRecording, joinDemonstrations } from "../../data/demonstrations.ts";
import { expertFrames, type NetworkDriveOptions, networkFrames } from "../../episodes/labelled-frames.ts";
import type { CarData } from "../../search/engine/fitness.ts";
import { breathe } from "./interrupt.ts";
import { startProgress } from "./progress.ts";

/** First seed of the tracks from which the teacher's demonstrations come. Evaluation begins at 20000. */
export const TRAIN_SEED = 0;
/** Distance from the first seed of one round of training to the next round's. */
export const ROUND_SEEDS = 1000;
/** First seed of the tracks of validation frames. */
export const VALIDATION_SEED = 16000;
/** First seed of the tracks of test frames. */
export const TEST_SEED = 18000;

/** Options of {@link framesByEpisode}. */
export interface DrivenFramesOptions extends Omit<NetworkDriveOptions, "seeds" | "onEpisode"> {
  /** The driver. Default: the teacher, with noise on its controls */
  network?: TernaryNetwork | undefined;
}

/**
 * Drives one episode on each seed and labels its frames with the teacher's actions.
 * @param label of the progress
 * @returns the frames of one episode after the other, so that not all need fit in memory
 */
export async function* framesByEpisode(
  label: string,
  seeds: readonly number[],
  { network, ...options }: DrivenFramesOptions = {},
): AsyncGenerator<Demonstrations, void, undefined> {
  const progress = startProgress(label, seeds.length, "episodes");
  try {
    for (const [i, seed] of seeds.entries()) {
      const one = { ...options, seeds: [seed] };
      yield await (network ? networkFrames(network, one) : expertFrames(one));
      progress.update(i + 1);
      await breathe();
    }
  } finally {
    progress.stop();
  }
}

/**
 * The frames of every recording in a folder. Where noise was added to the driver's actions, the teacher labels the frames
 * instead.
 * @returns the frames of one recording after the other
 * @throws InvalidOption when the folder holds no recordings
 */
export async function* framesByRecording(folder: string): AsyncGenerator<Demonstrations, void, undefined> {
  const teacher = new TeacherPolicy();
  const { recordings, skipped } = readRecordings(folder);
  for (const line of skipped) process.stderr.write(`skipped: ${line}\n`);
  if (recordings.length === 0)
    throw new InvalidOption(`${folder}: expected recordings to learn from, got none`);
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

/** The frames of {@link framesByEpisode} in one set. */
export function drivenFrames(...args: Parameters<typeof framesByEpisode>): Promise<Demonstrations> {
  return inOneSet(framesByEpisode(...args));
}

/** The frames of {@link framesByRecording} in one set. */
export function recordedFrames(folder: string): Promise<Demonstrations> {
  return inOneSet(framesByRecording(folder));
}

async function inOneSet(sets: AsyncIterable<Demonstrations>): Promise<Demonstrations> {
  const all: Demonstrations[] = [];
  for await (const set of sets) all.push(set);
  return joinDemonstrations(all);
}

/** Demonstrations as data for the search engine. */
export function asCarData({ inputs, targets }: Demonstrations): CarData {
  return { task: "car", inputs, targets };
}
