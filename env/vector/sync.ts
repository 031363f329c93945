/**
 * Several environments stepped one after another as one (`gymnasium.vector.SyncVectorEnv`). Observations lie behind
 * each other in one array; infos stay a list, one for each environment.
 */
import type { Env, Info, ResetOptions, Seed } from "../api.ts";
import { InvalidAction, InvalidOption, ResetNeeded } from "../errors.ts";
import { Box, type Space, type TypedArray } from "../spaces.ts";
import { boxObservations, emptyLike } from "../wrappers/array-observations.ts";

/**
 * What happens at the end of an episode (`gymnasium.vector.AutoresetMode`). "next-step": the next step resets and
 * ignores its action. "same-step": the same step resets; what it would have returned is in `info.finalObservation`
 * and `info.finalInfo`. "disabled": the caller resets, with a mask.
 */
export type AutoresetMode = "next-step" | "same-step" | "disabled";
const AUTORESET_MODES: readonly AutoresetMode[] = ["next-step", "same-step", "disabled"];

export interface VectorResetOptions extends Omit<ResetOptions, "seed"> {
  /** One seed for each environment, or one from which they count up: seed, seed + 1, …. */
  seed?: Seed | readonly (Seed | undefined)[];
  /** Which environments to reset; the others' observations stay. Left out: all. */
  mask?: ArrayLike<boolean | number>;
}

export interface VectorResetResult<Observation> {
  /** [n, ...shape]: the caller's to keep. */
  observations: Observation;
  infos: Info[];
}

export interface VectorStepResult<Observation> extends VectorResetResult<Observation> {
  rewards: Float64Array;
  terminations: boolean[];
  truncations: boolean[];
}

export class SyncVectorEnv<Observation extends TypedArray, Action> {
  readonly envs: readonly Env<Observation, Action>[];
  readonly numEnvs: number;
  readonly singleObservationSpace: Box;
  readonly observationSpace: Box;
  readonly singleActionSpace: Space<Action>;
  readonly autoresetMode: AutoresetMode;
  #observations: Observation | null = null;
  readonly #ended: boolean[];

  /** @param envs at least one, all of equal observation and action spaces */
  constructor(
    envs: readonly Env<Observation, Action>[],
    { autoresetMode = "next-step" }: { autoresetMode?: AutoresetMode } = {},
  ) {
    if (envs.length === 0) throw new InvalidOption("SyncVectorEnv: expected at least one environment");
    if (!AUTORESET_MODES.includes(autoresetMode)) {
      throw new InvalidOption(
        `SyncVectorEnv: expected autoresetMode ${AUTORESET_MODES.map((mode) => `"${mode}"`).join(", ")}, got "${autoresetMode}"`,
      );
    }
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
    this.autoresetMode = autoresetMode;
    this.singleActionSpace = first.actionSpace;
    this.singleObservationSpace = boxObservations("SyncVectorEnv", first);
    const { low, high, shape, size, dtype } = this.singleObservationSpace;
    const repeated = (bound: TypedArray) =>
      Array.from({ length: envs.length * size }, (_, i) => bound[i % size]);
    this.observationSpace = new Box({
      low: repeated(low),
      high: repeated(high),
      shape: [envs.length, ...shape],
      dtype,
    });
    this.#ended = envs.map(() => false);
  }

  reset({ seed, mask, options }: VectorResetOptions = {}): VectorResetResult<Observation> {
    const seeds = this.#seeds(seed);
    if (mask && mask.length !== this.numEnvs) {
      throw new InvalidOption(`reset: expected a mask of ${this.numEnvs}, got ${mask.length}`);
    }
    if (mask && !this.#observations) throw new ResetNeeded("reset: call reset() without a mask first");
    const infos = this.envs.map((env, i): Info => {
      if (mask && !mask[i]) return {};
      const { observation, info } = env.reset({ seed: seeds[i], options });
      this.#keep(i, observation);
      this.#ended[i] = false;
      return info;
    });
    return { observations: this.#copy(), infos };
  }

  /** @param actions one for each environment */
  step(actions: ArrayLike<Action>): VectorStepResult<Observation> {
    if (!this.#observations) throw new ResetNeeded("step: call reset() first");
    if (actions?.length !== this.numEnvs) {
      throw new InvalidAction(
        `expected ${this.numEnvs} actions, one for each environment, got ${actions?.length}`,
      );
    }
    const ended = this.#ended.indexOf(true);
    if (this.autoresetMode === "disabled" && ended >= 0) {
      throw new ResetNeeded(`step: environment ${ended} has ended; reset it with a mask first`);
    }
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
        const next = env.reset();
        this.#keep(i, next.observation);
        return { ...next.info, finalObservation: observation, finalInfo: info };
      }
      this.#keep(i, observation);
      this.#ended[i] = terminated || truncated;
      return info;
    });
    return { observations: this.#copy(), rewards, terminations, truncations, infos };
  }

  close(): void {
    for (const env of this.envs) env.close();
  }

  #seeds(seed: VectorResetOptions["seed"]): readonly (Seed | undefined)[] {
    if (seed === undefined) return this.envs.map(() => undefined);
    if (typeof seed === "bigint") return this.envs.map((_, i) => seed + BigInt(i));
    if (typeof seed === "number") return this.envs.map((_, i) => seed + i);
    if (seed.length === this.numEnvs) return seed;
    throw new InvalidOption(`reset: expected ${this.numEnvs} seeds, got ${seed.length}`);
  }

  #keep(i: number, observation: Observation): void {
    this.#observations ??= emptyLike(observation, this.observationSpace.size);
    this.#observations.set(observation, i * this.singleObservationSpace.size);
  }

  #copy(): Observation {
    return this.#observations?.slice() as Observation;
  }
}
