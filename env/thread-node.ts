/** Worker threads of this package's files, built or as TypeScript sources, and memory they share. Node only. */
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

/** The same bytes in memory that threads can share; no copy if they are there already. */
export function toShared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
