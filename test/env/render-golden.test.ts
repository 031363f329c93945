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
  // Where frames differ, the steps say more than the digests.
  expect(digests.flatMap((digest, step) => (digest === golden.frameSha256[step] ? [] : [step]))).toEqual([]);
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
