/** Recordings in the folder of `tritrack drive`, over its small API (`server/server.ts`). */
import type { Listed, RecordingStore } from "./store.ts";

const ADDRESS = "api/recordings";
/** After this long without an answer the server counts as gone. Milliseconds. */
const PATIENCE = 5000;
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
      const { folder } = await (await ask("")).json();
      return typeof folder === "string" ? new ServerStore(folder) : null;
    } catch {
      return null;
    }
  }

  async list(): Promise<Listed[]> {
    return (await (await ask("")).json()).recordings;
  }

  async read(name: string): Promise<string> {
    return (await ask(`/${name}`)).text();
  }

  async write(name: string, text: string): Promise<void> {
    // A request that is kept alive arrives even when the page closes meanwhile.
    await ask(`/${name}`, { method: "PUT", body: text, keepalive: text.length < KEEPALIVE_LIMIT });
  }

  async remove(name: string): Promise<void> {
    await ask(`/${name}`, { method: "DELETE" });
  }
}

async function ask(path: string, request: RequestInit = {}): Promise<Response> {
  const response = await fetch(ADDRESS + path, { ...request, signal: AbortSignal.timeout(PATIENCE) }).catch(
    () => {
      throw new Error("the server does not answer");
    },
  );
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({ error: `the server answers ${response.status}` }));
  throw new Error(error);
}
