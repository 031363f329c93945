/** Recordings in the folder of `tritrack drive`, through its API. */
import type { Listed, RecordingStore } from "../../shared/recordings.ts";
import { ask } from "./server.ts";

const ADDRESS = "api/recordings";
/** The Fetch standard allows 64 KiB in requests that outlive their page. */
const KEEPALIVE_LIMIT = 60_000;

/** The server's folder as a store. */
export class ServerStore implements RecordingStore {
  readonly #warn: (text: string) => void;

  /** @param warn called with a line for people if the folder has more recordings than the server lists */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /** See {@link RecordingStore.list}. */
  async list(): Promise<Listed[]> {
    const { recordings, skipped } = await (await ask(ADDRESS)).json();
    if (skipped > 0) this.#warn(`The folder has ${skipped} earlier recordings, which are not listed.`);
    return recordings;
  }

  /** See {@link RecordingStore.read}. */
  async read(name: string): Promise<string> {
    return (await ask(`${ADDRESS}/${name}`)).text();
  }

  /** See {@link RecordingStore.write}. */
  async write(name: string, text: string): Promise<void> {
    // A request that is kept alive arrives even if the page closes meanwhile.
    await ask(`${ADDRESS}/${name}`, { method: "PUT", body: text, keepalive: text.length < KEEPALIVE_LIMIT });
  }

  /** See {@link RecordingStore.remove}. */
  async remove(name: string): Promise<void> {
    await ask(`${ADDRESS}/${name}`, { method: "DELETE" });
  }
}
