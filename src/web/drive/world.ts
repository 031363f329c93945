/** The environment that is driven: the one that `make` gives to everyone, with a recorder around it. */
import { type CarAction, type CarRacing, type Env, InvalidOption, make } from "../../../env/index.ts";
import type { Driver, Episode } from "../../../recordings/episode.ts";
import { makeRecordedEnv } from "../../../recordings/player.ts";
import { Recorder } from "../../../recordings/recorder.ts";

export interface DriveWorld {
  env: Recorder<Uint8Array, CarAction>;
  /** The same environment without wrappers, for what the page shows beside the observation. */
  car: CarRacing;
  /** What each reset is given beside the seed. */
  options: Record<string, unknown>;
}

/** @param maxEpisodeSteps steps after which the episode ends; a scored one has 1000 */
export async function makeWorld(maxEpisodeSteps: number): Promise<DriveWorld> {
  return wrap(await make("CarRacing-v3", { maxEpisodeSteps }), { kind: "human", name: "human" }, {});
}

/**
 * The world of a recording.
 * @throws InvalidOption when it is not of CarRacing with steer, gas and brake
 */
export async function makeRecordedWorld(episode: Episode): Promise<DriveWorld> {
  if (episode.environment.id !== "CarRacing-v3" || episode.form.type !== "float32")
    throw new InvalidOption("this page replays recordings of CarRacing-v3 with steer, gas and brake only");
  return wrap(await makeRecordedEnv<Uint8Array, CarAction>(episode), episode.driver, episode.options);
}

function wrap(made: Env<Uint8Array, CarAction>, driver: Driver, options: DriveWorld["options"]): DriveWorld {
  return { env: new Recorder(made, { driver }), car: made.unwrapped as CarRacing, options };
}
