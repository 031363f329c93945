/**
 * Several environments behind a server of the WebSocket bridge, stepped with one message: one wait for all of them, and
 * in `tritrack serve` all of its processors. Node only.
 */
import { type Info, NO_ACTION } from "../api.ts";
import { ClosedEnvironment, InvalidOption } from "../errors.ts";
import { Box, type DType, type Space, type TypedArray } from "../spaces.ts";
import {
  type AutoresetMode,
  batchSpace,
  checkStep,
  checkVectorReset,
  spreadSeeds,
  type VectorEnv,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
  vectorOptions,
} from "../vector/vector-env.ts";
import { Fields } from "./fields.ts";
import { Line } from "./line-node.ts";
import { NdArray, ProtocolError } from "./message.ts";
import { camelKeys, snakeKeys } from "./protocol.ts";
import { forgotten, type RemoteEnvOptions, seedText } from "./remote-env-node.ts";
import { elementFromWire, elementToWire, plainFromWire, spaceFromWire } from "./wire-space.ts";

/** Options of {@link RemoteVectorEnv.connect}. */
export interface RemoteVectorOptions extends RemoteEnvOptions {
  /** Number of environments, from 1 up. */
  numEnvs: number;
  /** The rule for the end of an episode. Default: "next-step", Gymnasium's default. */
  autoresetMode?: AutoresetMode;
}

/** A vector of a server's environments, made by {@link RemoteVectorEnv.connect}; used like a `SyncVectorEnv`. */
export class RemoteVectorEnv<Observation extends TypedArray = TypedArray, Action = unknown>
  implements VectorEnv<Observation, Action>
{
  readonly numEnvs: number;
  readonly singleObservationSpace: Box;
  readonly observationSpace: Box;
  readonly singleActionSpace: Space<Action>;
  readonly autoresetMode: AutoresetMode;
  readonly #line: Line;
  readonly #env: number;
  #ended: readonly boolean[];
  #wasReset = false;
  #isClosed = false;

  private constructor(line: Line, made: Fields, autoresetMode: AutoresetMode) {
    this.#line = line;
    forgotten.register(this, line, line);
    this.#env = made.integer("env");
    this.numEnvs = made.integer("num_envs", 1);
    this.autoresetMode = autoresetMode;
    const single = spaceFromWire(made.get("observation_space"));
    if (!(single instanceof Box))
      throw new InvalidOption(`RemoteVectorEnv: expected Box observations, got ${single}`);
    this.singleObservationSpace = single;
    this.observationSpace = batchSpace(single, this.numEnvs);
    this.singleActionSpace = spaceFromWire(made.get("action_space")) as Space<Action>;
    this.#ended = Array.from({ length: this.numEnvs }, () => false);
  }

  /**
   * Connects to a server and makes a vector of environments there.
   *
   * @param url address of the server, ws://HOST:PORT
   * @param id id of the environments there
   * @example const env = await RemoteVectorEnv.connect("ws://127.0.0.1:8766", "CartPole-v1", { numEnvs: 8 });
   * @throws {@link ConnectionLost} when nobody answers there
   * @throws the server's error, where it cannot make the environments
   */
  static async connect<Observation extends TypedArray = TypedArray, Action = ArrayLike<number> | number>(
    url: string,
    id: string,
    { token, timeout = 90, kwargs = {}, numEnvs, autoresetMode = "next-step", ...rest }: RemoteVectorOptions,
  ): Promise<RemoteVectorEnv<Observation, Action>> {
    vectorOptions("RemoteVectorEnv", { autoresetMode });
    if (!Number.isSafeInteger(numEnvs) || numEnvs < 1)
      throw new InvalidOption(
        `RemoteVectorEnv: expected numEnvs to be a whole number from 1 up, got ${numEnvs}`,
      );
    const line = await Line.open(url, token, timeout);
    try {
      const limit = "maxEpisodeSteps" in rest ? { max_episode_steps: rest.maxEpisodeSteps } : {};
      const vector = { num_envs: numEnvs, autoreset_mode: autoresetMode };
      const made = line.call("make", { environment: id, kwargs: snakeKeys(kwargs), ...limit, ...vector });
      return new RemoteVectorEnv(line, new Fields(made), autoresetMode);
    } catch (error) {
      line.close();
      throw error;
    }
  }

  reset(given: VectorResetOptions = {}): VectorResetResult<Observation> {
    const { seed, mask, options } = checkVectorReset(given, this.numEnvs, this.#wasReset);
    const seeds = spreadSeeds(seed, this.numEnvs).map((one) =>
      typeof one === "bigint" ? seedText(one) : one,
    );
    const flags = mask && Uint8Array.from({ length: this.numEnvs }, (_, i) => (mask[i] ? 1 : 0));
    const answer = this.#call("reset", {
      seed: seed === undefined ? null : seeds.map((one) => one ?? null),
      mask: flags ? new NdArray("bool", [this.numEnvs], flags) : null,
      options: options === undefined ? null : snakeKeys(options),
    });
    this.#ended = this.#ended.map((ended, i) => ended && flags !== undefined && flags[i] === 0);
    this.#wasReset = true;
    return { observations: this.#observations(answer), infos: this.#infos(answer) };
  }

  step(actions: ArrayLike<Action>): VectorStepResult<Observation> {
    checkStep(actions, this, this.#wasReset, this.autoresetMode === "disabled" ? this.#ended : []);
    const space = this.singleActionSpace as Space;
    const wired = Array.from(actions, (action) =>
      // Gymnasium's None, which goes on with the controls of the last step, is null in messages.
      action === NO_ACTION ? null : elementToWire(space, action),
    );
    const answer = this.#call("step", { actions: wired });
    const [terminations, truncations] = ["terminations", "truncations"].map((key) =>
      Array.from(array(answer, key).data as Uint8Array, Boolean),
    );
    this.#ended = terminations.map((terminated, i) => terminated || truncations[i]);
    const rewards = Float64Array.from(array(answer, "rewards").data as Float64Array);
    const observations = this.#observations(answer);
    return { observations, rewards, terminations, truncations, infos: this.#infos(answer) };
  }

  /** Closes the server's environments and the connection. Closing twice does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    forgotten.unregister(this.#line);
    this.#line.close(); // the server closes what was this connection's
  }

  #call(name: string, fields: Record<string, unknown>): Fields {
    if (this.#isClosed) throw new ClosedEnvironment("RemoteVectorEnv: it has been closed; connect anew");
    return new Fields(this.#line.call(name, { env: this.#env, ...fields }));
  }

  #observations(answer: Fields): Observation {
    const space = this.observationSpace as Box<DType> as Space;
    return elementFromWire(space, array(answer, "observations")) as Observation;
  }

  #infos(answer: Fields): Info[] {
    const infos = answer.get("infos");
    if (!Array.isArray(infos)) return Array.from({ length: this.numEnvs }, () => ({}));
    return infos.map((wired) => {
      const { finalObs, finalInfo, ...info } = camelKeys(new Fields({ wired }).record("wired"));
      const kept = camelKeys(plainFromWire(info) as Info);
      if (finalInfo === undefined) return kept;
      const space = this.singleObservationSpace as Space;
      const last = camelKeys(plainFromWire(finalInfo) as Info);
      return { ...kept, finalObs: elementFromWire(space, finalObs), finalInfo: last };
    });
  }
}

/** An array of an answer. @throws {@link ProtocolError} when it is missing */
function array(answer: Fields, key: string): NdArray {
  const value = answer.get(key);
  if (value instanceof NdArray) return value;
  throw new ProtocolError(`message: expected an array as "${key}"`);
}
