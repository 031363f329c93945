/**
 * A client's connection to a server of the WebSocket bridge. Answers come in the order of the calls, and each carries the
 * id of its call, which is compared: an answer to another call ends the connection.
 */
import { WebSocket } from "ws";
import { describe } from "../describe.ts";
import * as errors from "../errors.ts";
import { TritrackError } from "../errors.ts";
import { Fields } from "./fields.ts";
import { decodeMessage, encodeMessage, ProtocolError } from "./message.ts";
import { checkVersion, PROTOCOL, PROTOCOL_VERSION, type WireError } from "./protocol.ts";

/** An error of the other end that this package has no class for. */
export class RemoteError extends TritrackError {
  /** Name of the error's class at the other end, such as "ValueError". */
  readonly remoteName: string;

  /** @param remoteName name of the error's class at the other end */
  constructor(message: string, remoteName: string) {
    super(message);
    this.remoteName = remoteName;
  }
}

/** The connection could not be made, or has ended before the answer came. */
export class ConnectionLost extends TritrackError {}

/** Size in bytes of the longest answer; a longer one ends the connection. */
const MAX_ANSWER_BYTES = 2 ** 28;
/** Longest wait for a server to take the connection, milliseconds. */
const HANDSHAKE_TIME = 10_000;

interface Waiting {
  resolve(answer: Uint8Array): void;
  reject(error: Error): void;
}

/** A connection that has greeted its server. It keeps the program running until `close`. */
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
   * Connects to a server and greets it.
   * @param url address of the server, ws://HOST:PORT
   * @param options.token token that the server asks for. Default: none is sent.
   * @throws {@link ConnectionLost} when nobody answers or the token is wrong
   * @throws {@link ProtocolError} when the server speaks another version
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

  /**
   * Sends a call and waits for its result.
   * @throws {@link ConnectionLost} when the connection ends first
   * @throws {@link ProtocolError} on an answer to another call, which also ends the connection
   * @throws the server's error, in this package's class of that name or as a {@link RemoteError}
   */
  async call(name: string, fields: Record<string, unknown>): Promise<unknown> {
    const id = this.#calls++;
    const answer = await this.request(writeCall(id, name, fields));
    try {
      return readAnswer(id, answer);
    } catch (error) {
      if (error instanceof ProtocolError) this.close();
      throw error;
    }
  }

  /**
   * Sends a message and resolves to the next answer, both as bytes. Whoever uses it compares the ids.
   * @throws {@link ConnectionLost} when the connection ends first
   */
  request(bytes: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN)
        return reject(new ConnectionLost("the connection is closed"));
      this.#waiting.push({ resolve, reject });
      this.#socket.send(bytes);
    });
  }

  /** Ends the connection, and with it the server's environments for this client. */
  close(): void {
    this.#socket.close();
  }

  #fail(why: string): void {
    const error = new ConnectionLost(why.trim());
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** The bytes of a call. @param id number of the call, which its answer repeats */
export function writeCall(
  id: number,
  name: string,
  fields: Record<string, unknown>,
): Uint8Array<ArrayBuffer> {
  return encodeMessage({ id, call: name, ...fields });
}

/**
 * The result in an answer.
 * @param id number of the call that it should answer
 * @throws {@link ProtocolError} on the answer to another call
 * @throws the error in the answer
 */
export function readAnswer(id: number, bytes: Uint8Array): unknown {
  const answer = new Fields(decodeMessage(bytes));
  const error = answer.get("error") ?? null;
  const answered = answer.get("id");
  // A server that could not read a call does not know its id.
  if (answered !== id && !(answered === null && error !== null))
    throw new ProtocolError(`message: expected the answer to call ${id}, got ${describe(answered)}`);
  if (error === null) return answer.get("result");
  throw fromWireError(new Fields(error));
}

/** An error that came in a message, in this package's class of its name or as a {@link RemoteError}, with its causes. */
export function fromWireError(fields: Fields): Error {
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
