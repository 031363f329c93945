/**
 * Load on `tritrack serve`, as built (`npm run build`): many clients, each a connection with an environment of its own,
 * step without pause. Every frame of a sample of them is checked against an environment here, so that mixed-up answers
 * would show. Prints errors, steps and the server's memory over time; ends with code 1 on any error, or when memory
 * grew by more than a tenth between the third quarter and the last.
 *
 *     npm run bench:serve -- [--clients 64] [--seconds 300] [--json]
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { make } from "../env/index.ts";
import { Connection } from "../env/remote/connection-node.ts";
import { NdArray } from "../env/remote/message.ts";
import { mean } from "../src/data/statistics.ts";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "64" },
    seconds: { type: "string", default: "300" },
    json: { type: "boolean", default: false },
  },
});
const clients = Number(values.clients);
const seconds = Number(values.seconds);
/** Clients whose every frame is compared. */
const CHECKED = 2;
const SAMPLES = 30;

const server = spawn(
  process.execPath,
  [
    "dist/src/cli/main.js",
    "serve",
    "--port",
    "0",
    "--json",
    "--until-stdin-closes",
    "--max-clients",
    `${clients}`,
  ],
  { stdio: ["pipe", "pipe", "inherit"] },
);
const [line] = await Promise.race([
  createInterface({ input: server.stdout })
    [Symbol.asyncIterator]()
    .next()
    .then(({ value }) => [value as string]),
  new Promise<never>((_, reject) =>
    server.once("exit", (code) => reject(new Error(`serve ended with ${code}`))),
  ),
]);
const { url, pid } = JSON.parse(line) as { url: string; pid: number };

const errors: string[] = [];
let steps = 0;
let isOver = false;

/** Steers to and fro; the same for a client's environment here and there. */
function actionAt(client: number, step: number): Float32Array {
  return Float32Array.of(Math.sin((step + 7 * client) / 20) / 2, 0.1, 0);
}

async function drive(client: number): Promise<void> {
  const connection = await Connection.open(url);
  const { env } = (await connection.call("make", { environment: "CarRacing-v3" })) as { env: number };
  const twin = client < CHECKED ? await make("CarRacing-v3") : null;
  for (let seed = client; !isOver; seed += clients) {
    await connection.call("reset", { env, seed });
    twin?.reset({ seed });
    for (let step = 0, over = false; !over && !isOver; step++) {
      const action = actionAt(client, step);
      const result = (await connection.call("step", { env, action: NdArray.vector(action) })) as {
        observation: NdArray;
        reward: number;
        terminated: boolean;
        truncated: boolean;
      };
      steps++;
      over = result.terminated || result.truncated;
      const expected = twin?.step(action);
      if (expected && expected.reward !== result.reward)
        throw new Error(`reward ${result.reward}, expected ${expected.reward}`);
      if (expected?.observation.some((byte, i) => byte !== result.observation.data[i]))
        throw new Error(`seed ${seed}, step ${step}: another frame than expected`);
    }
  }
  connection.close();
}

/** Of the server, in megabytes (Linux). */
function memory(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}

console.error(`${clients} clients for ${seconds} s …`);
const driven = Array.from({ length: clients }, (_, client) =>
  drive(client).catch((error: Error) => {
    errors.push(`client ${client}: ${error.message}`);
  }),
);
const samples: { second: number; megabytes: number; stepsPerSecond: number }[] = [];
for (let i = 1; i <= SAMPLES; i++) {
  const before = steps;
  await new Promise((resolve) => setTimeout(resolve, (1000 * seconds) / SAMPLES));
  const second = Math.round((i * seconds) / SAMPLES);
  const stepsPerSecond = Math.round((steps - before) / (seconds / SAMPLES));
  samples.push({ second, megabytes: Math.round(memory()), stepsPerSecond });
  console.error(
    `${second} s: ${samples[i - 1].megabytes} MB, ${stepsPerSecond} steps/s, ${errors.length} errors`,
  );
}
isOver = true;
await Promise.all(driven);
server.stdin.end();
await new Promise((resolve) => server.once("exit", resolve));

const used = samples.map(({ megabytes }) => megabytes);
const quarter = Math.floor(SAMPLES / 4);
// In the first half the code of every thread warms up.
const growth = mean(used.slice(-quarter)) / mean(used.slice(-2 * quarter, -quarter)) - 1;
for (const error of errors) console.error(error);
console.log(
  `${clients} clients, ${seconds} s: ${steps} steps, ${errors.length} errors, memory ${(100 * growth).toFixed(1)} % more at the end`,
);
if (values.json) console.log(JSON.stringify({ clients, seconds, steps, errors, growth, samples }));
if (errors.length > 0 || growth > 0.1) process.exitCode = 1;
