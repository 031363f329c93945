/** One recording on disk: `.episode.json`, or the journal `.episode.part` of one that was interrupted. */
import { rmSync } from "node:fs";
import { basename } from "node:path";
import { CorruptFile } from "../../env/errors.ts";
import { EPISODE_SUFFIX, type Episode, formatEpisode, parseEpisode } from "../episode.ts";
import { JOURNAL_SUFFIX, parseJournal } from "../journal.ts";
import { writeFileAtomic } from "./atomic.ts";
import { readBoundedFile } from "./file-source.ts";

/** Largest recording or journal that is read, bytes: an episode of a million steps with float64 controls is 43 MB. */
export const MAX_RECORDING_BYTES = 48 * 2 ** 20;

/**
 * Reads a recording or a journal.
 * @throws TritrackError when there is no such file, or something else of its name; CorruptFile when it is larger than 48
 * MiB, not a recording, or holds no step
 */
export function readEpisode(path: string): Episode {
  const name = basename(path);
  const text = readText(path);
  if (!path.endsWith(JOURNAL_SUFFIX)) return parseEpisode(text, name);
  const episode = parseJournal(text, name);
  if (!episode)
    throw new CorruptFile(`${name} holds no step: it was interrupted before the first was written`);
  return episode;
}

/** Writes `NAME.episode.json`, whole or not at all. @throws {@link TritrackError} where the folder is missing */
export function writeEpisode(path: string, episode: Episode): void {
  writeFileAtomic(path, formatEpisode(episode));
}

/** The path of the recording that a journal becomes. */
export function episodePath(journal: string): string {
  return journal.slice(0, -JOURNAL_SUFFIX.length) + EPISODE_SUFFIX;
}

/**
 * Makes the recording of a journal, after the orderly end of an episode or after a crash, and removes the journal.
 * A journal without a step is just removed.
 * @returns path of the recording, or null when there was no step
 * @throws TritrackError where there is no such file; CorruptFile on a damaged journal, which stays
 */
export function finishJournal(journal: string): string | null {
  const episode = parseJournal(readText(journal), basename(journal));
  const path = episodePath(journal);
  if (episode) writeEpisode(path, episode);
  rmSync(journal);
  return episode ? path : null;
}

function readText(path: string): string {
  return readBoundedFile(path, MAX_RECORDING_BYTES).toString("utf8");
}
