/**
 * Recordings that an earlier run of a command left in its folder, so that the next run records only what is missing.
 *
 * A run that is killed leaves the journal of its last episode. The next run drives this episode again, through the same
 * steps and on to its end, so the interrupted one is removed: kept beside the whole one, its steps would count twice
 * wherever something learns from the folder.
 */
import { rmSync } from "node:fs";
import type { Seed } from "../../../env/api.ts";
import type { Driver, Episode } from "../../../recordings/episode.ts";
import { readRecordings, recoverJournals } from "../../../recordings/files/recording-folder.ts";

/** Episodes of one driver in a folder. */
export class EarlierEpisodes {
  readonly #finished = new Map<string, Episode>();
  readonly #interrupted = new Map<string, string[]>();

  /**
   * Turns the journals in the folder into recordings and reads all of them.
   * @param folder must be locked: the journal of another process that still records would be taken from it
   */
  constructor(folder: string, driver: Driver) {
    recoverJournals(folder);
    for (const { path, episode } of readRecordings(folder).recordings) {
      if (!isBy(driver, episode)) continue;
      const seed = `${episode.seed}`;
      if (episode.end !== "interrupted") this.#finished.set(seed, episode);
      else this.#interrupted.set(seed, [...(this.#interrupted.get(seed) ?? []), path]);
    }
  }

  /**
   * The finished episode on a seed; undefined when the seed is still to be driven.
   *
   * Interrupted episodes on the seed are removed.
   */
  finished(seed: Seed): Episode | undefined {
    for (const path of this.#interrupted.get(`${seed}`) ?? []) rmSync(path, { force: true });
    this.#interrupted.delete(`${seed}`);
    return this.#finished.get(`${seed}`);
  }
}

/**
 * True if an episode is one that a command records with this driver: in CarRacing-v3 without options, and not corrected
 * by a person, whose work nobody could drive again.
 */
function isBy(driver: Driver, { driver: other, environment, options, corrections }: Episode): boolean {
  const key = ({ kind, name, sha256, noise }: Driver) => JSON.stringify([kind, name, sha256, noise]);
  const isPlain =
    environment.id === "CarRacing-v3" &&
    Object.keys(environment.kwargs).length === 0 &&
    Object.keys(options).length === 0;
  return isPlain && !corrections && key(driver) === key(other);
}
