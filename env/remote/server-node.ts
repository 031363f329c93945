/**
 * The server of the WebSocket bridge: `tritrack serve`. This file is about sockets and trust; what the calls do is in
 * session-node.ts, which runs in a thread for each client, started with its first `make`. The main thread reads no
 * more of a client's bytes than its `hello`, so that no client can hold up or bring down another: one whose call takes
 * too long, or whose thread runs out of memory, loses its thread and its connection, and nobody else notices.
 *
 * A client's next call is read when the answer to the last is on its way, so what is kept for a client is bounded.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { availableParallelism } from "node:os";
import type { Duplex } from "node:stream";
import type { Worker } from "node:worker_threads";
import { type WebSocket, WebSocketServer } from "ws";
import { InvalidOption, TritrackError } from "../errors.ts";
import { registeredIds } from "../registry.ts";
import { startThread } from "../thread-node.ts";
import { decodeMessage, encodeMessage } from "./message.ts";
import {
  CloseCode,
  checkHello,
  DEFAULT_LIMITS,
  type Limits,
  MAX_HELLO_BYTES,
  PROTOCOL,
  PROTOCOL_VERSION,
  toWireError,
  type Welcome,
} from "./protocol.ts";
import type { SessionOptions } from "./session-node.ts";

export interface EnvServerOptions {
  /** Address to listen on. Default 127.0.0.1: this machine only. Any other needs a token. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** What clients must show (`Authorization: Bearer TOKEN`). Default: none is asked for. */
  token?: string;
  /** Origins of web pages that may connect. Default none: programs send no origin, browsers always do. */
  origins?: readonly string[];
  /** Ids that are served. Default: all that are registered. */
  environments?: readonly string[];
  /** Modules that register environments, by URL: every client's thread loads them. */
  modules?: readonly string[];
  limits?: Partial<Limits>;
}

export interface EnvServer {
  /** For a client on this machine. */
  url: string;
  limits: Limits;
  /** Connected at present. */
  clients(): number;
  close(): Promise<void>;
}

/** Calls that may have arrived with one read of a client's socket. */
const MAX_WAITING_CALLS = 64;
/** Between looks at whether clients are still there. Milliseconds. */
const PING_EVERY = 30_000;
/** For a client's handshakes, HTTP's and ours. Milliseconds. */
const HANDSHAKE_TIME = 10_000;
/** JavaScript heap of a client's thread, megabytes; environments and frames lie outside of it. */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };

/** What every client's connection needs to know. */
interface House {
  limits: Limits;
  session: SessionOptions;
  welcome: Welcome;
  starts: Gate;
}

/** Lets only so many tasks run at once; the others wait in order. */
class Gate {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  async run(task: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/**
 * Serves until `close`.
 * @param name program and version, for clients: "tritrack 0.1.0"
 * @throws {@link InvalidOption} on an open host without token; TritrackError when the port is taken
 */
export async function startEnvServer(name: string, options: EnvServerOptions = {}): Promise<EnvServer> {
  const { host = "127.0.0.1", port = 0, token, origins = [], modules = [] } = options;
  if (!isLoopback(host) && !token)
    throw new InvalidOption(`expected a token with the address ${host}, which others can reach`);
  for (const module of modules) {
    await import(module).catch((error) => {
      throw new InvalidOption(`cannot load the module ${module}: ${error.message}`);
    });
  }
  const environments = options.environments ?? registeredIds();
  const limits = checkLimits({ ...DEFAULT_LIMITS, ...options.limits });
  const house: House = {
    limits,
    session: { limits, environments, modules },
    welcome: { protocol: PROTOCOL, version: PROTOCOL_VERSION, server: name, environments, limits },
    starts: new Gate(availableParallelism()),
  };
  const clients = new Set<Client>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
  });
  const server = createServer((_, response) => {
    response.writeHead(426, { "content-type": "text/plain", connection: "close" });
    response.end("tritrack serves environments over WebSocket\n");
  });
  server.headersTimeout = HANDSHAKE_TIME;
  server.requestTimeout = HANDSHAKE_TIME;
  server.on("upgrade", (request, socket, head) => {
    const refusal =
      clients.size >= limits.clients
        ? ([503, "Service Unavailable", `this server takes ${limits.clients} clients`] as const)
        : refuse(request, token, origins);
    if (refusal) return turnAway(socket, ...refusal);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const client = new Client(webSocket, house);
      clients.add(client);
      webSocket.once("close", () => clients.delete(client));
    });
  });
  await listen(server, port, host);
  // Not before: a timer would keep a program alive whose port is taken.
  const watch = setInterval(
    () => {
      for (const client of clients) client.check();
    },
    Math.min(PING_EVERY, 500 * limits.idleSeconds),
  );
  const address = server.address() as AddressInfo;
  const named = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return {
    url: `ws://${isIP(named) === 6 ? `[${named}]` : named}:${address.port}`,
    limits,
    clients: () => clients.size,
    close: async () => {
      clearInterval(watch);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([...clients].map((client) => client.end(CloseCode.goingAway, "the server ends")));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** One connection, and the thread behind it. */
class Client {
  readonly #socket: WebSocket;
  readonly #house: House;
  readonly #waiting: Uint8Array[] = [];
  #thread: Worker | null = null;
  #greeted = false;
  #busy = false;
  /** Of the present call, or of the handshake. */
  #timer: NodeJS.Timeout;
  #lastCall = performance.now();
  #answersPings = true;

  constructor(socket: WebSocket, house: House) {
    this.#socket = socket;
    this.#house = house;
    this.#timer = setTimeout(() => this.end(CloseCode.protocolError, "no hello came"), HANDSHAKE_TIME);
    socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) return void this.end(CloseCode.protocolError, "expected binary messages");
      if (this.#waiting.length >= MAX_WAITING_CALLS)
        return void this.end(CloseCode.tooManyCalls, `at most ${MAX_WAITING_CALLS} calls may wait`);
      this.#waiting.push(new Uint8Array(data)); // a copy: ws reuses its memory
      this.#next();
    });
    socket.on("pong", () => {
      this.#answersPings = true;
    });
    // Broken frames and messages that are too long: ws closes the connection with the code for it.
    socket.on("error", () => {});
    socket.once("close", () => this.#release());
  }

  /** Cuts off who is idle or gone, and asks the others for a sign of life. */
  check(): void {
    if (this.#busy) return; // its socket is not read, and the call's own time limit holds
    const idle = (performance.now() - this.#lastCall) / 1000;
    if (idle > this.#house.limits.idleSeconds) {
      void this.end(CloseCode.idle, `no call for ${Math.round(idle)} seconds`);
    } else if (this.#answersPings) {
      this.#answersPings = false;
      this.#socket.ping();
    } else this.#socket.terminate();
  }

  /** Closes the connection and ends the thread. */
  async end(code: number, reason: string): Promise<void> {
    this.#socket.resume(); // or the other end's answer would never be read
    this.#socket.close(code, reason);
    await this.#release();
  }

  async #release(): Promise<void> {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    const thread = this.#thread;
    this.#thread = null;
    thread?.off("exit", this.#fail);
    await thread?.terminate();
  }

  /** Begins the next call, if there is one and none is under way. */
  #next(): void {
    if (this.#busy || this.#socket.readyState !== this.#socket.OPEN) return;
    const bytes = this.#waiting.shift();
    if (!bytes) return;
    this.#busy = true;
    this.#socket.pause();
    this.#startTimer();
    if (this.#greeted) this.#ask(bytes);
    else this.#greet(bytes);
  }

  #startTimer(): void {
    clearTimeout(this.#timer);
    const { secondsPerCall } = this.#house.limits;
    this.#timer = setTimeout(
      () => this.end(CloseCode.callTooLong, `a call took longer than ${secondsPerCall} seconds`),
      1000 * secondsPerCall,
    );
  }

  #greet(bytes: Uint8Array): void {
    try {
      if (bytes.length > MAX_HELLO_BYTES)
        throw new TritrackError(`expected a hello of at most ${MAX_HELLO_BYTES} bytes`);
      const { id } = checkHello(decodeMessage(bytes));
      this.#greeted = true;
      this.#send(encodeMessage({ id, result: this.#house.welcome }));
    } catch (error) {
      this.#send(encodeMessage({ id: null, error: toWireError(error) }));
      void this.end(CloseCode.protocolError, "expected a hello of this protocol");
    }
  }

  #ask(bytes: Uint8Array): void {
    if (this.#thread) {
      this.#thread.postMessage(bytes, [bytes.buffer as ArrayBuffer]);
      return;
    }
    // The start is no doing of the client's: on a busy machine, many at once, it may take long.
    clearTimeout(this.#timer);
    void this.#house.starts.run(async () => {
      if (this.#socket.readyState !== this.#socket.OPEN) return; // gone while it waited
      this.#thread = this.#startThread();
      // The thread says that it is ready, or ends when the client goes.
      await new Promise((resolve) => this.#thread!.once("message", resolve).once("exit", resolve));
      if (!this.#thread) return;
      this.#thread.on("message", (answer: Uint8Array) => this.#send(answer));
      this.#startTimer();
      this.#thread.postMessage(bytes, [bytes.buffer as ArrayBuffer]);
    });
  }

  #startThread(): Worker {
    const thread = startThread("./session-thread-node", import.meta.url, {
      workerData: this.#house.session,
      resourceLimits: HEAP,
    });
    thread.on("error", this.#fail);
    thread.on("exit", this.#fail);
    return thread;
  }

  readonly #fail = () =>
    void this.end(CloseCode.serverFailed, "the thread of this client's environments failed");

  #send(answer: Uint8Array): void {
    this.#socket.send(answer, { binary: true }, () => {
      clearTimeout(this.#timer);
      this.#busy = false;
      this.#lastCall = performance.now();
      if (this.#waiting.length === 0) this.#socket.resume();
      else this.#next();
    });
  }
}

type Refusal = readonly [status: number, title: string, why: string];

function refuse(
  request: IncomingMessage,
  token: string | undefined,
  origins: readonly string[],
): Refusal | null {
  const { origin, authorization } = request.headers;
  if (origin !== undefined && !origins.includes(origin))
    return [403, "Forbidden", `pages of ${JSON.stringify(origin).slice(0, 200)} may not connect`];
  if (token !== undefined && !sameText(authorization ?? "", `Bearer ${token}`))
    return [401, "Unauthorized", "expected the server's token"];
  return null;
}

/** Takes the same time wherever they differ. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function turnAway(socket: Duplex, status: number, title: string, why: string): void {
  socket.on("error", () => {});
  const head = [`HTTP/1.1 ${status} ${title}`, "connection: close", "content-type: text/plain"];
  socket.end(`${head.join("\r\n")}\r\ncontent-length: ${Buffer.byteLength(why)}\r\n\r\n${why}`);
}

function checkLimits(limits: Limits): Limits {
  for (const [name, value] of Object.entries(limits)) {
    if (value > 0 && Number.isFinite(value)) continue;
    throw new InvalidOption(`expected a number above 0 as the limit ${name}, got ${value}`);
  }
  return limits;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "the port is taken" : error.message;
      reject(new TritrackError(`cannot listen on ${host} port ${port}: ${why}`));
    });
    server.listen(port, host, resolve);
  });
}
