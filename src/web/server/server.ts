/**
 * The server behind `tritrack drive`: the built page, a folder of recordings that the page reads and writes, the best
 * laps, and the networks that the command was given. `site.ts` lists its addresses, `guard.ts` says who may use them.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { basename } from "node:path";
import { InvalidOption, TritrackError } from "../../../env/errors.ts";
import { isLoopback, listen } from "../../../env/http-node.ts";
import { readNetwork } from "../../../policies/ternary/safetensors.ts";
import type { Listed } from "../shared/recordings.ts";
import { FolderStore } from "./folder.ts";
import { Guard } from "./guard.ts";
import { refuseRaw } from "./http.ts";
import { LapFile } from "./lap-file.ts";
import { builtPage, loadPage } from "./page-files.ts";
import { Site } from "./site.ts";

/** Connections that are open at once. */
const MAX_CONNECTIONS = 256;
/** Time that a request and its headers may take, milliseconds. */
const REQUEST_TIMEOUT = 60_000;
const HEADERS_TIMEOUT = 10_000;

/** Options of `startDriveServer`. */
export interface DriveServerOptions {
  /** Folder of the recordings. It is made if it is missing. */
  folder: string;
  /** Address to listen on. Default: 127.0.0.1, which only this machine reaches. */
  host?: string;
  /** Port. Default: 0, which takes a free one. */
  port?: number;
  /** Further origins whose pages may use the server, such as that of a proxy in front. Default: none. */
  origins?: readonly string[];
  /** Network files that the page lists before those that ship with it. Default: none. */
  networks?: readonly string[];
  /** Folder of the built page. Default: the one that `npm run build:web` writes. */
  page?: string;
}

/** A server that runs. */
export interface DriveServer {
  /** Address of the page for a browser on this machine, with the token if there is one. */
  url: string;
  /** Addresses for other machines, with the token; none if the server listens on a loopback address. */
  elsewhere: string[];
  /** Absolute path of the recordings. */
  folder: string;
  /** Recordings that were written since the start, and all recordings. */
  recordings(): Promise<{ session: Listed[]; all: Listed[] }>;
  /** Ends all connections and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts the server.
 * @throws TritrackError if the page is not built, the folder cannot be made, an origin or a network is not valid, or
 *   the port is taken; nothing is left behind then
 */
export async function startDriveServer(options: DriveServerOptions): Promise<DriveServer> {
  const { host = "127.0.0.1", port = 0, origins = [] } = options;
  const networks = readNetworkFiles(options.networks ?? []);
  const folder = new FolderStore(options.folder);
  const token = isLoopback(host) ? null : randomBytes(16).toString("base64url");
  const site = new Site({
    files: loadPage(options.page ?? builtPage(), { folder: folder.path, networks: [...networks.keys()] }),
    networks,
    folder,
    laps: new LapFile(folder.path),
    guard: new Guard(host, origins, token),
  });
  const server = createServer((request, response) => site.handle(request, response));
  server.maxConnections = MAX_CONNECTIONS;
  server.requestTimeout = REQUEST_TIMEOUT;
  server.headersTimeout = HEADERS_TIMEOUT;
  server.on("clientError", refuseRaw);
  await listen(server, port, host);
  try {
    folder.open(); // only now, so that a taken port leaves no empty folder
  } catch (error) {
    await close(server);
    throw new TritrackError(`cannot make the folder of recordings: ${(error as Error).message}`);
  }
  const address = server.address() as AddressInfo;
  const url = (name: string) => addressOf(name, address.port, token);
  const isAny = host === "0.0.0.0" || host === "::";
  return {
    url: url(isAny ? "localhost" : host),
    elsewhere: isAny ? ownAddresses().map(url) : [],
    folder: folder.path,
    recordings: async () => {
      const all = await folder.list();
      return { all, session: all.filter(({ name }) => folder.written.has(name)) };
    },
    close: () => close(server),
  };
}

/**
 * Reads the network files of the command line.
 * @returns bytes by name, the file's without its suffix
 * @throws CorruptFile, InvalidOption on a network that does not drive, or the system's error
 */
function readNetworkFiles(paths: readonly string[]): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const path of paths) {
    const bytes = readFileSync(path);
    const { task } = readNetwork(bytes, path).architecture;
    if (task !== "car")
      throw new InvalidOption(`${path}: expected a network that drives, got one for ${task}`);
    files.set(basename(path, ".safetensors"), bytes);
  }
  return files;
}

function addressOf(name: string, port: number, token: string | null): string {
  const host = isIP(name) === 6 ? `[${name}]` : name;
  return `http://${host}:${port}/${token === null ? "" : `?token=${token}`}`;
}

/** IPv4 addresses of this machine in its networks. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
