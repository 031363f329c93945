/**
 * The loop that bench/env.ts times, and a thread that runs it by itself: it takes names of golden episodes and answers
 * with steps a second.
 */
import { isMainThread, parentPort } from "node:worker_threads";
import type { CarRacing } from "../env/car-racing/car-racing.ts";
import { type Env, make } from "../env/index.ts";
import { type GoldenEpisode, loadGolden } from "../test/golden.ts";

/** Repetitions of an episode within one measurement; one alone would be short beside the references'. */
export const REPEATS = { frames: 5, physics: 40, vector: 3 };

/** Steps a second of one environment that repeats an episode's actions. Resets are not timed. */
export function stepRate(
  env: Pick<Env<Uint8Array, Parameters<CarRacing["step"]>[0]>, "reset" | "step">,
  golden: GoldenEpisode,
  repeats: number,
): number {
  let steps = 0;
  let time = 0;
  const actions = Array.from({ length: golden.steps }, (_, k) => golden.action(k));
  for (let repeat = 0; repeat < repeats; repeat++) {
    env.reset({ seed: golden.seed });
    const begin = performance.now();
    for (const action of actions) {
      env.step(action);
      steps++;
    }
    time += performance.now() - begin;
  }
  return (steps / time) * 1000;
}

if (!isMainThread) {
  const env = await make("CarRacing-v3", { reuseObservations: true });
  parentPort!.on("message", (name: string) =>
    parentPort!.postMessage(stepRate(env, loadGolden(name), REPEATS.frames)),
  );
}
