/**
 * A folder of recordings on disk as the page's server reads and writes it. Names and contents are checked first. Links
 * are never followed, and files that cannot be recordings are listed with the reason.
 */
import { statSync } from "node:fs";
import { lstat, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TritrackError } from "../../../env/errors.ts";
import { EPISODE_SUFFIX, parseEpisode } from "../../../recordings/episode.ts";
import { makeFolder, writeFileAtomic } from "../../../recordings/files/atomic.ts";
import {
  isRecordingName,
  type Listed,
  MAX_RECORDING_BYTES,
  NAME_RULE,
  type RecordingStore,
  summarize,
} from "../shared/recordings.ts";
import { readRegularFile } from "./regular-file.ts";

/** Recordings listed at most, latest names first. */
export const MAX_LISTED = 5000;
/** Size of all recordings at which the folder takes no more, bytes. */
const MAX_FOLDER_BYTES = 4 * 2 ** 30;
/** Files read before other requests are served. */
const SLICE = 20;

/** The folder as a store. */
export class FolderStore implements RecordingStore {
  /** Absolute path. */
  readonly path: string;
  /** Names of the recordings that were written since the server started. */
  readonly written = new Set<string>();
  /** Recordings that the last list left out, because there are more than `MAX_LISTED`. */
  skipped = 0;
  /** Summaries by name, each with size and time of change of its file. */
  readonly #summaries = new Map<string, { changed: number; bytes: number; summary: Listed }>();
  /** Size of all recordings by the last count, bytes. */
  #bytes = 0;

  /** @param path of the folder */
  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Makes the folder if it is missing, so that a wrong path fails at the start and not after a lap. */
  open(): void {
    makeFolder(this.path);
  }

  /** See {@link RecordingStore.list}. */
  async list(): Promise<Listed[]> {
    makeFolder(this.path); // the user may have moved it away meanwhile
    const names = (await readdir(this.path))
      .filter((file) => file.endsWith(EPISODE_SUFFIX))
      .map((file) => file.slice(0, -EPISODE_SUFFIX.length))
      .filter(isRecordingName)
      .sort()
      .reverse();
    this.skipped = Math.max(0, names.length - MAX_LISTED);
    const listed: Listed[] = [];
    this.#bytes = 0;
    for (const [i, name] of names.slice(0, MAX_LISTED).entries()) {
      if (i % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve));
      // A file that cannot be read, or is gone by now, does not hide the others.
      const summary = await this.#summary(name).catch((error: Error) => ({ name, error: error.message }));
      listed.push(summary);
    }
    return listed;
  }

  /**
   * See {@link RecordingStore.read}.
   * @throws TritrackError if the name is not valid, or the file is a link or larger than 32 MB
   */
  async read(name: string): Promise<string> {
    return readRegularFile(this.#file(name), name, MAX_RECORDING_BYTES);
  }

  /**
   * See {@link RecordingStore.write}. A link of this name is replaced; its target stays as it is.
   * @throws CorruptFile if the text is not a recording: nothing else gets into the folder
   */
  async write(name: string, text: string): Promise<void> {
    const file = this.#file(name);
    parseEpisode(text, name);
    makeFolder(this.path);
    const before = this.#summaries.get(name)?.bytes ?? 0;
    if (this.#bytes - before + text.length > MAX_FOLDER_BYTES)
      throw new TritrackError(
        `the folder of recordings is full: expected up to ${MAX_FOLDER_BYTES / 2 ** 30} GB; choose another with --out`,
      );
    writeFileAtomic(file, text);
    this.written.add(name);
    this.#remember(name, summarize(name, text));
  }

  /** See {@link RecordingStore.remove}. */
  async remove(name: string): Promise<void> {
    await rm(this.#file(name));
    this.#bytes -= this.#summaries.get(name)?.bytes ?? 0;
    this.#summaries.delete(name);
    this.written.delete(name);
  }

  async #summary(name: string): Promise<Listed> {
    const { mtimeMs: changed, size: bytes } = await lstat(this.#file(name));
    this.#bytes += bytes;
    let known = this.#summaries.get(name);
    if (known?.changed !== changed || known.bytes !== bytes) {
      known = { changed, bytes, summary: summarize(name, await this.read(name)) };
      this.#summaries.set(name, known);
    }
    return known.summary;
  }

  /** Notes the summary of a recording that was just written. */
  #remember(name: string, summary: Listed): void {
    const { mtimeMs: changed, size: bytes } = statSync(this.#file(name));
    this.#bytes += bytes - (this.#summaries.get(name)?.bytes ?? 0);
    this.#summaries.set(name, { changed, bytes, summary });
  }

  #file(name: string): string {
    if (!isRecordingName(name)) throw new TritrackError(NAME_RULE);
    return join(this.path, name + EPISODE_SUFFIX);
  }
}
