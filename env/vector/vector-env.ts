/**
 * The contract of vector environments (`gymnasium.vector.VectorEnv`): several environments stepped as one, with their
 * observations behind each other in one array. `SyncVectorEnv` steps them one after another, `WorkerVectorEnv` on
 * threads, `RemoteVectorEnv` behind a server; all return the same for the same seeds and actions.
 */
import { type Info, NO_ACTION, type ResetOptions, type Seed } from "../api.ts";
import { describe } from "../describe.ts";
import { InvalidAction, InvalidOption, ResetNeeded } from "../errors.ts";
import { checkSeed } from "../random.ts";
import { checkResetArguments } from "../reset-arguments.ts";
import { Box, type Space, type TypedArray } from "../spaces.ts";
import { areNumbers } from "../wrappers/box-actions.ts";

/**
 * The rule for the end of an episode (`gymnasium.vector.AutoresetMode`). "next-step": the next step resets and ignores
 * its action. "same-step": the same step resets, and keeps the episode's last observation and info in `info.finalObs`
 * and `info.finalInfo`. "disabled": the caller resets, with a mask.
 */
export type AutoresetMode = "next-step" | "same-step" | "disabled";
const AUTORESET_MODES: readonly AutoresetMode[] = ["next-step", "same-step", "disabled"];

/** Options of every vector. */
export interface VectorOptions {
  /** The rule for the end of an episode. Default: "next-step", as in Gymnasium. */
  autoresetMode?: AutoresetMode;
  /**
   * True if `reset` and `step` return copies of the observations; false if they return the same array each time, which
   * the next call overwrites. Default: true.
   */
  copy?: boolean;
}

/** Arguments of {@link VectorEnv.reset}. */
export interface VectorResetOptions extends Omit<ResetOptions, "seed"> {
  /** One seed for each environment, or one from which they count up: seed, seed + 1, …. Default: generators go on. */
  seed?: Seed | readonly (Seed | undefined)[];
  /** True for each environment to reset; the observations of the others stay. Default: all. */
  mask?: ArrayLike<boolean | number>;
}

/** The result of {@link VectorEnv.reset}. */
export interface VectorResetResult<Observation> {
  /** Observations of all environments, [n, ...shape]; the caller's to keep, unless `copy` is false. */
  observations: Observation;
  /** Info of each environment. */
  infos: Info[];
}

/** The result of {@link VectorEnv.step}. */
export interface VectorStepResult<Observation> extends VectorResetResult<Observation> {
  /** Reward of each environment. */
  rewards: Float64Array;
  /** True for each environment whose task ended. */
  terminations: boolean[];
  /** True for each environment whose episode was cut off, such as by a time limit. */
  truncations: boolean[];
}

/** Several environments stepped as one (`gymnasium.vector.VectorEnv`). */
export interface VectorEnv<Observation extends TypedArray, Action> {
  /** Number of environments. */
  readonly numEnvs: number;
  /** Space of one environment's observations. */
  readonly singleObservationSpace: Box;
  /** Space of all observations: [n, ...shape]. */
  readonly observationSpace: Box;
  /** Space of one environment's actions. */
  readonly singleActionSpace: Space<Action>;
  /** The rule for the end of an episode. */
  readonly autoresetMode: AutoresetMode;
  /**
   * Begins episodes.
   * @throws {@link InvalidOption} on a wrong seed or mask, before any environment is reset
   * @throws {@link ResetNeeded} on a mask at the first reset
   */
  reset(options?: VectorResetOptions): VectorResetResult<Observation>;
  /**
   * Advances every environment one step.
   * @param actions one action for each environment
   * @throws {@link InvalidAction} on a wrong action, before any environment is stepped
   * @throws {@link ResetNeeded} before the first reset
   */
  step(actions: ArrayLike<Action>): VectorStepResult<Observation>;
  /** Closes every environment. Closing twice does nothing. */
  close(): void;
}

/**
 * The options with their defaults.
 * @param owner name of the vector's class, for the error
 * @throws {@link InvalidOption} on an unknown autoreset mode
 */
export function vectorOptions(
  owner: string,
  { autoresetMode = "next-step", copy = true }: VectorOptions,
): Required<VectorOptions> {
  if (AUTORESET_MODES.includes(autoresetMode)) return { autoresetMode, copy };
  const known = AUTORESET_MODES.map((name) => `"${name}"`).join(", ");
  throw new InvalidOption(`${owner}: expected autoresetMode ${known}, got ${describe(autoresetMode)}`);
}

/** The space of `count` observations of a space. */
export function batchSpace({ low, high, shape, size, dtype }: Box, count: number): Box {
  const repeated = (bound: TypedArray) => Array.from({ length: count * size }, (_, i) => bound[i % size]);
  return new Box({ low: repeated(low), high: repeated(high), shape: [count, ...shape], dtype });
}

/** The seed of each environment. @throws {@link InvalidOption} on a wrong one */
export function spreadSeeds(seed: VectorResetOptions["seed"], count: number): readonly (Seed | undefined)[] {
  if (seed !== undefined && typeof seed !== "number" && typeof seed !== "bigint") {
    if (seed?.length === count) {
      for (const one of seed) if (one !== undefined) checkSeed(one);
      return seed;
    }
    throw new InvalidOption(`reset: expected a seed or ${count} seeds, got ${seed?.length ?? seed}`);
  }
  if (seed !== undefined) checkSeed(seed);
  return Array.from({ length: count }, (_, i) => {
    if (seed === undefined) return undefined;
    return typeof seed === "bigint" ? seed + BigInt(i) : seed + i;
  });
}

/**
 * Checks the arguments of a reset, but for the seeds.
 * @throws {@link InvalidOption} on arguments of another form
 * @throws {@link ResetNeeded} on a mask at the first reset
 */
export function checkVectorReset(
  given: VectorResetOptions,
  count: number,
  wasReset: boolean,
): VectorResetOptions {
  const { mask } = checkResetArguments(given, ["seed", "mask", "options"]);
  if (mask && (typeof mask !== "object" || mask.length !== count)) {
    throw new InvalidOption(`reset: expected a mask of ${count}, got ${describe(mask)}`);
  }
  if (mask && !wasReset) throw new ResetNeeded("reset: call reset() without a mask first");
  return given;
}

/**
 * Checks the actions of a step before any environment is stepped, so that a wrong one leaves all of them where they are.
 * Bounds of a Box are not checked: environments may take actions beyond them.
 * @param ended which episodes have ended, in a vector that does not reset by itself
 * @throws {@link ResetNeeded} before the first reset, or where an episode has ended
 * @throws {@link InvalidAction} on another number of actions, or on one that is no action
 */
export function checkStep(
  actions: ArrayLike<unknown>,
  {
    numEnvs,
    singleActionSpace: space,
  }: Pick<VectorEnv<TypedArray, unknown>, "numEnvs" | "singleActionSpace">,
  wasReset: boolean,
  ended: readonly boolean[],
): void {
  if (!wasReset) throw new ResetNeeded("step: call reset() first");
  if (actions?.length !== numEnvs) {
    throw new InvalidAction(`expected ${numEnvs} actions, one for each environment, got ${actions?.length}`);
  }
  const over = ended.indexOf(true);
  if (over >= 0) throw new ResetNeeded(`step: environment ${over} has ended; reset it with a mask first`);
  for (let i = 0; i < numEnvs; i++) {
    const action = actions[i];
    if (action === NO_ACTION) continue;
    if (space instanceof Box ? areNumbers(action, space.size) : space.contains(action)) continue;
    const expected = space instanceof Box ? `${space.size} numbers` : `an action in ${space}`;
    throw new InvalidAction(`expected ${expected} for environment ${i}, got ${describe(action)}`);
  }
}
