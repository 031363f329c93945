/**
 * An environment that runs behind a server of the WebSocket bridge, in Python (`python -m tritrack_gym.serve ID`) or in
 * Node (`tritrack serve`), and is used like any other: wrappers, `evaluate` and recorders take it. Its calls wait for
 * their answers, so the socket lives in a thread. Node only.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import {
  type Env,
  type EnvSpec,
  type Frame,
  type Info,
  type Metadata,
  NO_ACTION,
  type ResetOptions,
  type ResetResult,
  type StepResult,
} from "../api.ts";
import { ClosedEnvironment, TritrackError } from "../errors.ts";
import { checkResetArguments } from "../reset-arguments.ts";
import type { Space } from "../spaces.ts";
import { startThread, waitWhile } from "../thread-node.ts";
import { ConnectionLost, readAnswer, writeCall } from "./connection-node.ts";
import { Fields } from "./fields.ts";
import { NdArray, ProtocolError } from "./message.ts";
import { camelKeys, type MadeEnv, snakeKeys } from "./protocol.ts";
import { elementFromWire, elementToWire, plainFromWire, spaceFromWire } from "./wire-space.ts";

/** Options of {@link RemoteEnv.connect}. */
export interface RemoteEnvOptions {
  /** Token that the server asks for. Default: none is sent. */
  token?: string;
  /** Steps after which an episode is truncated; null for no limit. Default: the limit of the id's registration there. */
  maxEpisodeSteps?: number | null;
  /** Arguments of the environment, in camelCase: `renderMode` arrives as `render_mode`. Default: none. */
  kwargs?: Record<string, unknown>;
  /** Longest wait for an answer, seconds. Default: 90. */
  timeout?: number;
}

/** What the socket's thread begins with. */
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

/** What the socket's thread posts for each call. */
export type SocketAnswer = { bytes: Uint8Array } | { lost: string };

/** Ends the thread of an environment that nothing refers to any more: its place in the server is free again. */
const forgotten = new FinalizationRegistry<Line>((line) => line.close());

/**
 * An environment of a server, made by {@link RemoteEnv.connect}. Its elements are those of its spaces: Box observations
 * are typed arrays, of bigints for int64 and uint64.
 */
export class RemoteEnv<Observation = unknown, Action = unknown> implements Env<Observation, Action> {
  readonly observationSpace: Space<Observation>;
  readonly actionSpace: Space<Action>;
  readonly metadata: Metadata;
  readonly renderMode: string | null;
  readonly spec: EnvSpec | null;
  readonly #line: Line;
  readonly #env: number;
  #isClosed = false;

  private constructor(line: Line, made: Fields) {
    this.#line = line;
    forgotten.register(this, line, line);
    this.#env = made.integer("env");
    this.observationSpace = spaceFromWire(made.get("observation_space")) as Space<Observation>;
    this.actionSpace = spaceFromWire(made.get("action_space")) as Space<Action>;
    const metadata = made.record("metadata") as Partial<MadeEnv["metadata"]>;
    this.metadata = { renderModes: metadata.render_modes ?? [], renderFps: metadata.render_fps ?? 0 };
    this.renderMode = (made.get("render_mode") ?? null) as string | null;
    const spec = made.get("spec") as MadeEnv["spec"];
    this.spec = spec && {
      id: spec.id,
      kwargs: camelKeys(spec.kwargs),
      maxEpisodeSteps: spec.max_episode_steps,
      rewardThreshold: spec.reward_threshold,
    };
  }

  /**
   * Connects to a server and makes an environment there.
   *
   * @param url address of the server, ws://HOST:PORT
   * @param id id of the environment there
   * @example const env = await RemoteEnv.connect("ws://127.0.0.1:8765", "CarRacing-v3");
   * @throws {@link ConnectionLost} when nobody answers there
   * @throws the server's error, where it cannot make the environment
   */
  static async connect<Observation = Uint8Array, Action = ArrayLike<number> | number>(
    url: string,
    id: string,
    { token, timeout = 90, kwargs = {}, ...rest }: RemoteEnvOptions = {},
  ): Promise<RemoteEnv<Observation, Action>> {
    const line = await Line.open(url, token, timeout);
    try {
      const limit = "maxEpisodeSteps" in rest ? { max_episode_steps: rest.maxEpisodeSteps } : {};
      const made = line.call("make", { environment: id, kwargs: snakeKeys(kwargs), ...limit });
      return new RemoteEnv(line, new Fields(made));
    } catch (error) {
      line.close();
      throw error;
    }
  }

  get unwrapped(): Env {
    return this as Env;
  }

  reset(given: ResetOptions = {}): ResetResult<Observation> {
    const { seed, options } = checkResetArguments(given);
    const fields = {
      seed: typeof seed === "bigint" ? seedText(seed) : (seed ?? null),
      options: options === undefined ? null : snakeKeys(options),
    };
    const answer = this.#call("reset", fields);
    return { observation: this.#observation(answer), info: toInfo(answer) };
  }

  step(action: Action): StepResult<Observation> {
    // Gymnasium's None, which goes on with the controls of the last step, is null in messages.
    const wired = action === NO_ACTION ? null : elementToWire(this.actionSpace as Space, action);
    const answer = this.#call("step", { action: wired });
    return {
      observation: this.#observation(answer),
      reward: Number(answer.get("reward")),
      terminated: answer.get("terminated") === true,
      truncated: answer.get("truncated") === true,
      info: toInfo(answer),
    };
  }

  render(): Frame | null {
    const frame = this.#call("render", {}).get("frame");
    if (!(frame instanceof NdArray) || frame.shape.length !== 3) return null;
    const [height, width] = frame.shape;
    return { width, height, data: frame.data as Uint8Array };
  }

  /** Closes the server's environment and the connection. Closing twice does nothing. */
  close(): void {
    if (this.#isClosed) return;
    try {
      this.#call("close", {});
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error; // then it is closed there already
    } finally {
      this.#isClosed = true;
      forgotten.unregister(this.#line);
      this.#line.close();
    }
  }

  #call(name: string, fields: Record<string, unknown>): Fields {
    if (this.#isClosed) throw new ClosedEnvironment("RemoteEnv: it has been closed; connect anew");
    return new Fields(this.#line.call(name, { env: this.#env, ...fields }));
  }

  #observation(answer: Fields): Observation {
    return elementFromWire(this.observationSpace as Space, answer.get("observation")) as Observation;
  }
}

/** A seed's digits; hexadecimal ones of a long seed, which both languages read in any length. */
function seedText(seed: bigint): string {
  return seed < 10n ** 100n ? seed.toString() : `0x${seed.toString(16)}`;
}

function toInfo(answer: Fields): Info {
  return camelKeys(plainFromWire(answer.record("info")) as Info);
}

/** The thread of a socket, and calls that wait for it. */
class Line {
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

  close(): void {
    this.#isClosed = true;
    void this.#worker.terminate();
    this.#port.close();
  }
}
