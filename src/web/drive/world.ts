/** The environment that a person drives: the one that `make` gives to everyone, with a recorder around it. */
import {
  type CarAction,
  type CarRacing,
  type CarRacingEnv,
  type EnvSpec,
  make,
  Wrapper,
} from "../../../env/index.ts";
import { Recorder } from "../../../recordings/recorder.ts";

export interface DriveWorld {
  env: Recorder<Uint8Array, CarAction>;
  /** The same environment without wrappers, for what the page shows beside the observation. */
  car: CarRacing;
}

/** @param maxEpisodeSteps steps after which the episode ends; a scored one has 1000 */
export async function makeWorld(maxEpisodeSteps: number): Promise<DriveWorld> {
  const made: CarRacingEnv = await make("CarRacing-v3", { maxEpisodeSteps });
  const env = new Recorder(new LimitInKwargs(made), { driver: { kind: "human", name: "human" } });
  return { env, car: made.unwrapped };
}

/** Names the step limit among the arguments of `make`, which a recording keeps, so that a longer drive replays whole. */
class LimitInKwargs extends Wrapper<Uint8Array, CarAction> {
  override get spec(): EnvSpec {
    const spec = super.spec!;
    return { ...spec, kwargs: { ...spec.kwargs, maxEpisodeSteps: spec.maxEpisodeSteps } };
  }
}
