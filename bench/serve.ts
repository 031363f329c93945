/**
 * Load on `tritrack serve`, as built (`npm run build`): many clients, each a connection with an environment of its own,
 * step without pause. Every frame of a few of them is compared with an environment in this process, so that mixed-up
 * answers show. Prints errors, steps and the server's memory over time; ends with code 1 on any error, or when memory
 * grew by more than a tenth from the third quarter to the last.
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
/** Measurements of memory, evenly spread over the time. */
const SAMPLES = 30;
/** Growth of memory from the third quarter to the last that is a failure. */
const MOST_GROWTH = 0.1;

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
    server.once("exit", (code) => reject(new Error(`serve: expected an address, got exit code ${code}`))),
  ),
]);
const { url, pid } = JSON.parse(line) as { url: string; pid: number };

const errors: string[] = [];
let steps = 0;
let isOver = false;

/** Steers to and fro, the same in a client's environment on the server and in the one that checks it. */
function actionAt(client: number, step: number): Float32Array {
  return Float32Array.of(Math.sin((step + 7 * client) / 20) / 2, 0.1, 0);
}

/** Steps one client's environment until the time is over. @throws Error on the first answer that differs */
async function stepClient(client: number): Promise<void> {
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
        throw new Error(
          `seed ${seed}, step ${step}: expected reward ${expected.reward}, got ${result.reward}`,
        );
      if (expected?.observation.some((byte, i) => byte !== result.observation.data[i]))
        throw new Error(`seed ${seed}, step ${step}: expected the frame of this environment, got another`);
    }
  }
  connection.close();
}

/** Memory of the server, megabytes (Linux). */
function serverMemory(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}

console.error(`${clients} clients for ${seconds} s …`);
const stepping = Array.from({ length: clients }, (_, client) =>
  stepClient(client).catch((error: Error) => {
    errors.push(`client ${client}: ${error.message}`);
  }),
);
const samples: { second: number; megabytes: number; stepsPerSecond: number }[] = [];
for (let i = 1; i <= SAMPLES; i++) {
  const before = steps;
  await new Promise((resolve) => setTimeout(resolve, (1000 * seconds) / SAMPLES));
  const second = Math.round((i * seconds) / SAMPLES);
  const stepsPerSecond = Math.round((steps - before) / (seconds / SAMPLES));
  samples.push({ second, megabytes: Math.round(serverMemory()), stepsPerSecond });
  console.error(
    `${second} s: ${samples[i - 1].megabytes} MB, ${stepsPerSecond} steps/s, ${errors.length} errors`,
  );
}
isOver = true;
await Promise.all(stepping);
server.stdin.end();
await new Promise((resolve) => server.once("exit", resolve));

const used = samples.map(({ megabytes }) => megabytes);
const quarter = Math.floor(SAMPLES / 4);
// In the first half the threads still compile their code.
const growth = mean(used.slice(-quarter)) / mean(used.slice(-2 * quarter, -quarter)) - 1;
for (const error of errors) console.error(error);
console.log(
  `${clients} clients, ${seconds} s: ${steps} steps, ${errors.length} errors, memory ${(100 * growth).toFixed(1)} % more at the end`,
);
if (values.json) console.log(JSON.stringify({ clients, seconds, steps, errors, growth, samples }));
if (errors.length > 0 || growth > MOST_GROWTH) process.exitCode = 1;
