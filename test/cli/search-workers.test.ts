/** `tritrack search` on digits as processes: the same network whoever helps, and however often it is killed. */
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectKilledAsWhole, SearchProcesses } from "../search/search-process.ts";
import { hasRedis, RedisServer, saying, startTritrack } from "../work/redis-server.ts";

// Enough images for batches that are drawn anew in every step.
const options = ["--images", "12200", "--rounds", "4", "--neighbours", "60", "--seed", "3", "--json"];
const search = new SearchProcesses("--task", "mnist", "--init", "random", "--layers", "fc,2.0", ...options);
afterAll(() => search.remove());

beforeAll(async () => {
  const { code, stdout } = await search.run("whole");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ task: "mnist", layers: ["fc", "2.0"], fitness: "accuracy" });
}, 120_000);

test("two threads find the very network", async () => {
  expect((await search.run("threads", "--workers", "2")).code).toBe(0);
  expect(search.sha256("threads")).toBe(search.sha256("whole"));
  expect(search.steps("threads")).toEqual(search.steps("whole"));
});

test("killed again and again, it goes on to the very network, and to no other", async () => {
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

test.skipIf(!hasRedis)("workers on Redis find the very network", async () => {
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
