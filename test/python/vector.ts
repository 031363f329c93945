/** Serves the Python tests: drives a vector of environments behind a server by a fixed rule, and prints the results. */
import { RemoteVectorEnv } from "../../env/node.ts";
import type { TypedArray } from "../../env/spaces.ts";
import type { AutoresetMode } from "../../env/vector/vector-env.ts";

const [url, id, mode] = process.argv.slice(2);
const autoresetMode = mode as AutoresetMode;
const env = await RemoteVectorEnv.connect<TypedArray, number | number[]>(url, id, {
  numEnvs: 3,
  autoresetMode,
  maxEpisodeSteps: 25,
});
const plain = (value: unknown): unknown => (ArrayBuffer.isView(value) ? Array.from(value as never) : value);
const isDiscrete = env.singleActionSpace.shape?.length === 0;
const results: unknown[] = [env.reset({ seed: [3n, 2n ** 64n, 5n] })];
for (let step = 0; step < 60; step++) {
  const actions = [0, 1, 2].map((i) => (isDiscrete ? (step + i) % 2 : [0.1 * i, 0.5, 0]));
  const result = env.step(actions);
  results.push(result);
  const mask = result.terminations.map((terminated, i) => terminated || result.truncations[i]);
  if (autoresetMode === "disabled" && mask.includes(true)) results.push(env.reset({ seed: step, mask }));
}
console.log(JSON.stringify({ results }, (_, value) => plain(value)));
env.close();
