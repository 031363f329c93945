/**
 * The contract of everything that drives: a policy gets an observation and answers with an action. A privileged
 * policy (the expert) also reads the environment that it gets at the start of an episode.
 */
import type { Env } from "../env/api.ts";

/** A driver: chooses an action at every step of an episode. */
export interface Policy<Observation = Uint8Array, Action = ArrayLike<number>> {
  /** A short name for tables and recordings: "expert", "random", a network file's name. */
  readonly name: string;
  /** False if `act` never looks at the observation, so that the environment need not draw it. Default: true. */
  readonly observes?: boolean;
  /**
   * Called once after `env.reset`, before the first `act`.
   * @param env the environment that the episode runs in
   * @param seed the episode's seed, from which a policy draws its own randomness
   */
  reset(env: Env, seed: number | bigint): void;
  /** The action for this observation. For CarRacing: steer [-1, 1], gas [0, 1], brake [0, 1]. Valid until the next call. */
  act(observation: Observation): Action;
}
