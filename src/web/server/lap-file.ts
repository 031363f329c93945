/** The best laps on disk: `laps.json` in the folder of recordings. */
import { join } from "node:path";
import { CorruptFile } from "../../../env/errors.ts";
import { writeFileAtomic } from "../../../recordings/files/atomic.ts";
import { type Lap, lapsOf, withLaps } from "../shared/laps.ts";
import { readRegularFile } from "./regular-file.ts";

/** Largest file that is read, bytes. The most laps that are ever written take a fifth of it. */
const MAX_BYTES = 4 << 20;

/** The file of a folder. */
export class LapFile {
  readonly #path: string;

  /** @param folder of the recordings */
  constructor(folder: string) {
    this.#path = join(folder, "laps.json");
  }

  /**
   * All laps; none if there is no file. Entries that are not valid laps are dropped.
   * @throws CorruptFile if the file is not a list: it stays as it is, for the user to mend
   * @throws TritrackError if it is a link or too large
   */
  read(): Lap[] {
    let text: string;
    try {
      text = readRegularFile(this.#path, this.#path, MAX_BYTES);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
    const laps = parsed(text);
    if (Array.isArray(laps)) return lapsOf(laps);
    throw new CorruptFile(
      `${this.#path}: expected a list of laps, got something else; mend or delete the file`,
    );
  }

  /**
   * Adds laps and returns all. Reading and writing happen at once, so two browsers that finish together both get in.
   * @throws as `read`, or the system's error
   */
  add(laps: readonly Lap[]): Lap[] {
    const before = this.read();
    const all = withLaps(before, laps);
    if (JSON.stringify(all) !== JSON.stringify(before))
      writeFileAtomic(this.#path, JSON.stringify(all, null, 1));
    return all;
  }
}

/** The value of a JSON text, or undefined if it is not one. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
