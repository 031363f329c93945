/** Worker threads of this package's files, built or as TypeScript sources, and memory they share. Node only. */
import { availableParallelism } from "node:os";
import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Starts a thread.
 * @param file the thread's module without its ending, relative to `from`: "./evaluate-worker"
 * @param from `import.meta.url` of the caller
 */
export function startThread(file: string, from: string, options: WorkerOptions): Worker {
  const worker = newWorker(file, from, options);
  worker.once("message", () => isGone(worker)); // the first look, which later ones are compared with
  return worker;
}

function newWorker(file: string, from: string, options: WorkerOptions): Worker {
  if (!from.endsWith(".ts")) return new Worker(new URL(`${file}.js`, from), options);
  // In development the thread first loads what compiles TypeScript, found from here wherever the program runs.
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const source = JSON.stringify(new URL(`${file}.ts`, from).href);
  const code = `import(${loader}).then(({ register }) => { register(); return import(${source}); });`;
  return new Worker(code, { ...options, eval: true });
}

/** Threads whose event loops have been seen running. */
const seenRunning = new WeakSet<Worker>();

/**
 * True if a thread has certainly ended; false where that cannot be told, so that a slow thread is never taken for a dead
 * one. A thread's exit event waits for the caller's event loop, which does not turn while the caller sleeps, but the
 * state of the thread's own loop can be read at once (Node 20 to 26): one that is gone is idle for -1 ms if it was read
 * before, and never active otherwise. Bun 1.4 reads as never active while the thread lives, and Deno 2.9 cannot be
 * asked: there this function knows of an end only once the exit event has come.
 */
export function isGone(worker: Worker): boolean {
  if (worker.threadId === -1) return true;
  if (process.versions.bun) return false; // it would print a warning
  const { active, idle } = worker.performance?.eventLoopUtilization?.() ?? { active: 0, idle: 0 };
  if (idle < 0) return true;
  if (active > 0) {
    seenRunning.add(worker);
    return false;
  }
  return seenRunning.has(worker);
}

/** Looks at a word before sleeping; together they take about 100 µs. */
const LOOKS = 10_000;

/**
 * Times that each of several threads which work together looks at a word before it sleeps. Looking pays only if each
 * has a processor to itself.
 * @param threads number of threads, from 1 up
 */
export function looksFor(threads: number): number {
  return threads <= availableParallelism() ? LOOKS : 0;
}

/** Interval at which a caller that waits for threads looks whether they are still there, milliseconds. */
export const LOOK_AFTER = 500;

/** The same bytes in memory that threads can share. They are not copied if they are there already. */
export function toShared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

/**
 * Sleeps while a word of shared memory has a value. Whoever changes the word notifies it afterwards and may be held up in
 * between, so that the notification comes while the next value is waited for. A notification by itself therefore proves
 * nothing: only the word does.
 *
 * @param looks how often to look at the word before sleeping (see {@link looksFor}): waking a thread takes longer than
 *   many a command. Default: 0.
 * @param timeout longest wait, milliseconds. Default: Infinity.
 * @returns true once the word has changed; false after `timeout`
 */
export function waitWhile(
  words: Int32Array,
  index: number,
  value: number,
  { looks = 0, timeout = Infinity }: { looks?: number; timeout?: number } = {},
): boolean {
  for (let i = 0; i < looks; i++) if (Atomics.load(words, index) !== value) return true;
  const end = performance.now() + timeout;
  while (Atomics.load(words, index) === value) {
    const left = end - performance.now();
    if (left <= 0) return false;
    Atomics.wait(words, index, value, left);
  }
  return true;
}
