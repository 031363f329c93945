/** Drives episodes to record them: one on each seed, into memory or whatever the recorder writes to. */
import type { Seed } from "../../env/api.ts";
import type { CarAction, CarRacingOptions } from "../../env/car-racing/car-racing.ts";
import { make } from "../../env/index.ts";
import type { Driver, Episode } from "../../recordings/episode.ts";
import { Recorder, type RecordingSink } from "../../recordings/recorder.ts";
import { asPolicy, episodeSteps, type PolicyOrFunction } from "./steps.ts";

/** Options of `recordEpisodes`. */
export interface RecordOptions {
  /** The driver: any policy, or a plain function from frames to actions. */
  policy: PolicyOrFunction<Uint8Array, CarAction>;
  /** The driver that the recordings name. Default: a policy of the name of `policy`. */
  driver?: Driver;
  /** One episode each, in this order. */
  seeds: Iterable<Seed>;
  /** Options of CarRacing-v3. Default: those of `make`. */
  envOptions?: CarRacingOptions;
  /** Takes the journal of each episode while it is driven, for example a FolderSink. Default: none. */
  sink?: RecordingSink;
  /** Returns the episode of a seed that is there already and need not be driven again. Default: none is there. */
  present?: (seed: Seed) => Episode | undefined;
}

/**
 * Drives CarRacing-v3 and yields the recordings one by one, in the order of the seeds.
 * @throws whatever policy, environment and sink throw
 */
export async function* recordEpisodes(options: RecordOptions): AsyncGenerator<Episode, void, undefined> {
  const { seeds, envOptions, sink, present = () => undefined } = options;
  const policy = asPolicy(options.policy);
  const { driver = { kind: "policy", name: policy.name } } = options;
  const env = new Recorder(await make("CarRacing-v3", envOptions), { driver, sink });
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
