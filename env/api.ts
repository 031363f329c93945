/**
 * Gymnasium's environment contract in TypeScript: what every environment, wrapper and vector environment here
 * offers. Names follow Gymnasium 1.x in camelCase; a tuple that Python returns is an object with named fields.
 */
import type { Seed } from "./random.ts";
import type { Space } from "./spaces.ts";

export type { Seed };

/** Auxiliary facts of a step or reset; never part of the observation. */
export type Info = Record<string, unknown>;

export interface ResetOptions {
  /** Starts the random generator anew. Without it the generator goes on from where it is. */
  seed?: Seed | undefined;
  /** What the environment documents, for example `{ randomize: false }` of CarRacing. */
  options?: Record<string, unknown> | undefined;
}

export interface ResetResult<Observation> {
  observation: Observation;
  info: Info;
}

export interface StepResult<Observation> {
  observation: Observation;
  reward: number;
  /** The task itself ended: lap finished, or car off the playfield. */
  terminated: boolean;
  /** Something outside of the task ended the episode: a time limit. */
  truncated: boolean;
  info: Info;
}

/** A picture: row-major RGB bytes. */
export interface Frame {
  width: number;
  height: number;
  /** `width * height * 3` bytes. */
  data: Uint8Array;
}

export interface Metadata {
  renderModes: readonly string[];
  /** Frames a second at which the episode runs in real time. */
  renderFps: number;
}

/** How an environment was made: enough to make it again (`gymnasium.envs.registration.EnvSpec`). */
export interface EnvSpec {
  id: string;
  kwargs: Record<string, unknown>;
  /** Steps after which `TimeLimit` truncates; null for none. */
  maxEpisodeSteps: number | null;
  /** Reward at which the task counts as solved, or null. */
  rewardThreshold: number | null;
}

/**
 * Takes the place of an action: the step goes on with the controls of the last one and earns nothing, as
 * `CarRacing.step(None)` does in Gymnasium. CarRacing takes it; `null` stays an error, because it is a slip more often.
 */
export const NO_ACTION: unique symbol = Symbol("no action");

export interface Env<Observation = unknown, Action = unknown> {
  readonly observationSpace: Space<Observation>;
  readonly actionSpace: Space<Action>;
  readonly metadata: Metadata;
  readonly renderMode: string | null;
  readonly spec: EnvSpec | null;
  /** The environment under all wrappers. */
  readonly unwrapped: Env;

  /** Begins an episode. The observation is the caller's to keep. */
  reset(options?: ResetOptions): ResetResult<Observation>;
  /** Advances one step. Throws `ResetNeeded` before the first reset and `InvalidAction` on an action outside the contract. */
  step(action: Action): StepResult<Observation>;
  /** The picture of the present state in the render mode chosen at `make`, or null without one. */
  render(): Frame | null;
  /** Frees what the environment holds. Every later call throws `ClosedEnvironment`; closing twice does nothing. */
  close(): void;
}
