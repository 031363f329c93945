/** `tritrack search` as processes: the same network whoever helps, and however often it is killed. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasRedis, RedisServer, saying, startTritrack } from "./redis-server.ts";

const folder = mkdtempSync(join(tmpdir(), "tritrack-search-"));
afterAll(() => rmSync(folder, { recursive: true }));

const search = ["search", "--task", "mnist", "--init", "random", "--layers", "fc,2.0"];
// Enough images for batches that are drawn anew in every step.
const options = ["--images", "12200", "--rounds", "4", "--neighbours", "60", "--seed", "3", "--json"];
const out = (name: string) => join(folder, `${name}.safetensors`);
const start = (name: string, ...more: string[]) =>
  startTritrack(...search, ...options, "--out", out(name), "--log", join(folder, `${name}.jsonl`), ...more);
const sha256 = (name: string) =>
  createHash("sha256")
    .update(readFileSync(out(name)))
    .digest("hex");
/** The log without its seconds. */
const steps = (name: string) =>
  readFileSync(join(folder, `${name}.jsonl`), "utf8")
    .trim()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), seconds: 0 }));

async function finish(child: ReturnType<typeof start>) {
  let stdout = "";
  child.stdout!.on("data", (chunk) => {
    stdout += chunk;
  });
  let stderr = "";
  child.stderr!.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, "exit");
  return { code, stdout, stderr };
}

beforeAll(async () => {
  const { code, stdout } = await finish(start("whole"));
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ task: "mnist", layers: ["fc", "2.0"], fitness: "accuracy" });
});

test("two threads find the very network", async () => {
  expect((await finish(start("threads", "--workers", "2"))).code).toBe(0);
  expect(sha256("threads")).toBe(sha256("whole"));
  expect(steps("threads")).toEqual(steps("whole"));
});

test("killed again and again, it goes on to the very network", async () => {
  const checkpoint = out("killed").replace(".safetensors", ".checkpoint.safetensors");
  let kill = 0;
  for (; ; kill++) {
    const child = start("killed", ...(existsSync(checkpoint) ? ["--resume"] : []));
    const done = finish(child);
    // Killed as soon as a checkpoint is there that is not the one it began with, and a bit.
    const before = existsSync(checkpoint) ? readFileSync(checkpoint) : null;
    const timer = setInterval(() => {
      if (kill === 3 || !existsSync(checkpoint)) return;
      if (before?.equals(readFileSync(checkpoint))) return;
      clearInterval(timer);
      setTimeout(() => child.kill("SIGKILL"), 90 * kill);
    }, 5);
    const { code, stderr } = await done;
    clearInterval(timer);
    expect(stderr).not.toMatch(/tritrack search:/);
    if (code === 0) break;
  }
  expect(kill).toBeGreaterThan(0);
  expect(sha256("killed")).toBe(sha256("whole"));
  expect(steps("killed")).toEqual(steps("whole"));
  expect(existsSync(checkpoint)).toBe(false);
});

test.skipIf(!hasRedis)("workers on Redis find the very network", async () => {
  const server = await RedisServer.start();
  const worker = startTritrack("worker", "--redis", server.url, "--concurrency", "1");
  try {
    const found = finish(start("redis", "--redis", server.url));
    await saying(worker, /job 1: score/);
    expect((await found).code).toBe(0);
    expect(sha256("redis")).toBe(sha256("whole"));
  } finally {
    worker.kill("SIGTERM");
    expect((await once(worker, "exit"))[0]).toBe(130);
    await server.kill();
  }
});

test("no Redis: one line, and a failure", async () => {
  const { code, stdout, stderr } = await finish(start("none", "--redis", "redis://127.0.0.1:1"));
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^tritrack search: no Redis at 127\.0\.0\.1:1: .*\n$/);
});
