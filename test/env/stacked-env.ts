/** Environments for workers.test.ts: CarRacing in wrappers, with short episodes of different lengths. */
import type { Env } from "../../env/api.ts";
import { FrameStack, GrayscaleObservation, make, RecordEpisodeStatistics } from "../../env/index.ts";

export default async function makeStacked(index: number): Promise<Env> {
  const env = await make("CarRacing-v3", { maxEpisodeSteps: 12 + 5 * index, reuseObservations: true });
  return new RecordEpisodeStatistics(new FrameStack(new GrayscaleObservation(env), 2)) as unknown as Env;
}
