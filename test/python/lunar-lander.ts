/** Serves the Python tests: drives LunarLander-v3 behind a server, by a fixed rule, and prints the results. */
import { RemoteEnv } from "../../env/remote/remote-env-node.ts";

const [url] = process.argv.slice(2);
const env = await RemoteEnv.connect<Float32Array, number>(url, "LunarLander-v3", { maxEpisodeSteps: 60 });
const observations = [[...env.reset({ seed: 3 }).observation]];
const rewards: number[] = [];
let truncated = false;
for (let step = 0; step < 60; step++) {
  const result = env.step(step % 4);
  observations.push([...result.observation]);
  rewards.push(result.reward);
  truncated = result.truncated;
}
let refused = "";
try {
  env.step(7);
} catch (error) {
  refused = (error as Error).message;
}
console.log(
  JSON.stringify({
    observations,
    rewards,
    truncated,
    refused,
    spaces: [String(env.observationSpace), String(env.actionSpace)],
  }),
);
env.close();
