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
