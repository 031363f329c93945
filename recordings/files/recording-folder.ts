/**
 * A folder of recordings. As a sink of `Recorder` it keeps the journal of the running episode and turns it into the
 * recording at its end; as a dataset it lists and reads what is there, files that a crash left behind included.
 */
import { closeSync, existsSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TritrackError } from "../../env/errors.ts";
import { EPISODE_SUFFIX, type Episode, type EpisodeStart } from "../episode.ts";
import { JOURNAL_SUFFIX } from "../journal.ts";
import type { RecordingSink } from "../recorder.ts";
import { makeFolder } from "./atomic.ts";
import { episodePath, finishJournal, readEpisode } from "./episode-file.ts";

/**
 * The file name of an episode without its suffix: who drove and on what seed. Characters that file systems refuse,
 * and dots in front, become `_`.
 */
export function recordingName(start: Pick<EpisodeStart, "driver" | "seed">): string {
  return `${start.driver.name.replace(/^\.+|[^\w.-]/g, "_").slice(0, 100)}-${start.seed}`;
}

/** Writes each episode into a folder: `NAME.episode.part` while it is driven, then `NAME.episode.json`. */
export class FolderSink implements RecordingSink {
  readonly #folder: string;
  #journal: { path: string; file: number } | null = null;
  /** Paths of the recordings finished so far. */
  readonly paths: string[] = [];

  /**
   * Makes the folder if need be.
   * @throws TritrackError where a file has its name
   */
  constructor(folder: string) {
    makeFolder(folder);
    this.#folder = folder;
  }

  /** Opens a journal; when the name is taken, by a recording or by another writer, a number is added. */
  begin(start: EpisodeStart): void {
    const name = recordingName(start);
    for (let copy = 1; ; copy++) {
      const path = join(this.#folder, `${copy === 1 ? name : `${name}-${copy}`}${JOURNAL_SUFFIX}`);
      if (existsSync(episodePath(path))) continue;
      try {
        this.#journal = { path, file: openSync(path, "ax") };
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
  }

  /** Appends a line to the journal of the running episode. */
  write(line: string): void {
    writeFileSync(this.#journal!.file, line);
  }

  /** Makes the recording of the journal. */
  end(): void {
    const { path, file } = this.#journal!;
    closeSync(file);
    this.#journal = null;
    const recording = finishJournal(path);
    if (recording) this.paths.push(recording);
  }
}

/** Contents of a folder of recordings. */
export interface RecordingFolder {
  /** Path and contents of every readable recording, ordered by file name. */
  recordings: { path: string; episode: Episode }[];
  /** One line for each file that was skipped. */
  skipped: string[];
}

/** Bytes of actions and rewards of all recordings of a folder that are read: some thirty thousand laps. */
const MAX_FOLDER_BYTES = 512 * 2 ** 20;
const FOLDER_RULE = `expected at most ${MAX_FOLDER_BYTES} bytes of actions and rewards in a folder`;

/**
 * Reads every recording of a folder. Journals count as interrupted episodes (one that is being written as far as it
 * goes); broken files, folders and devices with a recording's name, and files beyond 512 MiB in all are skipped and named.
 * @throws TritrackError when there is no such folder
 */
export function readRecordings(folder: string): RecordingFolder {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    throw new TritrackError(`there is no folder ${folder}`);
  }
  const present = new Set(names);
  const result: RecordingFolder = { recordings: [], skipped: [] };
  let left = MAX_FOLDER_BYTES;
  for (const name of names.sort()) {
    const isJournal = name.endsWith(JOURNAL_SUFFIX);
    if (!isJournal && !name.endsWith(EPISODE_SUFFIX)) continue;
    // A crash between writing the recording and removing its journal leaves both.
    if (isJournal && present.has(episodePath(name))) continue;
    const path = join(folder, name);
    try {
      if (left < 0) throw new TritrackError(`${name}: ${FOLDER_RULE}`);
      const episode = readEpisode(path);
      left -= episode.actions.byteLength + episode.rewards.byteLength;
      result.recordings.push({ path, episode });
    } catch (error) {
      if (!(error instanceof TritrackError)) throw error;
      result.skipped.push(error.message);
    }
  }
  return result;
}

/**
 * Turns the journals that a crash left in a folder into recordings. Call it only while nothing records into the folder.
 * Broken journals stay where they are: `readRecordings` names them.
 * @returns paths of the recordings made
 */
export function recoverJournals(folder: string): string[] {
  const recovered: string[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith(JOURNAL_SUFFIX)) continue;
    try {
      const path = finishJournal(join(folder, name));
      if (path) recovered.push(path);
    } catch (error) {
      if (!(error instanceof TritrackError)) throw error;
    }
  }
  return recovered;
}
