/**
 * A search in rounds that gives its episodes and its large measurements to workers through Redis: with two workers
 * beside the same search with one, each a process with one thread. It starts from zoo:car-90-cloned and does one round
 * on four tracks for each purpose; both searches end at the same network. Starts a redis-server of its own (Debian:
 * `apt install redis-server`).
 *
 *     npm run bench:search-redis -- [--workers 2] [--repeats 3] [--json]
 *
 * Each repeat measures both in turn, and the medians count, so that other load slows both alike.
 */
import { once } from "node:events";
import { parseArgs } from "node:util";
import { writeNetwork } from "../policies/ternary/safetensors.ts";
import { networkByName } from "../src/cli/common/driver.ts";
import { startHelpers } from "../src/search/helpers-node.ts";
import { search } from "../src/search/index.ts";
import { pooledEpisodes } from "../src/search/pooled-episodes.ts";
import { type CyclePlan, fewerTracks } from "../src/search/rounds/plan.ts";
import { RedisServer, saying, startTritrack } from "../test/work/redis-server.ts";
import { median, printRows } from "./common.ts";

const { values } = parseArgs({
  options: {
    workers: { type: "string", default: "2" },
    repeats: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const workers = Number(values.workers);
const { network } = await networkByName("zoo:car-90-cloned");

const cycle: CyclePlan = {
  frames: 3000,
  outputWeights: [8, 2, 10],
  sweeps: [
    { layer: "2.0", singles: { removals: 4000, additions: 4000 }, pairs: 200 },
    { layer: "fc1", singles: { removals: 6000, additions: 6000 }, pairs: 1000 },
  ],
};

async function timed(redis: string) {
  const helpers = await startHelpers({ redis, say: console.error });
  const start = performance.now();
  const result = await search(network, {
    rule: "rounds",
    fitness: "imitation",
    rounds: 1,
    tracks: fewerTracks(4),
    plan: (round) => (round === 0 ? [] : [cycle]),
    episodes: pooledEpisodes(helpers.pool),
    engines: helpers.engines,
  });
  const seconds = (performance.now() - start) / 1000;
  await helpers.close();
  return { seconds, neighbours: result.neighbours, found: Buffer.from(writeNetwork(result.network)) };
}

const server = await RedisServer.start();
const startWorker = async () => {
  const worker = startTritrack("worker", "--redis", server.url, "--concurrency", "1");
  await saying(worker, /ready for 1 job/);
  return worker;
};
const end = async (worker: Awaited<ReturnType<typeof startWorker>>) => {
  worker.kill("SIGTERM");
  await once(worker, "exit");
};

const first = await startWorker();
const ratios: number[] = [];
const rates = { one: [] as number[], many: [] as number[] };
for (let i = 0; i < Number(values.repeats); i++) {
  const one = await timed(server.url);
  const others = await Promise.all(Array.from({ length: workers - 1 }, startWorker));
  const many = await timed(server.url);
  await Promise.all(others.map(end));
  if (!one.found.equals(many.found))
    throw new Error(`${workers} workers: expected the network that one worker finds, got another`);
  ratios.push(one.seconds / many.seconds);
  rates.one.push(one.neighbours / one.seconds);
  rates.many.push(many.neighbours / many.seconds);
  console.error(`${i + 1} of ${values.repeats}: ${one.seconds.toFixed(1)} s, ${many.seconds.toFixed(1)} s`);
}
await end(first);
await server.kill();
printRows(
  [
    {
      name: `search/redis-${workers}`,
      unit: "neighbours/s",
      value: median(rates.many),
      reference: "one worker",
      referenceValue: median(rates.one),
      ratio: median(ratios),
    },
  ],
  values.json,
);
