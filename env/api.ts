/**
 * Gymnasium's environment contract in TypeScript, which every environment and wrapper keeps. Names follow Gymnasium 1.x
 * in camelCase, and a tuple that Python returns is an object with named fields.
 */
import type { Seed } from "./random.ts";
import type { Space } from "./spaces.ts";

export type { Seed };

/** Auxiliary facts of a step or reset; never part of the observation. */
export type Info = Record<string, unknown>;

/** Arguments of {@link Env.reset}. */
export interface ResetOptions {
  /** Seed with which the random generator begins anew. Default: the generator goes on from where it is. */
  seed?: Seed | undefined;
  /** Options that the environment documents, for example `{ randomize: false }` of CarRacing. Default: none. */
  options?: Record<string, unknown> | undefined;
}

/** The result of {@link Env.reset}. */
export interface ResetResult<Observation, Details extends Info = Info> {
  /** The first observation of the episode. */
  observation: Observation;
  /** Auxiliary facts. */
  info: Details;
}

/** The result of {@link Env.step}. */
export interface StepResult<Observation, Details extends Info = Info> {
  /** The observation after the step. */
  observation: Observation;
  /** The reward of this step. */
  reward: number;
  /** True if the task itself ended the episode: lap finished, or car off the playfield. */
  terminated: boolean;
  /** True if something outside of the task ended the episode: a time limit. */
  truncated: boolean;
  /** Auxiliary facts. */
  info: Details;
}

/** A picture: row-major RGB bytes. */
export interface Frame {
  /** Pixels a row. */
  width: number;
  /** Number of rows. */
  height: number;
  /** `width * height * 3` bytes. */
  data: Uint8Array;
}

/** Facts that hold for every episode of an environment. */
export interface Metadata {
  /** Render modes that the environment can be made with. */
  renderModes: readonly string[];
  /** Steps a second at which the episode runs in real time. */
  renderFps: number;
}

/** Record of how an environment was made, enough to make it again (`gymnasium.envs.registration.EnvSpec`). */
export interface EnvSpec {
  /** Id in the registry. */
  id: string;
  /** Options that the environment was made with. */
  kwargs: Record<string, unknown>;
  /** Steps after which `TimeLimit` truncates; null for none. */
  maxEpisodeSteps: number | null;
  /** Reward at which the task counts as solved, or null. */
  rewardThreshold: number | null;
}

/**
 * Takes the place of an action: the step goes on with the controls of the last one and earns nothing, as
 * `CarRacing.step(None)` does in Gymnasium. CarRacing takes it (`env.unwrapped.step(NO_ACTION)`, or as an element of a
 * vector's actions); `null` stays an error, because it is a slip more often.
 */
export const NO_ACTION: unique symbol = Symbol("no action");

/**
 * An environment that takes actions of type `Action`, perhaps among others: CarRacing takes arrays of three numbers, and
 * single numbers when it is discrete. Wrappers that give actions of one type to the environment inside ask for this.
 */
export interface EnvTaking<Observation = unknown, Action = unknown, Details extends Info = Info> {
  /** Space of the observations. */
  readonly observationSpace: Space<Observation>;
  /** Space of all actions that the environment takes. */
  readonly actionSpace: Space;
  /** Facts that hold for every episode. */
  readonly metadata: Metadata;
  /** The render mode chosen at `make`, or null. */
  readonly renderMode: string | null;
  /** Record of the call of `make` that made the environment; null if it was made otherwise. */
  readonly spec: EnvSpec | null;
  /** The environment under all wrappers. */
  readonly unwrapped: Env;

  /**
   * Begins an episode. The observation is the caller's to keep.
   * @throws {@link InvalidOption} on a seed that is no whole number from 0 up, and on options that there are not
   * @throws {@link ClosedEnvironment} after `close`
   */
  reset(options?: ResetOptions): ResetResult<Observation, Details>;
  /**
   * Advances one step.
   * @throws {@link ResetNeeded} before the first reset
   * @throws {@link InvalidAction} on an action that the environment does not take
   * @throws {@link ClosedEnvironment} after `close`
   */
  step(action: Action): StepResult<Observation, Details>;
  /**
   * The picture of the present state in the render mode chosen at `make`, or null without one.
   * @throws {@link ResetNeeded} before the first reset
   */
  render(): Frame | null;
  /** Frees what the environment holds. Every later call throws {@link ClosedEnvironment}; closing twice does nothing. */
  close(): void;
}

/**
 * Every environment, wrapped or not (`gymnasium.Env`).
 * @typeParam Details type of the infos, where it is known: `make("CarRacing-v3", { infoExtras: true })`
 */
export interface Env<Observation = unknown, Action = unknown, Details extends Info = Info>
  extends EnvTaking<Observation, Action, Details> {
  /** Space of the actions. */
  readonly actionSpace: Space<Action>;
}
