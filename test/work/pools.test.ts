import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { CROP_BYTES } from "../../policies/ternary/crop.ts";
import { architectures, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { writeNetwork } from "../../policies/ternary/safetensors.ts";
import { readExamples, writeExamples } from "../../src/data/example-bytes.ts";
import { candidateBytes } from "../../src/search/engine/candidates.ts";
import type { Candidate } from "../../src/search/engine/fitness-engine.ts";
import {
  type DemonstrationJob,
  type EpisodeJob,
  type FramesJob,
  jobsModule,
  type ScoreJob,
  jobs as searchJobs,
} from "../../src/search/jobs.ts";
import { blobName, InlinePool } from "../../src/work/blobs-node.ts";
import { checkJob, type Job, type Pool, runJob } from "../../src/work/pool.ts";
import { RedisPool } from "../../src/work/redis-pool-node.ts";
import { type RedisWorker, startRedisWorker } from "../../src/work/redis-worker-node.ts";
import { ThreadPool } from "../../src/work/thread-pool-node.ts";
import { randomData } from "../search/search-data.ts";
import { hungryJobsModule } from "./hungry-jobs.ts";
import { madeJobsModule } from "./made-jobs.ts";
import { hasRedis, RedisServer, saying, startTritrack } from "./redis-server.ts";

const car = randomNetwork(architectures.car, 90, 3);
const frames = randomData(architectures.car, 24, 3);

/** Every removal among the first weights of a layer, as `count` jobs of some inputs each. */
async function scoreJobs(pool: Pool, network: TernaryNetwork, layer: string, count = 3): Promise<ScoreJob[]> {
  const candidates: Candidate[] = [];
  network.weights[layer].subarray(0, 500).forEach((w, index) => {
    if (w !== 0) candidates.push([{ index, change: -w }]);
  });
  const blobs = [
    await pool.share(writeNetwork(network)),
    await pool.share(writeExamples(frames)),
    await pool.share(candidateBytes(candidates)),
  ] as const;
  return Array.from({ length: count }, (_, i) => {
    const from = (i % 3) * 8;
    return { kind: "score", blobs, measure: "loss", layer, from, to: from + 8, totalWeight: 48 };
  });
}

/** Jobs of every kind. */
async function allJobs(pool: Pool): Promise<Job[]> {
  const network = await pool.share(writeNetwork(car));
  return [
    ...(await scoreJobs(pool, car, "fc2")),
    ...[5, 6].map((seed): EpisodeJob => ({ kind: "episode", blobs: [network], seed, maxSteps: 30 })),
    { kind: "frames", blobs: [network], seed: 7, noise: 0.1 } satisfies FramesJob,
    { kind: "demonstration", blobs: [], seed: 8 } satisfies DemonstrationJob,
  ];
}

/** Names of the results: their sha256. */
async function results(pool: Pool): Promise<string[]> {
  const seen: number[] = [];
  const all = await pool.run(await allJobs(pool), (done) => seen.push(done));
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  return all.map(blobName);
}

let inline: Uint8Array[];
let expected: string[];
beforeAll(async () => {
  const pool = new InlinePool(searchJobs);
  inline = await pool.run(await allJobs(pool));
  expected = inline.map(blobName);
});

test("jobs give sums, episodes and labelled frames", () => {
  const sums = new Float64Array(inline[0].slice().buffer);
  expect(sums.length).toBeGreaterThan(20);
  expect(sums.every((sum) => Number.isInteger(sum) && sum < 0)).toBe(true);
  const episode = JSON.parse(new TextDecoder().decode(inline[4]));
  expect(episode).toMatchObject({ seed: 6, steps: 30 });
  const data = readExamples(inline[5]);
  expect(data.task === "car" && data.targets.length / 3).toBeGreaterThan(10);
});

test("two threads give the same results as this one", async () => {
  const pool = new ThreadPool(2, [jobsModule]);
  try {
    expect(await results(pool)).toEqual(expected);
  } finally {
    await pool.close();
  }
});

test("a module may make its jobs out of data that each thread is sent once", async () => {
  const pool = new ThreadPool(2, [madeJobsModule], { data: { word: "hello" } });
  try {
    const say: Job = { kind: "say", blobs: [] };
    const said = (await pool.run(Array(6).fill(say))).map((bytes) => new TextDecoder().decode(bytes));
    expect(said).toEqual(Array(6).fill("hello 1"));
  } finally {
    await pool.close();
  }
});

test("an error of a job comes back unchanged, and the pool goes on", async () => {
  const pool = new ThreadPool(1, [jobsModule]);
  try {
    const [good] = await scoreJobs(pool, car, "fc2");
    await expect(pool.run([{ ...good, to: 800 }])).rejects.toThrow(
      'job "score": expected inputs up to 24, got 800',
    );
    await expect(pool.run([{ ...good, layer: "x" }])).rejects.toThrow('no layer "x"');
    expect(await pool.run([good])).toHaveLength(1);
  } finally {
    await pool.close();
  }
});

describe.skipIf(!hasRedis)("on Redis", () => {
  let server: RedisServer;
  const workers: RedisWorker[] = [];
  const said: string[] = [];
  const start = async () => {
    const worker = await startRedisWorker({
      url: server.url,
      concurrency: 1,
      modules: [jobsModule],
      say: (line) => said.push(line),
    });
    workers.push(worker);
    return worker;
  };
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
    await server.kill();
  });

  test("workers give the same results as this thread", async () => {
    await Promise.all([start(), start()]);
    const pool = await RedisPool.connect(server.url, () => {});
    try {
      expect(await results(pool)).toEqual(expected);
      const [job] = await scoreJobs(pool, car, "fc2");
      await expect(pool.run([{ ...job, layer: "x" }])).rejects.toThrow(
        'a worker could not do job "score": no layer "x"',
      );
    } finally {
      await pool.close();
    }
  });

  test("a Redis that crashes and comes back empty loses no job", async () => {
    const lines: string[] = [];
    const pool = await RedisPool.connect(server.url, (line) => lines.push(line));
    const jobs = await allJobs(pool);
    let crash: Promise<void> | undefined;
    const running = pool.run(jobs, () => {
      crash ??= server.kill().then(() => server.start());
    });
    try {
      expect((await running).map(blobName)).toEqual(expected);
      await crash;
      expect(lines).toEqual([expect.stringMatching(/is away; waiting/), expect.stringMatching(/is back/)]);
    } finally {
      await pool.close();
    }
  });

  test("the job of a worker that is killed in its midst is done by another", async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
    const pool = await RedisPool.connect(server.url, () => {});
    const victim = startTritrack("worker", "--redis", server.url, "--concurrency", "1");
    try {
      await saying(victim, /ready for 1 job/);
      const network = await pool.share(writeNetwork(car));
      // Long enough to be killed in: a random network drives a whole episode.
      const job: EpisodeJob = { kind: "episode", blobs: [network], seed: 1, maxSteps: 1000 };
      const running = pool.run([job]);
      const { Queue } = await import("bullmq");
      const { Redis } = await import("ioredis");
      const redis = new Redis(server.url, { maxRetriesPerRequest: null });
      const queue = new Queue("search", { connection: redis, prefix: "tritrack" });
      while ((await queue.getActiveCount()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      victim.kill("SIGKILL");
      expect(await queue.getActiveCount()).toBe(1);
      await queue.close();
      redis.disconnect();
      await start();
      const local = new InlinePool(searchJobs);
      await local.share(writeNetwork(car));
      expect((await running).map(blobName)).toEqual((await local.run([job])).map(blobName));
    } finally {
      victim.kill("SIGKILL");
      await pool.close();
    }
  });

  test("a worker refuses invalid jobs, and blobs that do not match their names", async () => {
    if (workers.length === 0) await start();
    const { Redis } = await import("ioredis");
    const redis = new Redis(server.url);
    await redis.unlink("none", ...(await redis.keys("tritrack:blob:*")));
    const pool = await RedisPool.connect(server.url, () => {});
    try {
      const [job] = await scoreJobs(pool, car, "fc2");
      await expect(pool.run([{ ...job, from: 3 }])).rejects.toThrow("not a job of a search: from is 3");
      const data = await pool.share(writeExamples(randomData(architectures.car, 8, 9)));
      const [network, , candidates] = job.blobs;
      await pool.run([{ ...job, blobs: [network, network, candidates] as const }]).catch(() => {});
      const [key] = await redis.keys("tritrack:blob:*");
      await redis.set(key.replace(/[^:]*$/, data), "other bytes");
      await expect(pool.run([{ ...job, blobs: [network, data, candidates] }])).rejects.toThrow(
        "has other bytes than its name says",
      );
    } finally {
      redis.disconnect();
      await pool.close();
    }
  });
});

test.skipIf(!hasRedis)("a worker ends on request, with Redis away too", async () => {
  const server = await RedisServer.start();
  const worker = startTritrack("worker", "--redis", server.url, "--concurrency", "1");
  await saying(worker, /ready for 1 job/);
  const away = saying(worker, /is away/);
  await server.kill();
  await away;
  worker.kill("SIGTERM");
  expect(await once(worker, "exit")).toEqual([130, null]);
});

test("a missing Redis and a malformed URL are errors of one clear line", async () => {
  await expect(RedisPool.connect("redis://:secret@127.0.0.1:1", () => {})).rejects.toThrow(
    /^no Redis at 127\.0\.0\.1:1: .*ECONNREFUSED/,
  );
  await expect(RedisPool.connect("http://127.0.0.1", () => {})).rejects.toThrow("expected redis://host:port");
});

test("a received job is accepted only within its bounds", async () => {
  const name = "a".repeat(64);
  const episode = { kind: "episode", blobs: [name], seed: 1, maxSteps: 1000 };
  const score = { kind: "score", blobs: [name, name, name], measure: "loss", layer: "fc", totalWeight: 8 };
  expect(checkJob(episode)).toBe(episode);
  for (const wrong of [
    null,
    "episode",
    { ...episode, kind: "constructor" },
    { ...episode, kind: "reward" },
    { ...episode, blobs: ["../x"] },
    { ...episode, blobs: [name, name] },
    { ...episode, blobs: Array(17).fill(name) },
    { ...episode, seed: -1 },
    { ...episode, maxSteps: 1e9 },
    { kind: "frames", blobs: [name], seed: 1, noise: "1" },
    { ...score, measure: "x", from: 0, to: 8 },
    { ...score, from: 8, to: 8 },
  ])
    await expect(
      (async () => runJob(searchJobs, checkJob(wrong), []))(),
      JSON.stringify(wrong),
    ).rejects.toThrow("not a job of a search");
});

test("data that were cut off or changed are refused", () => {
  const bytes = writeExamples(frames);
  expect(blobName(writeExamples(readExamples(bytes)))).toBe(blobName(bytes));
  expect(() => readExamples(bytes.subarray(0, 5000))).toThrow("data of 24 inputs: expected");
  expect(() => readExamples(bytes.subarray(1))).toThrow(
    "data of a job: expected a head in JSON at their beginning, got something else",
  );
  const target = new Uint8Array(bytes);
  new DataView(target.buffer).setFloat32(256 + 24 * CROP_BYTES, Number.NaN, true);
  expect(() => readExamples(target)).toThrow("expected targets in [-1, 1]");
});

describe("a job that exhausts the memory of its thread", () => {
  const hungry: Job = { kind: "hungry", blobs: [] };
  const modest: Job = { kind: "modest", blobs: [] };

  test("ends two threads of a pool, then is given up by name; the pool goes on", async () => {
    const pool = new ThreadPool(2, [hungryJobsModule], { heapMegabytes: 32 });
    try {
      const gone = expect(pool.run([hungry])).rejects.toThrow(
        /^job "hungry" \{\} ended its thread, 2 times: .*memory/,
      );
      expect(await pool.run([modest, modest, modest, modest])).toHaveLength(4);
      await gone;
      expect(await pool.run([modest, modest])).toHaveLength(2);
    } finally {
      await pool.close();
    }
  });

  test("a thread that cannot start fails the pool, once", async () => {
    const pool = new ThreadPool(1, [new URL("./none.ts", import.meta.url).href]);
    await expect(pool.run([modest])).rejects.toThrow(/^a thread for jobs could not start: .*none/);
    expect((await pool.failed).message).toContain("could not start");
    await pool.close();
  });

  test.skipIf(!hasRedis)("is tried by another worker, given up, and leaves both at work", async () => {
    const server = await RedisServer.start();
    const failures: string[][] = [[], []];
    const done = [0, 0];
    const workers = await Promise.all(
      failures.map((lines, i) =>
        startRedisWorker({
          ...{ url: server.url, concurrency: 1, modules: [hungryJobsModule], heapMegabytes: 32 },
          say: (line) => lines.push(line),
          onJob: () => done[i]++,
        }),
      ),
    );
    const pool = await RedisPool.connect(server.url, () => {});
    const other = await RedisPool.connect(server.url, () => {});
    try {
      const gone = expect(pool.run([hungry])).rejects.toThrow(
        /^a worker could not do job "hungry": job "hungry" \{\} ended its thread: .*memory.*; 2 workers failed, it was given up$/,
      );
      // Jobs of another search meanwhile, and afterwards.
      expect(await other.run(Array(10).fill(modest))).toHaveLength(10);
      await gone;
      // The pool may hear of a failure before the worker's own event comes.
      await vi.waitFor(() => expect(failures.map((lines) => lines.length)).toEqual([1, 1]));
      expect(await other.run(Array(40).fill(modest))).toHaveLength(40);
      expect(Math.min(...done)).toBeGreaterThan(0);
    } finally {
      await Promise.all([pool, other, ...workers].map((one) => one.close()));
      await server.kill();
    }
  });

  test.skipIf(!hasRedis)("that takes whole workers with it is given up after the second", async () => {
    const server = await RedisServer.start();
    const pool = await RedisPool.connect(server.url, () => {});
    const network = await pool.share(writeNetwork(car));
    const victims: ChildProcess[] = [];
    let last: RedisWorker | undefined;
    const { Queue } = await import("bullmq");
    const { Redis } = await import("ioredis");
    const redis = new Redis(server.url, { maxRetriesPerRequest: null });
    const queue = new Queue("search", { connection: redis, prefix: "tritrack" });
    try {
      const job: EpisodeJob = { kind: "episode", blobs: [network], seed: 1, maxSteps: 1_000_000 };
      const gone = expect(pool.run([job])).rejects.toThrow(
        'a worker could not do job "episode": job "episode" {"seed":1,"maxSteps":1000000} ended 2 workers and was given up',
      );
      // Each is killed while it has the job, as a system out of memory does.
      for (let i = 0; i < 2; i++) {
        const victim = startTritrack("worker", "--redis", server.url, "--concurrency", "1");
        victims.push(victim);
        await saying(victim, /ready for 1 job/);
        const started = async () => (await queue.getActive())[0]?.attemptsStarted === i + 1;
        while (!(await started())) await new Promise((resolve) => setTimeout(resolve, 20));
        victim.kill("SIGKILL");
        await once(victim, "exit");
      }
      const options = { url: server.url, concurrency: 1, modules: [jobsModule], say: () => {} };
      last = await startRedisWorker(options);
      await gone;
    } finally {
      for (const victim of victims) victim.kill("SIGKILL");
      await queue.close();
      redis.disconnect();
      await pool.close();
      await last?.close();
      await server.kill();
    }
  });
});
