/**
 * The server of the WebSocket bridge: `tritrack serve`. It runs in a thread of its own, because a `RemoteEnv` waits for
 * its answers: one in the same program would wait for ever if the server needed the waiting thread. Who may connect
 * is listener-node.ts's business, each client client-node.ts's, and the calls session-node.ts's. Node only.
 */
import type { Worker } from "node:worker_threads";
import { TritrackError, WorkerLost } from "../errors.ts";
import { startThread } from "../thread-node.ts";
import { fromWireError } from "./connection-node.ts";
import { Fields } from "./fields.ts";
import type { Limits, WireError } from "./protocol.ts";

/** Options of {@link startEnvServer}. */
export interface EnvServerOptions {
  /** Address to listen on; any that others can reach needs a token. Default: "127.0.0.1", this machine only. */
  host?: string;
  /** Port to listen on; 0 takes any free one. Default: 0. */
  port?: number;
  /** Token that clients must show (`Authorization: Bearer TOKEN`). Default: none is asked for. */
  token?: string;
  /** Origins of web pages that may connect, such as "http://localhost:3000". Default: none. */
  origins?: readonly string[];
  /** Ids that are served. Default: all that are registered, those of `modules` included. */
  environments?: readonly string[];
  /** URLs of modules that register environments; every client's thread loads them. Default: none. */
  modules?: readonly string[];
  /** Limits that differ from `DEFAULT_LIMITS`. Default: none. */
  limits?: Partial<Limits>;
}

/** A running server. */
export interface EnvServer {
  /** Address for a client on this machine: ws://HOST:PORT. */
  url: string;
  /** Limits that clients must keep. */
  limits: Limits;
  /** Number of clients that are connected at present. */
  clients(): number;
  /** Ends every connection and the server. */
  close(): Promise<void>;
}

/** First data of the server's thread. */
export interface ServerSetup {
  /** Program and version, for clients. */
  name: string;
  /** The caller's options. */
  options: EnvServerOptions;
  /** One word: the number of clients. */
  clients: Int32Array;
}

/** The first message of the server's thread. */
export type ServerReport = { url: string; limits: Limits } | { error: WireError };

/** Oldest Node that the environments run on ("engines" of package.json). */
const OLDEST_NODE = [20, 19] as const;

/**
 * Serves until `close`, in a thread of its own.
 * @param name program and version, for clients: "tritrack 0.1.0"
 * @throws {@link TritrackError} on an older Node than 20.19, on which clients' threads would fail later
 * @throws {@link InvalidOption} on an open host without token, a limit that is no number above 0, a module that fails
 * @throws {@link TritrackError} when the port cannot be opened
 */
export async function startEnvServer(name: string, options: EnvServerOptions = {}): Promise<EnvServer> {
  checkNode(process.versions.node);
  const clients = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ServerSetup = { name, options, clients };
  const thread = startThread("./server-thread-node", import.meta.url, { workerData });
  const report = await firstMessage(thread);
  if ("error" in report) throw fromWireError(new Fields(report.error));
  return {
    ...report,
    clients: () => Atomics.load(clients, 0),
    close: async () => {
      const ended = new Promise((resolve) => thread.once("exit", resolve));
      thread.postMessage("close");
      await ended;
    },
  };
}

/** @throws {@link TritrackError} on a version of Node before {@link OLDEST_NODE} */
export function checkNode(version: string): void {
  const [major, minor] = version.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new TritrackError(
    `expected Node.js ${OLDEST_NODE.join(".")} or newer, got ${version}; install it from https://nodejs.org`,
  );
}

function firstMessage(thread: Worker): Promise<ServerReport> {
  return new Promise((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", () => reject(new WorkerLost("the server's thread ended before it served")));
  }).finally(() => thread.removeAllListeners()) as Promise<ServerReport>;
}
