/**
 * The server behind `tritrack drive`: the built page, a folder of recordings that the page lists, reads, saves and
 * deletes, with the leaderboard, and the networks that the command was given.
 *
 *     GET    api/recordings         { folder, recordings: Listed[] }
 *     GET    api/recordings/NAME    the recording
 *     PUT    api/recordings/NAME    saves it, whole: the page sends it anew every second while it grows (27 kB at
 *                                   the end of a scored episode), so every state of the file is a whole recording
 *     DELETE api/recordings/NAME
 *     GET    api/laps               { laps: Lap[] }: the leaderboard
 *     POST   api/laps               Lap[]: adds them, and answers as GET does
 *     GET    api/networks           { networks: NAME[] }
 *     GET    api/networks/NAME      the network's file
 *
 * Any page in the user's browser can reach a loopback port, so a request counts only when it names this server as
 * its host (which defeats rebound DNS names) and comes from this page (which defeats other sites' forms).
 */
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TritrackError } from "../../../env/errors.ts";
import { lapsOf } from "../page/race/laps.ts";
import { FolderStore } from "./folder.ts";
import { LapFile } from "./lap-file.ts";
import { readNetworkFiles } from "./network-files.ts";

export interface DriveServerOptions {
  /** Folder of the recordings; made if it is missing. */
  folder: string;
  /** Address to listen on. Default 127.0.0.1: this machine only. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Network files that the page shows beside those that ship with it. */
  networks?: readonly string[];
  /** Folder of the built page. Default: the one that `npm run build:web` writes. */
  page?: string;
}

export interface DriveServer {
  /** Where the page is, for a browser on this machine. */
  url: string;
  /** Absolute path of the recordings. */
  folder: string;
  close(): Promise<void>;
}

/** Throws a `TritrackError` when the page is not built, the folder cannot be made, a network is none or the port is taken. */
export async function startDriveServer(options: DriveServerOptions): Promise<DriveServer> {
  const { host = "127.0.0.1", port = 0 } = options;
  const files = loadPage(options.page ?? builtPage());
  const networks = readNetworkFiles(options.networks ?? []);
  const folder = new FolderStore(options.folder);
  await folder.open().catch((error: Error) => {
    throw new TritrackError(`cannot make the folder of recordings: ${error.message}`);
  });
  const laps = new LapFile(folder.path);
  const loopback = isLoopback(host);
  const server = createServer((request, response) => {
    answer(request, response, { files, networks, folder, laps, loopback }).catch((error: Error) =>
      refuse(response, error),
    );
  });
  await listen(server, port, host);
  const address = server.address() as AddressInfo;
  const named = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  return {
    url: `http://${isIP(named) === 6 ? `[${named}]` : named}:${address.port}/`,
    folder: folder.path,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

interface Site {
  files: ReadonlyMap<string, PageFile>;
  networks: ReadonlyMap<string, Uint8Array>;
  folder: FolderStore;
  laps: LapFile;
  loopback: boolean;
}

interface PageFile {
  type: string;
  contents: Uint8Array;
}

/** A request that is answered with `status` and the message instead of being served. */
class Refusal extends TritrackError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const RECORDINGS = "/api/recordings";
const LAPS = "/api/laps";
const NETWORKS = "/api/networks";

/** No drive of the page comes near it. Bytes. */
const MAX_RECORDING_BYTES = 32 << 20;

async function answer(request: IncomingMessage, response: ServerResponse, site: Site): Promise<void> {
  checkOrigin(request, site.loopback);
  const path = request.url!.split("?", 1)[0];
  if (path === RECORDINGS) {
    if (request.method !== "GET") throw new Refusal(405, "the list of recordings can only be read");
    return sendJson(response, 200, { folder: site.folder.path, recordings: await site.folder.list() });
  }
  if (path.startsWith(`${RECORDINGS}/`))
    return answerRecording(request, response, site.folder, path.slice(RECORDINGS.length + 1));
  if (path === LAPS) {
    if (request.method === "GET") return sendJson(response, 200, { laps: site.laps.read() });
    if (request.method !== "POST") throw new Refusal(405, "laps can be read, and added (POST)");
    return sendJson(response, 200, { laps: site.laps.add(lapsOf(parseJson(await body(request)))) });
  }
  if (request.method !== "GET" && request.method !== "HEAD")
    throw new Refusal(405, "the page can only be read");
  if (path === NETWORKS) return sendJson(response, 200, { networks: [...site.networks.keys()] });
  if (path.startsWith(`${NETWORKS}/`)) {
    const asked = path.slice(NETWORKS.length + 1);
    const network = [...site.networks].find(([name]) => encodeURIComponent(name) === asked);
    if (!network) throw new Refusal(404, "there is no such network");
    return send(response, 200, "application/octet-stream", network[1]);
  }
  const file = site.files.get(path === "/" ? "/index.html" : path);
  if (!file) throw new Refusal(404, "there is no such page");
  send(response, 200, file.type, request.method === "HEAD" ? "" : file.contents);
}

/** `name` stays percent-encoded: names need no encoding, so one that does is refused like any bad name. */
async function answerRecording(
  request: IncomingMessage,
  response: ServerResponse,
  folder: FolderStore,
  name: string,
): Promise<void> {
  switch (request.method) {
    case "GET":
      return send(response, 200, "application/json", await folder.read(name));
    case "PUT":
      await folder.write(name, await body(request));
      return sendJson(response, 200, { name });
    case "DELETE":
      await folder.remove(name);
      return sendJson(response, 200, { name });
    default:
      throw new Refusal(405, "a recording can be read, saved (PUT) and deleted");
  }
}

function checkOrigin(request: IncomingMessage, loopback: boolean): void {
  const host = request.headers.host ?? "";
  if (loopback && !isLoopback(host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")))
    throw new Refusal(403, "this server answers to localhost only");
  const origin = request.headers.origin;
  if (origin !== undefined && origin !== `http://${host}`)
    throw new Refusal(403, "recordings are served to this server's own page only");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_RECORDING_BYTES)
      throw new Refusal(413, `a recording has at most ${MAX_RECORDING_BYTES >> 20} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "expected JSON");
  }
}

/** Status of the file system's errors; anything else that goes wrong is the server's own fault. */
const FILE_ERRORS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  ENOENT: [404, "there is no such recording"],
  ENOSPC: [507, "the disk is full"],
  EFBIG: [507, "the disk takes no larger file"],
  EDQUOT: [507, "the disk quota is used up"],
  EACCES: [500, "the folder of recordings may not be written"],
  EROFS: [500, "the folder of recordings is read-only"],
};

function refuse(response: ServerResponse, error: Error): void {
  const [status, message] =
    error instanceof Refusal
      ? [error.status, error.message]
      : (FILE_ERRORS[(error as NodeJS.ErrnoException).code ?? ""] ??
        (error instanceof TritrackError ? [400, error.message] : [500, "the server failed"]));
  if (response.headersSent) response.destroy();
  else sendJson(response, status, { error: message });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, "application/json", JSON.stringify(value));
}

function send(response: ServerResponse, status: number, type: string, contents: string | Uint8Array): void {
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-cache",
    "content-security-policy":
      "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; connect-src 'self' data:",
    "x-content-type-options": "nosniff",
  });
  response.end(contents);
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** The whole page in memory by its URL paths: what is not in it cannot be asked for. */
function loadPage(root: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  let entries: { name: string; parentPath: string; isFile(): boolean }[];
  try {
    entries = readdirSync(root, { recursive: true, withFileTypes: true });
  } catch {
    throw new TritrackError(`the page is not built: no folder ${root} (run "npm run build:web")`);
  }
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    files.set(file.slice(root.length).replaceAll("\\", "/"), { type, contents: readFileSync(file) });
  }
  return files;
}

/** `dist/web`, seen from this file's place in the sources or in `dist/src/web/server`. */
function builtPage(): string {
  const built = import.meta.url.includes("/dist/src/") ? "../../../web" : "../../../dist/web";
  return fileURLToPath(new URL(built, import.meta.url));
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "the port is taken" : error.message;
      fail(new TritrackError(`cannot listen on ${host} port ${port}: ${why}`));
    });
    server.listen(port, host, done);
  });
}
