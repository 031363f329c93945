/**
 * Drives episodes to record them: one on each seed, into whatever the recorder writes to.
 */

import type { Seed } from "../../env/api.ts";
import { make } from "../../env/index.ts";
import type { Policy } from "../../policies/policy.ts";
import type { Driver, Episode } from "../../recordings/episode.ts";
import { Recorder, type RecordingSink } from "../../recordings/recorder.ts";
import { episodeSteps } from "./steps.ts";

export interface RecordOptions {
  policy: Policy;
  /** Who the recordings say drove. */
  driver: Driver;
  seeds: Iterable<Seed>;
  sink?: RecordingSink;
  /** An episode that is there already and need not be driven again. */
  present?: (seed: Seed) => Episode | undefined;
}

/** The episodes one by one, as they are driven, in the order of the seeds. */
export async function* recordEpisodes({
  policy,
  driver,
  seeds,
  sink,
  present = () => undefined,
}: RecordOptions): AsyncGenerator<Episode, void, undefined> {
  const env = new Recorder(await make("CarRacing-v3"), { driver, sink });
  try {
    for (const seed of seeds) {
      const there = present(seed);
      if (there) {
        yield there;
        continue;
      }
      for (const _ of episodeSteps(env, policy, seed));
      yield env.episode()!;
    }
  } finally {
    env.close();
  }
}
