/**
 * Calls to a server that sleep until they are answered. The caller's event loop stands still meanwhile, so the socket
 * lives in a thread (socket-thread-node.ts), which wakes the caller through a word of shared memory.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { TritrackError } from "../errors.ts";
import { startThread, waitWhile } from "../thread-node.ts";
import { ConnectionLost, readAnswer, writeCall } from "./connection-node.ts";
import { ProtocolError } from "./message.ts";

/** First data of the socket's thread. */
export interface SocketSetup {
  /** Address of the server. */
  url: string;
  /** Token for the server, if it has one. */
  token: string | undefined;
  /** Calls come in, answers go out. */
  port: MessagePort;
  /** One word: how many answers the thread has posted. */
  answered: Int32Array;
}

/** The answer of the socket's thread to each call. */
export type SocketAnswer = { bytes: Uint8Array } | { lost: string };

/** The thread of a socket, and calls that wait for it. */
export class Line {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #answered: Int32Array;
  readonly #timeout: number;
  #calls = 0;
  #isClosed = false;

  private constructor(worker: Worker, port: MessagePort, answered: Int32Array, timeout: number) {
    this.#worker = worker;
    this.#port = port;
    this.#answered = answered;
    this.#timeout = timeout;
  }

  /**
   * Starts the thread and waits until it has greeted the server.
   * @param timeout longest wait for an answer, seconds
   * @throws {@link ConnectionLost} when nobody answers, with the reason
   */
  static async open(url: string, token: string | undefined, timeout: number): Promise<Line> {
    const { port1, port2 } = new MessageChannel();
    const answered = new Int32Array(new SharedArrayBuffer(4));
    const setup: SocketSetup = { url, token, port: port2, answered };
    const worker = startThread("./socket-thread-node", import.meta.url, {
      workerData: setup,
      transferList: [port2],
    });
    const opened = await new Promise<string | null>((resolve, reject) => {
      worker.once("message", resolve); // null, or what went wrong
      worker.once("error", reject);
    });
    if (opened !== null) throw new ConnectionLost(opened);
    worker.unref(); // a caller that forgets close() is not kept running
    port1.unref();
    return new Line(worker, port1, answered, timeout);
  }

  /**
   * Sends a call and sleeps until its answer is there.
   * @throws {@link ConnectionLost} when the connection has ended or no answer comes in time
   * @throws the server's error
   */
  call(name: string, fields: Record<string, unknown>): unknown {
    if (this.#isClosed) throw new ConnectionLost(`${name}: the connection has ended; connect anew`);
    const before = Atomics.load(this.#answered, 0);
    const id = this.#calls++;
    const bytes = writeCall(id, name, fields);
    this.#port.postMessage(bytes, [bytes.buffer]);
    if (!waitWhile(this.#answered, 0, before, { timeout: 1000 * this.#timeout })) {
      this.close(); // the next call would take the late answer for its own
      throw new ConnectionLost(`${name}: no answer within ${this.#timeout} seconds`);
    }
    const answer = receiveMessageOnPort(this.#port)?.message as SocketAnswer | undefined;
    if (!answer) throw new TritrackError("RemoteEnv: the thread of its socket ended");
    if ("lost" in answer) throw new ConnectionLost(answer.lost);
    try {
      return readAnswer(id, answer.bytes);
    } catch (error) {
      if (error instanceof ProtocolError) this.close();
      throw error;
    }
  }

  /** Ends the thread, and the connection with it. */
  close(): void {
    this.#isClosed = true;
    void this.#worker.terminate();
    this.#port.close();
  }
}
