/**
 * One client of the environments' server: its socket, its waiting calls, its time limits and its thread. The main loop
 * reads no more of a client's bytes than its `hello`; everything else is answered by session-node.ts in the thread, which
 * starts with the client's first `make`. A client whose call takes too long, or whose thread runs out of memory, loses
 * its thread and its connection, and the others do not notice.
 */
import type { Worker } from "node:worker_threads";
import type { WebSocket } from "ws";
import { shorten } from "../describe.ts";
import { TritrackError } from "../errors.ts";
import { startThread } from "../thread-node.ts";
import { decodeMessage, encodeMessage } from "./message.ts";
import {
  CloseCode,
  checkHello,
  type Limits,
  MAX_HELLO_BYTES,
  toWireError,
  type Welcome,
} from "./protocol.ts";
import type { SessionOptions } from "./session-node.ts";

/** Most calls that wait behind the present one. They have come with one read of the client's socket. */
const MAX_WAITING_CALLS = 64;
/** Longest wait for a client's handshakes, HTTP's and the protocol's, milliseconds. */
export const HANDSHAKE_TIME = 10_000;
/** Longest time that a timer of Node takes, milliseconds (23 days); longer ones would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** JavaScript heap of a client's thread, megabytes; environments and frames lie outside of it. */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };

/** Limits and data that the clients of a server share. */
export interface House {
  /** Limits that each client must keep. */
  limits: Limits;
  /** First data of each client's thread. */
  session: SessionOptions;
  /** The answer to `hello`. */
  welcome: Welcome;
  /** Bounds how many threads start at once. */
  starts: Gate;
}

/** Runs a bounded number of tasks at once; the others wait in order. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param places how many tasks run at once */
  constructor(places: number) {
    this.#free = places;
  }

  /** Runs a task once there is a place for it. */
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

/** One connection to the server, and the thread behind it. */
export class Client {
  readonly #socket: WebSocket;
  readonly #house: House;
  readonly #isLocal: boolean;
  readonly #waiting: Uint8Array[] = [];
  #thread: Worker | null = null;
  #greeted = false;
  #busy = false;
  /** Limits the present call, or the handshake. */
  #timer: NodeJS.Timeout;
  #lastCall = performance.now();
  #answersPings = true;

  /** @param isLocal whether the other end is on this machine: then its end closes the socket, and it needs no pings */
  constructor(socket: WebSocket, house: House, isLocal: boolean) {
    this.#socket = socket;
    this.#house = house;
    this.#isLocal = isLocal;
    this.#timer = setTimeout(() => this.end(CloseCode.protocolError, "no hello came"), HANDSHAKE_TIME);
    // The socket is paused during a call, so only messages that came with the same read wait: their bytes are bounded by
    // one read and one message.
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

  /** Cuts off a client that is idle or gone, and asks others for a sign of life. */
  check(): void {
    if (this.#busy) return; // its socket is not read, and the call's own time limit holds
    const idle = (performance.now() - this.#lastCall) / 1000;
    if (idle > this.#house.limits.idleSeconds) {
      void this.end(CloseCode.idle, `no call for ${Math.round(idle)} seconds`);
    } else if (this.#isLocal) {
      return; // a stopped program (a debugger, Ctrl-Z) answers no pings and is still there
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
      Math.min(1000 * secondsPerCall, LONGEST_TIMER),
    );
  }

  #greet(bytes: Uint8Array): void {
    try {
      if (bytes.length > MAX_HELLO_BYTES)
        throw new TritrackError(`message: expected a hello of at most ${MAX_HELLO_BYTES} bytes`);
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
    // The start does not count as the client's time: many at once on a busy machine take long.
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

  readonly #fail = (error: Error | number) => {
    // A reason has at most 123 bytes.
    const why =
      error instanceof Error
        ? `: ${shorten(error.message)
            .replace(/[^ -~]/g, "?")
            .slice(0, 70)}`
        : "";
    void this.end(CloseCode.serverFailed, `the thread of this client's environments failed${why}`);
  };

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
