/** Recordings in the folder of `tritrack drive`, over its small API (`server/server.ts`). */
import { ask } from "./ask.ts";
import type { Listed, RecordingStore } from "./store.ts";

const ADDRESS = "api/recordings";
/** The Fetch standard allows 64 KiB in such requests at a time. */
const KEEPALIVE_LIMIT = 60_000;

export class ServerStore implements RecordingStore {
  /** The folder on the server's disk, for people to find their files. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** The server that this page came from, or null when the page is static files on some web host. */
  static async find(): Promise<ServerStore | null> {
    try {
      const { folder } = await (await ask(ADDRESS)).json();
      return typeof folder === "string" ? new ServerStore(folder) : null;
    } catch {
      return null;
    }
  }

  async list(): Promise<Listed[]> {
    return (await (await ask(ADDRESS)).json()).recordings;
  }

  async read(name: string): Promise<string> {
    return (await ask(`${ADDRESS}/${name}`)).text();
  }

  async write(name: string, text: string): Promise<void> {
    // A request that is kept alive arrives even when the page closes meanwhile.
    await ask(`${ADDRESS}/${name}`, { method: "PUT", body: text, keepalive: text.length < KEEPALIVE_LIMIT });
  }

  async remove(name: string): Promise<void> {
    await ask(`${ADDRESS}/${name}`, { method: "DELETE" });
  }
}
