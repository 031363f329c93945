/** What bench/env.ts and its threads time: a recorded drive, over and over. */
import type { CarRacing } from "../env/car-racing/car-racing.ts";
import type { Env } from "../env/index.ts";
import type { GoldenEpisode } from "../test/golden.ts";

/** Steps a second of one environment over a drive; resets are not timed. */
export function drive(
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
