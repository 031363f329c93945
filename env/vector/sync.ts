/**
 * Several environments stepped one after another as one (`gymnasium.vector.SyncVectorEnv`). Observations lie behind each
 * other in one array; infos are a list, one for each environment.
 */
import type { Env, Info } from "../api.ts";
import { InvalidOption } from "../errors.ts";
import type { Box, Space, TypedArray } from "../spaces.ts";
import { arrayOf, boxObservations } from "../wrappers/array-observations.ts";
import {
  type AutoresetMode,
  batchSpace,
  checkStep,
  checkVectorReset,
  spreadSeeds,
  type VectorEnv,
  type VectorOptions,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
  vectorOptions,
} from "./vector-env.ts";

/** Options of {@link SyncVectorEnv}. */
export interface SyncVectorOptions extends VectorOptions {
  /** Memory for the observations. Default: the vector's own. */
  buffer?: ArrayBufferLike;
  /** Offset of the observations in `buffer`, bytes. Default: 0. */
  byteOffset?: number;
}

/**
 * `gymnasium.vector.SyncVectorEnv`: takes a list of `numEnvs` actions; observations are one array of shape
 * [numEnvs, …], rewards and ends are arrays of numEnvs, infos a list.
 */
export class SyncVectorEnv<Observation extends TypedArray, Action> implements VectorEnv<Observation, Action> {
  /** The environments, in the order of their observations. */
  readonly envs: readonly Env<Observation, Action>[];
  readonly numEnvs: number;
  readonly singleObservationSpace: Box;
  readonly observationSpace: Box;
  readonly singleActionSpace: Space<Action>;
  readonly autoresetMode: AutoresetMode;
  readonly #copies: boolean;
  readonly #observations: Observation;
  #wasReset = false;
  readonly #ended: boolean[];

  /**
   * @param envs environments of equal observation and action spaces, at least one
   * @throws {@link InvalidOption} on none, on spaces that differ and on observations that are not arrays
   */
  constructor(envs: readonly Env<Observation, Action>[], options: SyncVectorOptions = {}) {
    const { autoresetMode, copy } = vectorOptions("SyncVectorEnv", options);
    if (envs.length === 0) throw new InvalidOption("SyncVectorEnv: expected at least one environment");
    this.autoresetMode = autoresetMode;
    const [first] = envs;
    for (const env of envs) {
      const same =
        String(env.observationSpace) === String(first.observationSpace) &&
        String(env.actionSpace) === String(first.actionSpace);
      if (!same) {
        throw new InvalidOption(
          `SyncVectorEnv: expected equal spaces, got ${env.observationSpace}, ${env.actionSpace} beside ${first.observationSpace}, ${first.actionSpace}`,
        );
      }
    }
    this.envs = envs;
    this.numEnvs = envs.length;
    this.singleActionSpace = first.actionSpace;
    this.singleObservationSpace = boxObservations("SyncVectorEnv", first);
    this.observationSpace = batchSpace(this.singleObservationSpace, envs.length);
    this.#copies = copy;
    this.#observations = arrayOf<Observation>(this.observationSpace, options.buffer, options.byteOffset);
    this.#ended = envs.map(() => false);
  }

  reset(given: VectorResetOptions = {}): VectorResetResult<Observation> {
    const { seed, mask, options } = checkVectorReset(given, this.numEnvs, this.#wasReset);
    const seeds = spreadSeeds(seed, this.numEnvs);
    const infos = this.envs.map((env, i): Info => {
      if (mask && !mask[i]) return {};
      const { observation, info } = env.reset({ seed: seeds[i], options });
      this.#keep(i, observation);
      this.#ended[i] = false;
      return info;
    });
    this.#wasReset = true;
    return { observations: this.#result(), infos };
  }

  step(actions: ArrayLike<Action>): VectorStepResult<Observation> {
    const ended = this.autoresetMode === "disabled" ? this.#ended : [];
    checkStep(actions, this, this.#wasReset, ended);
    const rewards = new Float64Array(this.numEnvs);
    const terminations = this.envs.map(() => false);
    const truncations = this.envs.map(() => false);
    const infos = this.envs.map((env, i): Info => {
      if (this.#ended[i]) {
        const { observation, info } = env.reset();
        this.#keep(i, observation);
        this.#ended[i] = false;
        return info;
      }
      const { observation, reward, terminated, truncated, info } = env.step(actions[i]);
      rewards[i] = reward;
      terminations[i] = terminated;
      truncations[i] = truncated;
      if (this.autoresetMode === "same-step" && (terminated || truncated)) {
        const finalObs = observation.slice(); // the environment may draw into the same array again
        const next = env.reset();
        this.#keep(i, next.observation);
        return { ...next.info, finalObs, finalInfo: info };
      }
      this.#keep(i, observation);
      this.#ended[i] = terminated || truncated;
      return info;
    });
    return { observations: this.#result(), rewards, terminations, truncations, infos };
  }

  close(): void {
    for (const env of this.envs) env.close();
  }

  #keep(i: number, observation: Observation): void {
    this.#observations.set(observation, i * this.singleObservationSpace.size);
  }

  #result(): Observation {
    return this.#copies ? (this.#observations.slice() as Observation) : this.#observations;
  }
}
