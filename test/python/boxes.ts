/** Serves the Python tests: drives environments with boxes of every kind behind a server, and prints the results. */
import { RemoteEnv } from "../../env/remote/remote-env-node.ts";

/** JSON with bigints and arrays told apart from numbers and lists. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (ArrayBuffer.isView(value)) return [value.constructor.name, ...Array.from(value as never, plain)];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return Number.isNaN(value) ? "NaN" : value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

const [url, kinds] = process.argv.slice(2);
const results = [];
for (const kwargs of JSON.parse(kinds)) {
  const id = "id" in kwargs ? kwargs.id : "strange_envs:Echo-v0";
  const env = await RemoteEnv.connect<never, never>(url, id, { kwargs: "id" in kwargs ? {} : kwargs });
  const { observation } = env.reset({ seed: 2n ** 70n });
  env.actionSpace.seed(7);
  const actions = [env.actionSpace.sample(), observation];
  const steps = actions.map((action) => env.step(action));
  results.push({
    space: String(env.observationSpace),
    first: plain(observation),
    actions: actions.map(plain),
    echoes: steps.map(({ observation }) => plain(observation)),
    contains: steps.every(({ observation }) => env.observationSpace.contains(observation)),
    info: plain(steps[0].info),
  });
  env.close();
}
console.log(JSON.stringify(results));
