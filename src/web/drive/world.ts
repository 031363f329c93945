/** The environment that a person drives: the one that `make` gives to everyone, with a recorder around it. */
import { type CarAction, type CarRacing, make } from "../../../env/index.ts";
import { Recorder } from "../../../recordings/recorder.ts";

export interface DriveWorld {
  env: Recorder<Uint8Array, CarAction>;
  /** The same environment without wrappers, for what the page shows beside the observation. */
  car: CarRacing;
}

/** @param maxEpisodeSteps steps after which the episode ends; a scored one has 1000 */
export async function makeWorld(maxEpisodeSteps: number): Promise<DriveWorld> {
  const made = await make("CarRacing-v3", { maxEpisodeSteps });
  const env = new Recorder(made, { driver: { kind: "human", name: "human" } });
  return { env, car: made.unwrapped };
}
