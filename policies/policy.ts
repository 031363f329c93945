/**
 * The contract of everything that drives: a policy sees an observation and answers with an action. A privileged
 * policy (the expert) also looks into the environment it is given at the start of an episode.
 */
import type { Env } from "../env/api.ts";

export interface Policy<Observation = Uint8Array, Action = ArrayLike<number>> {
  /** A short name for tables and recordings: "expert", "random", a network file's name. */
  readonly name: string;
  /** False when `act` never looks at the observation: the environment then need not draw it. */
  readonly observes?: boolean;
  /** Called once after `env.reset`, before the first `act`. */
  reset(env: Env, seed: number | bigint): void;
  /** The action for this observation. For CarRacing: steer [-1, 1], gas [0, 1], brake [0, 1]. Valid until the next call. */
  act(observation: Observation): Action;
}
