/**
 * The addresses of the page's server.
 *
 *     GET    api/recordings         { folder, recordings: Listed[] }; skipped: number if some are left out
 *     GET    api/recordings/NAME    the recording
 *     PUT    api/recordings/NAME    saves it whole: the page sends it anew every second while it grows, so every state
 *                                   of the file is a whole recording
 *     DELETE api/recordings/NAME
 *     GET    api/laps               { laps: Lap[] }
 *     POST   api/laps               Lap[]: adds them, and answers as GET does
 *     GET    api/networks           { networks: NAME[] }
 *     GET    api/networks/NAME      the network's file
 *     GET    anything else          the built page
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { lapsOf } from "../shared/laps.ts";
import { MAX_RECORDING_BYTES } from "../shared/recordings.ts";
import type { FolderStore } from "./folder.ts";
import type { Guard } from "./guard.ts";
import { Bodies, Refusal, refuse, type StaticFile, send, sendJson } from "./http.ts";
import type { LapFile } from "./lap-file.ts";

/** Largest number of requests that are answered at once. Others get status 503. */
const MAX_PENDING = 64;
/** Largest list of laps that a browser delivers, bytes. */
const MAX_LAPS_BYTES = 1 << 20;

const RECORDINGS = "/api/recordings";
const LAPS = "/api/laps";
const NETWORKS = "/api/networks";

/** Everything that the server serves. */
export interface SiteContents {
  /** Files of the page by URL path. */
  files: ReadonlyMap<string, StaticFile>;
  /** Network files by name. */
  networks: ReadonlyMap<string, Uint8Array>;
  /** Recordings. */
  folder: FolderStore;
  /** Best laps. */
  laps: LapFile;
  /** Decides who may use it. */
  guard: Guard;
}

/** Answers requests. */
export class Site {
  readonly #contents: SiteContents;
  readonly #bodies = new Bodies();
  #pending = 0;

  constructor(contents: SiteContents) {
    this.#contents = contents;
  }

  /** Answers a request. Never fails: errors become answers. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#pending++;
    try {
      if (this.#pending > MAX_PENDING) throw new Refusal(503, "the server is busy with other requests");
      this.#contents.guard.check(request);
      await this.#answer(request, response, request.url!.split("?", 1)[0]);
    } catch (error) {
      refuse(request, response, error as Error);
    } finally {
      this.#pending--;
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    const { files, folder } = this.#contents;
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (address.startsWith(`${RECORDINGS}/`))
      return this.#answerRecording(request, response, address.slice(RECORDINGS.length + 1));
    if (address === LAPS) return this.#answerLaps(request, response);
    if (!isRead) throw new Refusal(405, "this address can only be read");
    if (address === RECORDINGS) {
      const recordings = await folder.list();
      const { path, skipped } = folder;
      return sendJson(request, response, 200, {
        folder: path,
        recordings,
        ...(skipped > 0 ? { skipped } : {}),
      });
    }
    if (address === NETWORKS || address.startsWith(`${NETWORKS}/`))
      return this.#answerNetworks(request, response, address.slice(NETWORKS.length + 1));
    const file = files.get(address);
    if (!file) throw new Refusal(404, "there is no such page");
    file.send(request, response);
  }

  /** Names need no percent-encoding, so a name that has one is refused like any other invalid name. */
  async #answerRecording(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    const { folder } = this.#contents;
    switch (request.method) {
      case "GET":
      case "HEAD":
        return send(request, response, 200, "application/json", await folder.read(name));
      case "PUT":
        await folder.write(name, await this.#bodies.read(request, MAX_RECORDING_BYTES));
        return sendJson(request, response, 200, { name });
      case "DELETE":
        await folder.remove(name);
        return sendJson(request, response, 200, { name });
      default:
        throw new Refusal(405, "a recording can be read (GET), saved (PUT) and deleted (DELETE)");
    }
  }

  async #answerLaps(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { laps } = this.#contents;
    if (request.method === "GET" || request.method === "HEAD")
      return sendJson(request, response, 200, { laps: laps.read() });
    if (request.method !== "POST") throw new Refusal(405, "laps can be read (GET) and added (POST)");
    const given = parseJson(await this.#bodies.read(request, MAX_LAPS_BYTES));
    sendJson(request, response, 200, { laps: laps.add(lapsOf(given)) });
  }

  async #answerNetworks(request: IncomingMessage, response: ServerResponse, asked: string): Promise<void> {
    const { networks } = this.#contents;
    if (asked === "") return sendJson(request, response, 200, { networks: [...networks.keys()] });
    const network = [...networks].find(([name]) => encodeURIComponent(name) === asked);
    if (!network) throw new Refusal(404, "there is no such network");
    send(request, response, 200, "application/octet-stream", network[1]);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "the body of a request: expected JSON");
  }
}
