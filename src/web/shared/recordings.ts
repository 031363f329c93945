/**
 * Recordings as the page and its server agree on them: their names, the contract of a store, and the summary that a
 * list shows. Both sides hold the text of `.episode.json` files; `recordings/episode.ts` reads and writes that format.
 */
import type { Seed } from "../../../env/api.ts";
import { FPS, LOST_REWARD } from "../../../env/car-racing/core/constants.ts";
import { correctedSteps, type Episode, parseEpisode, totalReward } from "../../../recordings/episode.ts";

/** Largest recording that page and server take, bytes. Over five hours of driving are smaller. */
export const MAX_RECORDING_BYTES = 32 << 20;

/** Error text for a name that `isRecordingName` refuses. */
export const NAME_RULE =
  "a recording's name: expected up to 120 letters, digits, _, - and ., the first a letter, a digit or _";

/** True if `name` can name a recording. It is one plain word, so it can never be a path. */
export function isRecordingName(name: string): boolean {
  return /^\w[\w.-]{0,119}$/.test(name);
}

/**
 * A name that sorts by time: `20261122-221436-051-seed-7`, or `20261122-221436-051-k3fq-seed-7` with a tag.
 * @param when start of the episode; the name holds it in UTC
 * @param tag letters and digits that tell apart two tabs which start within the same millisecond. Default: none.
 */
export function recordingName(seed: Seed, when: Date, tag = ""): string {
  const digits = when.toISOString().replace(/\D/g, "");
  const parts = [digits.slice(0, 8), digits.slice(8, 14), digits.slice(14, 17), ...(tag ? [tag] : [])];
  return `${parts.join("-")}-seed-${seed}`;
}

/** The end of an episode: lap finished, out of bounds, step limit reached, or stopped by the driver. */
export type Result = "lap" | "out of bounds" | "time" | "interrupted";

/** The facts of a recording that a list shows. */
export interface RecordingSummary {
  /** Name in its store. */
  name: string;
  /** Seed of the track, in decimal digits. */
  seed: string;
  /** Length of the episode. */
  steps: number;
  /** Driving reward: the sum of all rewards. */
  reward: number;
  /** The episode's end. */
  result: Result;
  /** Name of the driver. */
  driver: string;
  /** Number of steps that a person drove in the driver's place. */
  corrected: number;
}

/** A file that cannot be read. Lists show it with the reason. */
export interface BrokenRecording {
  /** Name in its store. */
  name: string;
  /** Reason, one line. */
  error: string;
}

/** One entry of a list of recordings. */
export type Listed = RecordingSummary | BrokenRecording;

/** A place that keeps recordings: the server's folder, or this browser. */
export interface RecordingStore {
  /** Summaries of all recordings, in any order. */
  list(): Promise<Listed[]>;
  /** Text of a recording. Rejects if there is none of this name. */
  read(name: string): Promise<string>;
  /** Writes a recording whole or not at all, and replaces one of the same name. */
  write(name: string, text: string): Promise<void>;
  /** Deletes a recording. */
  remove(name: string): Promise<void>;
}

/** "3 recordings, 2 laps, 1.4 minutes": what a network could learn from. Broken recordings count as recordings only. */
export function totals(recordings: readonly Listed[]): string {
  const readable = recordings.filter((recording): recording is RecordingSummary => !("error" in recording));
  const laps = readable.filter(({ result }) => result === "lap").length;
  const minutes = readable.reduce((sum, { steps }) => sum + steps, 0) / FPS / 60;
  const counted = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
  return `${counted(recordings.length, "recording")}, ${counted(laps, "lap")}, ${minutes.toFixed(1)} minutes`;
}

/** Summarises the text of a recording. Text that is not a recording gives a `BrokenRecording` with the reason. */
export function summarize(name: string, text: string): Listed {
  try {
    const episode = parseEpisode(text, name);
    return {
      name,
      seed: String(episode.seed),
      steps: episode.rewards.length,
      reward: totalReward(episode),
      result: resultOf(episode),
      driver: episode.driver.name,
      corrected: correctedSteps(episode),
    };
  } catch (error) {
    return { name, error: (error as Error).message };
  }
}

function resultOf({ end, rewards }: Episode): Result {
  if (end === "terminated") return rewards.at(-1) === LOST_REWARD ? "out of bounds" : "lap";
  return end === "truncated" ? "time" : "interrupted";
}
