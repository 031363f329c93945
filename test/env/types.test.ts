/** Types of wrappers and infos, on environments that run; types.ts has those that only tsc checks. */
import { expect, test } from "vitest";
import {
  ActionRepeat,
  type CarRacingEnv,
  ClipAction,
  type Info,
  type InfoExtras,
  make,
  RecordEpisodeStatistics,
  RescaleAction,
} from "../../env/index.ts";
import { same } from "./types.ts";

test("array wrappers compile around CarRacing, and take plain arrays", async () => {
  const rescaled = new RescaleAction(await make("CarRacing-v3", { observations: false }), -1, 1);
  const clipped = new ClipAction(await make("CarRacing-v3", { observations: false }));
  for (const env of [rescaled, clipped]) {
    env.reset({ seed: 1 });
    expect(env.step([0, 1, 0]).reward).toBeCloseTo(7, -1); // the first tiles
    // @ts-expect-error: a number is no array
    expect(() => env.step(3)).toThrow("expected 3 numbers, got 3");
  }
  same<typeof rescaled, RescaleAction<Uint8Array, Info>>(true);
});

test("info has types with infoExtras, through wrappers too", async () => {
  const env = await make("CarRacing-v3", { infoExtras: true, observations: false });
  const { info } = env.reset({ seed: 1 });
  const speed: number = info.speed;
  const wrapped = new RecordEpisodeStatistics(new ActionRepeat(env, 2));
  const onGrass: boolean[] = wrapped.step([0, 1, 0]).info.wheelsOnGrass;
  expect([speed > 0, onGrass.length]).toEqual([false, 4]);
  same<typeof env, CarRacingEnv<Info & InfoExtras>>(true);
});
