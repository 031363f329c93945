/** Threads that wait for each other in shared memory. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { isGone, waitWhile } from "../../env/thread-node.ts";

/** Notifies a word again and again, writes it only after `delay` milliseconds. */
const NOTIFIER = `
  const { workerData: { words, delay } } = require("node:worker_threads");
  const end = performance.now() + delay;
  while (performance.now() < end) Atomics.notify(words, 0);
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
`;

test("a call that changes nothing wakes no one: it may be the late one of the command before", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(NOTIFIER, { eval: true, workerData: { words, delay: 200 } });
  const exit = once(thread, "exit");
  expect(waitWhile(words, 0, 0)).toBe(true);
  expect(Atomics.load(words, 0)).toBe(1);
  await exit;
  expect(isGone(thread)).toBe(true);
});

test("waiting ends at the timeout, and does not begin where the word is another", () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  expect(waitWhile(words, 0, 0, { looks: 3, timeout: 20 })).toBe(false);
  expect(waitWhile(words, 0, 7)).toBe(true);
  expect(waitWhile(words, 0, 7, { looks: 3 })).toBe(true);
});

test("a thread that is busy, asleep or of a runtime that cannot tell is not gone", async () => {
  const code = `
    const { parentPort, workerData } = require("node:worker_threads");
    parentPort.postMessage("ready");
    for (const end = performance.now() + 700; performance.now() < end; );
    Atomics.wait(workerData, 0, 0, 700);
  `;
  const words = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(code, { eval: true, workerData: words });
  await once(thread, "message");
  for (let look = 0; look < 4; look++) {
    expect(isGone(thread)).toBe(false);
    waitWhile(words, 0, 0, { timeout: 300 });
  }
  waitWhile(words, 0, 0, { timeout: 600 });
  expect(isGone(thread)).toBe(true); // though its exit event has not come
  // Bun 1.4.5 and Deno 2.9.6.
  for (const performance of [{ eventLoopUtilization: () => ({ active: 0, idle: 0 }) }, {}, undefined])
    expect(isGone({ threadId: 3, performance } as never)).toBe(false);
});
