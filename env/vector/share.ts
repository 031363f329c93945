/** A thread's share of a WorkerVectorEnv: a SyncVectorEnv over some of its environments that works in the shared arrays. */
import { type Env, type Info, NO_ACTION } from "../api.ts";
import { Discrete, type TypedArray } from "../spaces.ts";
import { makeFrom } from "./env-source.ts";
import { SyncVectorEnv } from "./sync.ts";
import {
  type ResetMessage,
  type SharedArrays,
  type ShareOptions,
  TERMINATED,
  TRUNCATED,
} from "./worker-protocol.ts";

/** Some environments of a WorkerVectorEnv, next to each other. */
export class Share {
  readonly #vector: SyncVectorEnv<TypedArray, unknown>;
  readonly #arrays: SharedArrays;
  readonly #first: number;
  readonly #actionSize: number;

  private constructor(envs: Env[], { autoresetMode, first, arrays }: ShareOptions) {
    this.#vector = new SyncVectorEnv(envs as Env<TypedArray, unknown>[], {
      autoresetMode,
      copy: false,
      buffer: arrays.observations,
      byteOffset: (first * arrays.observations.byteLength) / arrays.rewards.length,
    });
    this.#arrays = arrays;
    this.#first = first;
    this.#actionSize = arrays.actions.length / arrays.rewards.length;
  }

  /**
   * Makes the environments.
   * @param made the first of them, if there are some already. Default: none.
   */
  static async create(options: ShareOptions, made: readonly Env[] = []): Promise<Share> {
    const { source, first, end } = options;
    const envs = [...made];
    for (let i = first + made.length; i < end; i++) envs.push(await makeFrom(source, i));
    return new Share(envs, options);
  }

  /** Resets environments. Observations go to the shared arrays. @returns the info of each environment */
  reset(message: ResetMessage): Info[] {
    return this.#vector.reset(message).infos;
  }

  /** Takes the actions from the shared arrays and leaves the results there. @returns the info of each environment */
  step(): Info[] {
    const { actions, rewards, ends } = this.#arrays;
    const size = this.#actionSize;
    const isDiscrete = this.#vector.singleActionSpace instanceof Discrete;
    const own = Array.from({ length: this.#vector.numEnvs }, (_, i) => {
      const at = (this.#first + i) * size;
      if (Number.isNaN(actions[at])) return NO_ACTION; // NO_ACTION_MARK
      // A copy: the next step overwrites the shared one.
      return isDiscrete ? actions[at] : actions.slice(at, at + size);
    });
    const result = this.#vector.step(own);
    rewards.set(result.rewards, this.#first);
    for (let i = 0; i < own.length; i++) {
      const { terminations, truncations } = result;
      ends[this.#first + i] = (terminations[i] ? TERMINATED : 0) | (truncations[i] ? TRUNCATED : 0);
    }
    return result.infos;
  }

  /** Closes the environments. */
  close(): void {
    this.#vector.close();
  }
}
