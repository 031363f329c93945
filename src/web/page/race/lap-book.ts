/**
 * Storage of finished laps. With a server they are in its recordings folder, where every browser of this machine sees
 * them; laps that the server has not taken yet, and all laps where there is none, are in this browser.
 */
import { isSameLap, type Lap, lapsOf, parseLaps, withLap, withLaps } from "../../shared/laps.ts";
import { remember, remembered } from "../app/preferences.ts";
import { ask } from "../storage/server.ts";

const KEY = "laps";

/** A server that keeps laps. */
export interface LapServer {
  /** Adds laps and returns all that the server has. */
  exchange(laps: readonly Lap[]): Promise<Lap[]>;
}

/** The server of `tritrack drive`. */
export const LAP_SERVER: LapServer = {
  async exchange(laps) {
    const answer = await ask("api/laps", { method: "POST", body: JSON.stringify(laps) });
    return lapsOf((await answer.json()).laps);
  },
};

/** All known laps. */
export class LapBook {
  /** Laps of all tracks, in no particular order. */
  laps: readonly Lap[] = [];
  readonly #server: LapServer | null;

  /** @param server null where the page is served by a plain web host */
  constructor(server: LapServer | null) {
    this.#server = server;
  }

  /** Adds a lap: to this browser now, and to the server at the next refresh. */
  add(lap: Lap): void {
    remember(KEY, JSON.stringify(withLap(waiting(), lap)));
    this.laps = withLap(this.laps, lap);
  }

  /** Fetches laps of other tabs and browsers, and delivers those that wait here. Never fails: laps that cannot be delivered wait. */
  async refresh(): Promise<void> {
    const own = waiting();
    this.laps = withLaps(this.laps, own);
    if (!this.#server) return;
    try {
      const all = await this.#server.exchange(own);
      // Laps that were added during the exchange wait for the next one.
      const rest = waiting().filter((lap) => !own.some((other) => isSameLap(lap, other)));
      remember(KEY, JSON.stringify(rest));
      this.laps = withLaps(all, rest);
    } catch {
      // The server is gone or its disk is full; the keeper of recordings reports that.
    }
  }
}

/** Laps in this browser. They are read afresh each time, because another tab may have added some. */
function waiting(): Lap[] {
  return parseLaps(remembered(KEY));
}
