/** A folder of recordings on disk, as the page's server reads and writes it: names and contents are checked first. */
import { readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TritrackError } from "../../../env/errors.ts";
import { EPISODE_SUFFIX, parseEpisode } from "../../../recordings/episode.ts";
import { makeFolder, writeFileAtomic } from "../../../recordings/files/atomic.ts";
import { MAX_RECORDING_BYTES } from "../../../recordings/files/episode-file.ts";
import { readBoundedFile } from "../../../recordings/files/file-source.ts";
import { isRecordingName, NAME_RULE } from "../page/storage/recording-name.ts";
import type { Listed, RecordingStore } from "../page/storage/store.ts";
import { summarize } from "../page/storage/summary.ts";

export class FolderStore implements RecordingStore {
  readonly path: string;
  /** Summaries by name, each with the time of change of the file it was made from. */
  private readonly summaries = new Map<string, { changed: number; summary: Listed }>();

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Makes the folder if it is missing, so that a wrong path fails at the start and not after a lap. */
  async open(): Promise<void> {
    makeFolder(this.path);
  }

  async list(): Promise<Listed[]> {
    makeFolder(this.path); // the user may have moved it away meanwhile
    const names = (await readdir(this.path))
      .filter((file) => file.endsWith(EPISODE_SUFFIX))
      .map((file) => file.slice(0, -EPISODE_SUFFIX.length))
      .filter(isRecordingName);
    // One after the other, or thousands of files would be open at once. One that cannot be read, or is gone by now, must
    // not hide the others.
    const listed: Listed[] = [];
    for (const name of names)
      listed.push(await this.summary(name).catch((error: Error) => ({ name, error: error.message })));
    return listed;
  }

  /** @throws TritrackError where it is no regular file: what a link leads to is not served */
  async read(name: string): Promise<string> {
    return readBoundedFile(this.file(name), MAX_RECORDING_BYTES, { followLinks: false }).toString("utf8");
  }

  /** @throws CorruptFile when `text` is no recording: whatever sends it, nothing else gets into the folder */
  async write(name: string, text: string): Promise<void> {
    const file = this.file(name);
    parseEpisode(text, name);
    makeFolder(this.path);
    writeFileAtomic(file, text);
  }

  remove(name: string): Promise<void> {
    return rm(this.file(name));
  }

  private async summary(name: string): Promise<Listed> {
    const { mtimeMs: changed } = await stat(this.file(name));
    let known = this.summaries.get(name);
    if (known?.changed !== changed) {
      known = { changed, summary: summarize(name, await this.read(name)) };
      this.summaries.set(name, known);
    }
    return known.summary;
  }

  private file(name: string): string {
    if (!isRecordingName(name)) throw new TritrackError(NAME_RULE);
    return join(this.path, name + EPISODE_SUFFIX);
  }
}
