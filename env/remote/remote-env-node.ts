/**
 * An environment that runs behind a server of the WebSocket bridge, in Python (`python -m tritrack_gym.serve ID`) or in
 * Node (`tritrack serve`), and is used like any other: wrappers, `evaluate` and recorders take it. Its calls wait for
 * their answers, so the socket lives in a thread. Node only.
 */
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
import { ClosedEnvironment } from "../errors.ts";
import { checkResetArguments } from "../reset-arguments.ts";
import type { Space } from "../spaces.ts";
import { ConnectionLost } from "./connection-node.ts";
import { Fields } from "./fields.ts";
import { Line } from "./line-node.ts";
import { NdArray } from "./message.ts";
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

/** Ends the thread of an environment that nothing refers to any more: its place in the server is free again. */
export const forgotten = new FinalizationRegistry<Line>((line) => line.close());

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
export function seedText(seed: bigint): string {
  return seed < 10n ** 100n ? seed.toString() : `0x${seed.toString(16)}`;
}

function toInfo(answer: Fields): Info {
  return camelKeys(plainFromWire(answer.record("info")) as Info);
}
