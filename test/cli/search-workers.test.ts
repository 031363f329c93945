/** Tests `tritrack search` on digits as processes: helpers and kills do not change the network. */
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectKilledAsWhole, finish, SearchProcesses } from "../search/search-process.ts";
import { hasRedis, RedisServer, saying, startTritrack } from "../work/redis-server.ts";

// Enough images that every step draws a new batch.
const options = ["--images", "12200", "--rounds", "4", "--neighbours", "60", "--seed", "3", "--json"];
const search = new SearchProcesses("--task", "mnist", "--init", "random", "--layers", "fc,2.0", ...options);
afterAll(() => search.remove());

beforeAll(async () => {
  const { code, stdout } = await search.run("whole");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ task: "mnist", layers: ["fc", "2.0"], fitness: "accuracy" });
}, 120_000);

test("two threads find exactly the same network", async () => {
  expect((await search.run("threads", "--workers", "2")).code).toBe(0);
  expect(search.sha256("threads")).toBe(search.sha256("whole"));
  expect(search.steps("threads")).toEqual(search.steps("whole"));
});

test("a search killed again and again resumes to exactly the same network", async () => {
  await expectKilledAsWhole(
    search,
    [
      { signal: "SIGKILL", steps: 1, after: 0 },
      { signal: "SIGINT", steps: 2, after: 50 },
      { signal: "SIGKILL", steps: 4, after: 100 },
    ],
    [
      ["--images", "12208", "it had other data"],
      ["--neighbours", "61", "its neighbours was 60, now it is 61"],
      ["--family", "free", 'its family was "same", now it is "free"'],
    ],
    (stderr, line) => expect(stderr).toBe(line),
  );
});

test("--resume before the first checkpoint begins anew, and says so", async () => {
  const { code, stderr } = await search.run("anew", "--resume");
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(
      /^there is no checkpoint .*anew.checkpoint.safetensors yet: the search begins anew\n/,
    ),
  });
  expect(search.sha256("anew")).toBe(search.sha256("whole"));
});

test("a time limit leaves a checkpoint to resume from; a damaged one is refused in a line", async () => {
  const { code, stderr } = await search.run("cut", "--seconds", "0.01");
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining("with --resume goes on from"),
  });
  expect(search.steps("cut").length).toBe(1);
  const whole = readFileSync(search.checkpoint("cut"));
  const damaged = Uint8Array.from(whole);
  damaged[damaged.length >> 1] ^= 1;
  writeFileSync(search.checkpoint("cut"), damaged);
  const refused = await search.run("cut", "--resume");
  expect({ ...refused }).toEqual({
    code: 1,
    stdout: "",
    stderr: "tritrack search: resume: the checkpoint is damaged; without it the work begins anew\n",
  });
  writeFileSync(search.checkpoint("cut"), whole);
  expect((await search.run("cut", "--resume")).code).toBe(0);
  expect(search.sha256("cut")).toBe(search.sha256("whole"));
  expect(search.steps("cut")).toEqual(search.steps("whole"));
  expect(existsSync(search.checkpoint("cut"))).toBe(false);
});

test("a second search into the same file is refused with the other's process id", async () => {
  const first = search.start("twice");
  const finished = finish(first);
  while (!existsSync(search.checkpoint("twice"))) await new Promise((resolve) => setTimeout(resolve, 10));
  const { code, stdout, stderr } = await search.run("twice");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(
    new RegExp(
      `^tritrack search: .*twice.safetensors: expected no other writer, got process ${first.pid}; wait until it has ended or choose another place\n$`,
    ),
  );
  expect((await finished).code).toBe(0);
  expect(search.sha256("twice")).toBe(search.sha256("whole"));
});

test.skipIf(!hasRedis)("workers on Redis find exactly the same network", async () => {
  const server = await RedisServer.start();
  const worker = startTritrack("worker", "--redis", server.url, "--concurrency", "1");
  try {
    const found = search.run("redis", "--redis", server.url);
    await saying(worker, /job 1: score/);
    expect((await found).code).toBe(0);
    expect(search.sha256("redis")).toBe(search.sha256("whole"));
  } finally {
    worker.kill("SIGTERM");
    expect((await once(worker, "exit"))[0]).toBe(130);
    await server.kill();
  }
});

test("no Redis: one line, and a failure", async () => {
  const { code, stdout, stderr } = await search.run("none", "--redis", "redis://127.0.0.1:1");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^tritrack search: no Redis at 127\.0\.0\.1:1: .*\n$/);
});
