/**
 * The contract of vector environments (`gymnasium.vector.VectorEnv`): several environments stepped as one, their
 * observations behind each other in one array. `SyncVectorEnv` steps them one after another, `WorkerVectorEnv` on
 * threads; for the same seeds and actions both return the same.
 */
import { type Info, NO_ACTION, type ResetOptions, type Seed } from "../api.ts";
import { describe } from "../describe.ts";
import { InvalidAction, InvalidOption, ResetNeeded } from "../errors.ts";
import { checkSeed } from "../random.ts";
import { checkResetArguments } from "../reset-arguments.ts";
import { Box, type Space, type TypedArray } from "../spaces.ts";
import { areNumbers } from "../wrappers/box-actions.ts";

/**
 * What happens at the end of an episode (`gymnasium.vector.AutoresetMode`). "next-step": the next step resets and
 * ignores its action. "same-step": the same step resets; what it would have returned is in `info.finalObs`
 * and `info.finalInfo`. "disabled": the caller resets, with a mask.
 */
export type AutoresetMode = "next-step" | "same-step" | "disabled";
const AUTORESET_MODES: readonly AutoresetMode[] = ["next-step", "same-step", "disabled"];

export interface VectorOptions {
  /** Default "next-step", as Gymnasium's. */
  autoresetMode?: AutoresetMode;
  /**
   * Whether `reset` and `step` return copies of the observations (the default), or the same array each time, which
   * the next call overwrites.
   */
  copy?: boolean;
}

export interface VectorResetOptions extends Omit<ResetOptions, "seed"> {
  /** One seed for each environment, or one from which they count up: seed, seed + 1, …. */
  seed?: Seed | readonly (Seed | undefined)[];
  /** Which environments to reset; the others' observations stay. Left out: all. */
  mask?: ArrayLike<boolean | number>;
}

export interface VectorResetResult<Observation> {
  /** [n, ...shape]: the caller's to keep, unless `copy` is false. */
  observations: Observation;
  infos: Info[];
}

export interface VectorStepResult<Observation> extends VectorResetResult<Observation> {
  rewards: Float64Array;
  terminations: boolean[];
  truncations: boolean[];
}

export interface VectorEnv<Observation extends TypedArray, Action> {
  readonly numEnvs: number;
  readonly singleObservationSpace: Box;
  /** Of all observations: [n, ...shape]. */
  readonly observationSpace: Box;
  readonly singleActionSpace: Space<Action>;
  readonly autoresetMode: AutoresetMode;
  reset(options?: VectorResetOptions): VectorResetResult<Observation>;
  /** @param actions one for each environment */
  step(actions: ArrayLike<Action>): VectorStepResult<Observation>;
  close(): void;
}

/** The options with their defaults. @throws {@link InvalidOption} on an autoreset mode that there is not */
export function vectorOptions(
  owner: string,
  { autoresetMode = "next-step", copy = true }: VectorOptions,
): Required<VectorOptions> {
  if (AUTORESET_MODES.includes(autoresetMode)) return { autoresetMode, copy };
  const known = AUTORESET_MODES.map((name) => `"${name}"`).join(", ");
  throw new InvalidOption(`${owner}: expected autoresetMode ${known}, got "${autoresetMode}"`);
}

/** The space of `count` observations of a space. */
export function batchSpace({ low, high, shape, size, dtype }: Box, count: number): Box {
  const repeated = (bound: TypedArray) => Array.from({ length: count * size }, (_, i) => bound[i % size]);
  return new Box({ low: repeated(low), high: repeated(high), shape: [count, ...shape], dtype });
}

/** The seed of each environment. @throws {@link InvalidOption} on a wrong one, before any environment is reset */
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

/** @throws {@link InvalidOption} on arguments of another form; {@link ResetNeeded} on a mask at the first reset */
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
 * Before any environment is stepped, so that a wrong action leaves all of them where they are. What lies outside of a
 * Box's bounds is for the environment to judge.
 * @param ended where episodes have ended, in a vector that does not reset by itself
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
