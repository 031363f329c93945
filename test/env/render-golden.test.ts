/**
 * Every frame of every golden episode, made from nothing but its seed and actions: the digest of each observation, and
 * each 600×400 picture that is kept, must be Gymnasium's.
 */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { CarRacing } from "../../env/car-racing/car-racing.ts";
import { goldenNames, loadGolden } from "../golden.ts";

test.each(goldenNames)("%s: every frame equals Gymnasium's", async (name) => {
  const golden = loadGolden(name);
  const env = await CarRacing.create({ ...golden.kwargs, renderMode: "rgb_array" });
  const digests: string[] = [];
  const pictures = new Map<number, string>();
  const keep = (step: number, observation: Uint8Array) => {
    digests.push(sha256(observation));
    if (golden.rgbArray.has(step)) pictures.set(step, sha256(env.render()!.data));
  };
  keep(0, env.reset({ seed: golden.seed, options: golden.options }).observation);
  for (let k = 0; k < golden.steps; k++) keep(k + 1, env.step(golden.action(k)).observation);
  env.close();
  const expected = new Map([...golden.rgbArray].map(([step, bytes]) => [step, sha256(bytes)]));
  expect(pictures).toEqual(expected);
  // A failure should show the steps whose frames differ, not digests.
  expect(digests.flatMap((digest, step) => (digest === golden.frameSha256[step] ? [] : [step]))).toEqual([]);
});

/** First 16 hex digits of Gymnasium's observations, by number of steps of the drive below. */
const LOST = {
  600: "fea6c9cbc74acb00",
  921: "7a65ce8ab43e4de8",
  950: "9491aeec056e9a1a",
  1000: "5fa1847744762369",
  1100: "8bce291e584f56e6",
  1300: "b0b078a2f45bdc3c",
  1500: "f1c6eff13c4db53b",
};

test("a lost car driven on: far off, the corners of the field wrap around in SDL_gfx's int16", async () => {
  const env = await CarRacing.create();
  env.reset({ seed: 13 });
  const digests: Record<number, string> = {};
  for (let k = 1; k <= 1500; k++) {
    env.drawObservations = k in LOST;
    const { observation } = env.step([(k - 1) % 600 < 300 ? 0.004 : -0.004, 0.3, 0]);
    if (k in LOST) digests[k] = sha256(observation).slice(0, 16);
  }
  env.close();
  expect(digests).toEqual(LOST);
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
