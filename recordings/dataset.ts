/**
 * Recordings as a dataset of (observation, action) pairs. A frame is 27 kB and its action 12 bytes, so frames are
 * made on the fly by replaying (thousands a second) and a dataset of any length fits in memory.
 */
import type { Env } from "../env/api.ts";
import type { Episode } from "./episode.ts";
import { makeRecordedEnv, type ReplayStep, replay } from "./player.ts";

/** A step of some episode of a dataset. */
export interface Sample<Observation, Action> extends ReplayStep<Observation, Action> {
  /** The episode that the step is of. */
  episode: Episode;
}

/** Steps of all episodes together; each step has one frame. */
export function totalFrames(episodes: readonly Episode[]): number {
  return episodes.reduce((sum, episode) => sum + episode.rewards.length, 0);
}

/**
 * Every step of every episode, in order, verified as it is replayed. Episodes of one kind share an environment.
 * @throws ReplayMismatch at the first step of a recording that does not replay
 */
export async function* samples<Observation = Uint8Array, Action = Float32Array>(
  episodes: Iterable<Episode>,
): AsyncGenerator<Sample<Observation, Action>, void, undefined> {
  const envs = new Map<string, Env<Observation, Action>>();
  try {
    for (const episode of episodes) {
      const key = JSON.stringify(episode.environment);
      let env = envs.get(key);
      if (!env) envs.set(key, (env = await makeRecordedEnv<Observation, Action>(episode)));
      for (const step of replay(episode, env)) yield { ...step, episode };
    }
  } finally {
    for (const env of envs.values()) env.close();
  }
}
