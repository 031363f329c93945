/** Worker threads of this package's files, built or as TypeScript sources, and memory they share. Node only. */
import { availableParallelism } from "node:os";
import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * @param file the thread's module without its ending, relative to `from`: "./evaluate-worker"
 * @param from `import.meta.url` of the caller
 */
export function startThread(file: string, from: string, options: WorkerOptions): Worker {
  if (!from.endsWith(".ts")) return new Worker(new URL(`${file}.js`, from), options);
  // In development the thread first loads what compiles TypeScript, found from here wherever the program runs.
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const source = JSON.stringify(new URL(`${file}.ts`, from).href);
  const code = `import(${loader}).then(({ register }) => { register(); return import(${source}); });`;
  return new Worker(code, { ...options, eval: true });
}

/**
 * Whether a thread has ended. Its exit event waits for the caller's event loop, which does not turn while the caller
 * sleeps; but at once a loop that is gone reads as never active, or as idle for -1 ms where it was read before
 * (Node 20 to 24).
 */
export function isGone({ performance }: Worker): boolean {
  const { active, idle } = performance.eventLoopUtilization();
  return active === 0 || idle < 0;
}

/** Looks at a word before sleeping: some 100 µs. */
const LOOKS = 10_000;

/** How often to look before sleeping, where so many threads work together: only if each has a processor to itself. */
export function looksFor(threads: number): number {
  return threads <= availableParallelism() ? LOOKS : 0;
}

/** How often who waits for threads looks whether they are still there. Milliseconds. */
export const LOOK_AFTER = 500;

/** The same bytes in memory that threads can share; no copy if they are there already. */
export function toShared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

/**
 * Sleeps while a word of shared memory has a value. Who changes the word notifies it afterwards, and may be held up in
 * between: that call may then come while the next value is waited for. So a call by itself proves nothing, the word does.
 *
 * @param looks how often to look at the word before sleeping, see `looksFor`: waking a thread takes longer than many a command
 * @param timeout milliseconds
 * @returns whether the word has changed; false after `timeout`
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
