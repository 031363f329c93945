/** The leaderboard on disk: `laps.json` in the folder of recordings. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CorruptFile } from "../../../env/errors.ts";
import { writeFileAtomic } from "../../../recordings/files/atomic.ts";
import { type Lap, lapsOf, withLaps } from "../page/race/laps.ts";

export class LapFile {
  private readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, "laps.json");
  }

  /** @throws CorruptFile when the file is broken: it is left for the user to mend rather than written over */
  read(): Lap[] {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
    try {
      return lapsOf(JSON.parse(text));
    } catch {
      throw new CorruptFile(`${this.path} is no list of laps: mend it, or remove it to begin a new one`);
    }
  }

  /** Read, changed and written at once: two browsers that finish together both get on the list. @returns all laps */
  add(laps: readonly Lap[]): Lap[] {
    const before = this.read();
    const all = withLaps(before, laps);
    if (JSON.stringify(all) !== JSON.stringify(before))
      writeFileAtomic(this.path, JSON.stringify(all, null, 1));
    return all;
  }
}
