/**
 * Where finished laps are kept: in the recordings folder where there is a server, so that every browser on this machine
 * has them; else in this browser, and so are those that the server could not take, until it can.
 */
import { remember, remembered } from "../app/memory.ts";
import { isSameLap, type Lap, parseLaps, withLap, withLaps } from "./laps.ts";

const KEY = "laps";

/** Keeps laps for every browser of this machine. */
export interface LapServer {
  /** Takes these in, and gives all it has. */
  exchange(laps: readonly Lap[]): Promise<Lap[]>;
}

export class LapBook {
  /** All that are known. */
  laps: readonly Lap[] = [];
  private readonly server: LapServer | null;

  /** @param server null where the page is served by a plain web host */
  constructor(server: LapServer | null) {
    this.server = server;
  }

  /** Notes a lap: at once in this browser, and at the next refresh where it belongs. */
  add(lap: Lap): void {
    remember(KEY, JSON.stringify(withLap(kept(), lap)));
    this.laps = withLap(this.laps, lap);
  }

  /** Looks for laps of other tabs and browsers, and delivers what waits here. Never fails: what waits goes on waiting. */
  async refresh(): Promise<void> {
    const own = kept();
    this.laps = withLaps(this.laps, own);
    if (!this.server) return;
    try {
      const all = await this.server.exchange(own);
      // What came in the meantime waits for the next time.
      const rest = kept().filter((lap) => !own.some((other) => isSameLap(lap, other)));
      remember(KEY, JSON.stringify(rest));
      this.laps = withLaps(all, rest);
    } catch {
      // The server is gone, or its disk full; where recordings go, the page says so.
    }
  }
}

/** Those in this browser; another tab may have added some since the last look. */
function kept(): Lap[] {
  return parseLaps(remembered(KEY));
}
