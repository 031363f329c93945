/** A client's connection to a server of the WebSocket bridge: calls and their answers, in order. */
import { WebSocket } from "ws";
import * as errors from "../errors.ts";
import { TritrackError } from "../errors.ts";
import { Fields } from "./fields.ts";
import { decodeMessage, encodeMessage } from "./message.ts";
import { checkVersion, PROTOCOL, PROTOCOL_VERSION, type WireError } from "./protocol.ts";

/** An error at the other end that is none of this package's: its class's name is in `remoteName`. */
export class RemoteError extends TritrackError {
  readonly remoteName: string;

  constructor(message: string, remoteName: string) {
    super(message);
    this.remoteName = remoteName;
  }
}

/** The connection could not be made, or ended before the answer came. */
export class ConnectionLost extends TritrackError {}

/** Longest answer: larger ones end the connection. Bytes. */
const MAX_ANSWER_BYTES = 2 ** 28;
/** Milliseconds. */
const HANDSHAKE_TIME = 10_000;

interface Waiting {
  resolve(answer: Uint8Array): void;
  reject(error: Error): void;
}

export class Connection {
  readonly #socket: WebSocket;
  readonly #waiting: Waiting[] = [];
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#waiting.shift()?.resolve(new Uint8Array(data)));
    socket.on("close", (code, reason) => this.#fail(`the server closed the connection (${code}) ${reason}`));
    socket.on("error", (error) => this.#fail(error.message));
  }

  /**
   * Connects and greets.
   * @param url ws://HOST:PORT
   * @throws {@link ConnectionLost} when nobody answers or the token is wrong; ProtocolError on another version
   */
  static async open(url: string, { token }: { token?: string | undefined } = {}): Promise<Connection> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    let socket: WebSocket;
    try {
      const limits = { maxPayload: MAX_ANSWER_BYTES, handshakeTimeout: HANDSHAKE_TIME };
      socket = new WebSocket(url, { headers, perMessageDeflate: false, ...limits });
    } catch {
      throw new ConnectionLost(`${url}: expected an address like ws://127.0.0.1:8765`);
    }
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", (error) => reject(new ConnectionLost(`${url}: ${error.message}`)));
    });
    const connection = new Connection(socket);
    try {
      const hello = { protocol: PROTOCOL, version: PROTOCOL_VERSION };
      checkVersion(new Fields(await connection.call("hello", hello)));
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  /** @returns the call's result; throws its error, as one of this package's classes where it is one */
  async call(name: string, fields: Record<string, unknown>): Promise<unknown> {
    return readAnswer(await this.request(writeCall(this.#calls++, name, fields)));
  }

  /** Sends a message as it is; the answer comes as it is. */
  request(bytes: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN)
        return reject(new ConnectionLost("the connection is closed"));
      this.#waiting.push({ resolve, reject });
      this.#socket.send(bytes);
    });
  }

  close(): void {
    this.#socket.close();
  }

  #fail(why: string): void {
    const error = new ConnectionLost(why.trim());
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

export function writeCall(
  id: number,
  name: string,
  fields: Record<string, unknown>,
): Uint8Array<ArrayBuffer> {
  return encodeMessage({ id, call: name, ...fields });
}

/** The result in an answer. @throws the error in it */
export function readAnswer(bytes: Uint8Array): unknown {
  const answer = new Fields(decodeMessage(bytes));
  const error = answer.get("error");
  if (error === undefined || error === null) return answer.get("result");
  throw fromWireError(new Fields(error));
}

function fromWireError(fields: Fields): Error {
  const { name, message, cause } = {
    name: fields.text("name"),
    message: fields.text("message"),
    cause: fields.get("cause"),
  } satisfies WireError | { cause: unknown };
  const own = (errors as Record<string, new (message: string) => Error>)[name];
  const error = own ? new own(message) : new RemoteError(`${name}: ${message}`, name);
  if (cause) error.cause = fromWireError(new Fields(cause));
  return error;
}
