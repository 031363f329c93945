/**
 * The environments of one client, behind the calls of protocol.ts: a message in, a message out. The server runs each
 * session in a thread of its own (session-thread-node.ts), so that nothing a client does reaches the others.
 */
import { type Env, type Info, NO_ACTION, type Seed } from "../api.ts";
import { describe } from "../describe.ts";
import { InvalidAction, InvalidOption } from "../errors.ts";
import { make, registeredIds } from "../registry.ts";
import { Box, type Space, type TypedArray } from "../spaces.ts";
import { SyncVectorEnv } from "../vector/sync.ts";
import type { AutoresetMode, VectorEnv } from "../vector/vector-env.ts";
import { WorkerVectorEnv } from "../vector/workers.ts";
import { Fields } from "./fields.ts";
import { decodeMessage, encodeMessage, NdArray, ProtocolError } from "./message.ts";
import { camelKeys, type Limits, type MadeEnv, metadataToWire, snakeKeys, toWireError } from "./protocol.ts";
import { elementFromWire, elementToWire, plainFromWire, spaceToWire } from "./wire-space.ts";

/** Options of a {@link Session}. */
export interface SessionOptions {
  /** Limits that concern one client. */
  limits: Pick<Limits, "environments">;
  /** Ids that `make` takes. */
  environments: readonly string[];
  /** URLs of modules that register environments; the thread loads them before the first call. */
  modules: readonly string[];
}

/** A single environment, or a vector of them, under its number. */
interface Held {
  /** Number of environments that it counts for. */
  count: number;
  /** The answer to `make`, without the environment's number. */
  made: Omit<MadeEnv, "env">;
  reset(fields: Fields): unknown;
  step(fields: Fields): unknown;
  render(): unknown;
  close(): void;
}

/** Answers the calls of one client after its hello. */
export class Session {
  readonly #options: SessionOptions;
  readonly #held = new Map<number, Held>();
  #made = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Answers one message; whatever goes wrong is the answer's error. */
  async answer(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    let id: unknown = null;
    try {
      const request = new Fields(decodeMessage(bytes));
      id = request.integer("id");
      const result = await this.#obey(request.text("call"), request);
      return encodeMessage({ id, result });
    } catch (error) {
      return encodeMessage({ id, error: toWireError(error) });
    }
  }

  async #obey(call: string, request: Fields): Promise<unknown> {
    if (call === "make") return this.#make(request);
    const env = request.integer("env");
    const held = this.#held.get(env);
    if (!held)
      throw new InvalidOption(`${call}: there is no environment ${env}; it was closed or never made`);
    switch (call) {
      case "spaces": {
        const { observation_space, action_space } = held.made;
        return { observation_space, action_space };
      }
      case "reset":
        return held.reset(request);
      case "step":
        return held.step(request);
      case "render":
        return held.render();
      case "close":
        this.#held.delete(env);
        held.close();
        return {};
      default:
        throw new ProtocolError(
          `expected the call make, spaces, reset, step, render or close, got "${call}"`,
        );
    }
  }

  async #make(request: Fields): Promise<MadeEnv> {
    const id = request.text("environment");
    const { environments, limits } = this.#options;
    if (!environments.includes(id))
      throw new InvalidOption(`make: expected ${environments.join(", ")}, got ${describe(id)}`);
    const limit = request.get("max_episode_steps") as number | null | undefined;
    const kwargs = camelKeys(plainFromWire(request.record("kwargs")) as Record<string, unknown>);
    const options = { ...kwargs, maxEpisodeSteps: limit };
    const isVector = (request.get("num_envs") ?? null) !== null;
    const count = isVector ? request.integer("num_envs", 1) : 1;
    const used = [...this.#held.values()].reduce((sum, held) => sum + held.count, 0);
    if (used + count > limits.environments) {
      throw new InvalidOption(
        `make: expected at most ${limits.environments} environments of one client, got ${used + count}; close some first`,
      );
    }
    const autoresetMode = (request.get("autoreset_mode") ?? "next-step") as AutoresetMode;
    const held = isVector
      ? new HeldVector(await makeVector(id, options, count, autoresetMode))
      : new HeldEnv(await make(id, options));
    const env = this.#made++;
    this.#held.set(env, held);
    return { env, ...held.made };
  }
}

/** A vector on threads. Environments that a module registered are unknown to those, and are stepped in this thread. */
async function makeVector(
  id: string,
  options: Record<string, unknown>,
  numEnvs: number,
  autoresetMode: AutoresetMode,
): Promise<VectorEnv<TypedArray, unknown>> {
  if (BUILT_IN.has(id))
    return WorkerVectorEnv.create({ id, options }, { numEnvs, autoresetMode, copy: false });
  const envs = [];
  for (let i = 0; i < numEnvs; i++) envs.push((await make(id, options)) as Env<TypedArray, unknown>);
  return new SyncVectorEnv(envs, { autoresetMode, copy: false });
}

const BUILT_IN: ReadonlySet<string> = new Set(registeredIds());

class HeldEnv implements Held {
  readonly count = 1;
  readonly made: Held["made"];
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
    const { spec } = env;
    this.made = {
      observation_space: spaceToWire(env.observationSpace),
      action_space: spaceToWire(env.actionSpace),
      metadata: metadataToWire(env.metadata),
      render_mode: env.renderMode,
      spec: spec && {
        id: spec.id,
        kwargs: snakeKeys(spec.kwargs),
        max_episode_steps: spec.maxEpisodeSteps,
        reward_threshold: spec.rewardThreshold,
      },
      num_envs: null,
    };
  }

  reset(fields: Fields): unknown {
    const options = camelKeys(plainFromWire(fields.record("options")) as Record<string, unknown>);
    const { observation, info } = this.#env.reset({ seed: toSeed(fields.get("seed")), options });
    return { observation: this.#observation(observation), info: snakeKeys(info) };
  }

  step(fields: Fields): unknown {
    const action = actionFromWire(this.#env.actionSpace, fields.get("action"));
    const { observation, info, ...rest } = this.#env.step(action);
    return { ...rest, observation: this.#observation(observation), info: snakeKeys(info) };
  }

  render(): unknown {
    const frame = this.#env.render();
    return { frame: frame && new NdArray("uint8", [frame.height, frame.width, 3], frame.data) };
  }

  close(): void {
    this.#env.close();
  }

  #observation(observation: unknown): unknown {
    return elementToWire(this.#env.observationSpace, observation);
  }
}

class HeldVector implements Held {
  readonly count: number;
  readonly made: Held["made"];
  readonly #env: VectorEnv<TypedArray, unknown>;

  constructor(env: VectorEnv<TypedArray, unknown>) {
    this.#env = env;
    this.count = env.numEnvs;
    this.made = {
      observation_space: spaceToWire(env.singleObservationSpace),
      action_space: spaceToWire(env.singleActionSpace),
      metadata: { render_modes: [], render_fps: 0 },
      render_mode: null,
      spec: null,
      num_envs: env.numEnvs,
    };
  }

  reset(fields: Fields): unknown {
    const seed = fields.get("seed");
    const mask = fields.get("mask") ?? undefined;
    if (mask !== undefined && !(mask instanceof NdArray))
      throw new ProtocolError('message: expected an array as "mask"');
    const { observations, infos } = this.#env.reset({
      seed: Array.isArray(seed) ? seed.map(toSeed) : toSeed(seed),
      mask: mask?.data as Uint8Array | undefined,
      options: camelKeys(plainFromWire(fields.record("options")) as Record<string, unknown>),
    });
    return { observations: this.#observations(observations), infos: this.#infos(infos) };
  }

  step(fields: Fields): unknown {
    const actions = rows(fields.get("actions"), this.#env.singleActionSpace);
    const { observations, rewards, terminations, truncations, infos } = this.#env.step(actions);
    return {
      observations: this.#observations(observations),
      rewards,
      terminations: booleans(terminations),
      truncations: booleans(truncations),
      infos: this.#infos(infos),
    };
  }

  render(): never {
    throw new InvalidOption("render: a vector of environments makes no pictures beside its observations");
  }

  close(): void {
    this.#env.close();
  }

  #observations(observations: TypedArray): NdArray {
    const { dtype, shape } = this.#env.observationSpace;
    return new NdArray(dtype, shape, observations);
  }

  /** The infos, or null if all are empty. Final observations and infos of "same-step" have Gymnasium's names. */
  #infos(infos: readonly Info[]): unknown {
    if (infos.every((info) => Object.keys(info).length === 0)) return null;
    return infos.map(({ finalObs, finalInfo, ...info }) => {
      if (!finalInfo) return snakeKeys(info);
      const final_obs = elementToWire(this.#env.singleObservationSpace, finalObs);
      return { ...snakeKeys(info), final_obs, final_info: snakeKeys(finalInfo as Info) };
    });
  }
}

/** An action. Gymnasium's None, which goes on with the controls of the last step, is null in messages. */
function actionFromWire(space: Space, action: unknown): unknown {
  return action === null ? NO_ACTION : elementFromWire(space, action);
}

/** The actions of a vector: an array whose first axis counts them, or a list. */
function rows(actions: unknown, space: Space): unknown[] {
  if (Array.isArray(actions)) return actions.map((action) => actionFromWire(space, action));
  if (!(actions instanceof NdArray) || actions.shape.length === 0)
    throw new InvalidAction("expected an array or a list of actions, one for each environment");
  const { dtype, shape, data } = actions;
  const [count, ...rest] = shape;
  if (rest.length === 0 && !(space instanceof Box)) return Array.from(data as ArrayLike<number>, Number);
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => {
    const row = data.subarray(i * size, (i + 1) * size);
    return elementFromWire(space, new NdArray(dtype, rest, row));
  });
}

function booleans(values: readonly boolean[]): NdArray {
  return new NdArray("bool", [values.length], Uint8Array.from(values, Number));
}

/** Decimal digits, or hexadecimal ones of a seed that is longer: each of them is another step of the generator's seeding. */
const SEED = /^(\d{1,100}|0x[\da-f]{1,20000})$/;

/** A seed: a whole number, or its digits where JSON would round it. The environment checks the rest. */
function toSeed(seed: unknown): Seed | undefined {
  if (seed === undefined || seed === null) return undefined;
  if (typeof seed === "string" && SEED.test(seed)) return BigInt(seed);
  if (typeof seed === "number" || typeof seed === "bigint") return seed;
  throw new InvalidOption("seed: expected a whole number from 0 up, or its digits");
}
