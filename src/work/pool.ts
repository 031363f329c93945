/**
 * Pools take jobs and give back their results. There is one kind of pool for this thread, one for
 * threads of this machine, and one for workers anywhere, who share a queue on Redis. A job is a plain record that names its
 * kind and the bytes it works on; what it gives depends on nothing else, so that it does not matter who does it, or whether
 * it is done twice.
 *
 * This room knows no job: rooms above define kinds (`JobKind`) and register them with a pool, here as values, and with
 * threads and workers by the URL of the module that exports them as `jobs`.
 *
 * Three schemes for threads stay beside the pool. A job costs some 50 µs of processor time and an answer that is awaited;
 * `search/engine/threads-node.ts` adds up shares of 20 µs, in shared memory, in calls that return at once like those of one
 * thread. `train/threads.ts` sums the gradients of a step in lockstep, in shared memory too. `env/vector/workers.ts` keeps an
 * environment in each thread, whose state no job could carry. They share `env/thread-node.ts`, which starts threads, waits
 * for them and notices that one is gone.
 */
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";

/** Names bytes: their sha256 as 64 hexadecimal digits, so that equal bytes have equal names. */
export type BlobName = string;

/** A part of a larger work, a plain record; kinds add fields of their own. */
export interface Job {
  /** Name of its kind. */
  readonly kind: string;
  /** Names of the bytes it works on. */
  readonly blobs: readonly BlobName[];
  /** Fields of its kind: plain JSON. */
  readonly [field: string]: unknown;
}

/** Jobs of one kind. */
export interface JobKind<Kind extends Job = Job> {
  /** The kind's name. */
  readonly kind: Kind["kind"];
  /**
   * Checks a job that may come from another machine.
   * @throws {@link InvalidOption} naming what is not as it should be, see `refuseJob`
   */
  check(job: Job): void;
  /**
   * Does a job that was checked; what comes out depends on nothing but the arguments.
   * @param blobs the bytes of `job.blobs`, in their order; their contents are unchecked
   */
  run(job: Kind, blobs: readonly Uint8Array[]): Promise<Uint8Array> | Uint8Array;
}

/** Kinds of jobs that somebody can do. */
// biome-ignore lint/suspicious/noExplicitAny: each kind knows the fields of its jobs
export type JobKinds = readonly JobKind<any>[];

/** Does jobs. */
export interface Pool {
  /** Keeps bytes that jobs will name, until they were forgotten as often as they were shared. */
  share(bytes: Uint8Array): Promise<BlobName>;
  /** Forgets bytes that were shared. */
  forget(name: BlobName): Promise<void>;
  /**
   * Does jobs, several at once.
   * @param onDone called after each with how many are done. Default: nothing
   * @returns their results, in the jobs' order
   * @throws whatever a job throws; the first error counts
   */
  run(jobs: readonly Job[], onDone?: (done: number) => void): Promise<Uint8Array[]>;
  /** Ends threads and connections. */
  close(): Promise<void>;
}

/** Blobs of one job at most. */
const MOST_BLOBS = 16;

/**
 * Checks that a value from elsewhere has what every job has; `JobKind.check` looks at the rest.
 * @throws {@link InvalidOption} naming what is not as it should be
 */
export function checkJob(value: unknown): Job {
  const job = (value ?? {}) as Partial<Job>;
  if (typeof job.kind !== "string") refuseJob("kind", job.kind);
  const { blobs } = job;
  if (!Array.isArray(blobs) || blobs.length > MOST_BLOBS || !blobs.every(isBlobName))
    refuseJob("blobs", blobs);
  return value as Job;
}

/**
 * Checks and does a job.
 * @param kinds kinds that may be done
 * @param blobs the bytes of `job.blobs`, in their order
 * @throws {@link InvalidOption} on a job of no such kind, or with wrong fields; whatever the job throws
 */
export async function runJob(kinds: JobKinds, job: Job, blobs: readonly Uint8Array[]): Promise<Uint8Array> {
  const kind = kinds.find((one) => one.kind === job.kind);
  if (!kind) return refuseJob("kind", job.kind);
  kind.check(job);
  return kind.run(job, blobs);
}

/** A job by name, for a message: its kind and its fields, without blobs, cut to 80 characters. */
export function jobName({ kind, blobs: _, ...fields }: Job): string {
  return `job "${kind}" ${JSON.stringify(fields).slice(0, 80)}`;
}

/** Refuses a job. @throws {@link InvalidOption} always */
export function refuseJob(key: string, value: unknown): never {
  throw new InvalidOption(`not a job of a search: ${key} is ${describe(value)}`);
}

/**
 * Checks a field that is a whole number.
 * @throws {@link InvalidOption} unless it is one, from `least` to `most`
 */
export function checkWhole(job: Job, key: string, most: number, least = 0): void {
  const value = job[key] as number;
  if (!Number.isInteger(value) || value < least || value > most) refuseJob(key, value);
}

function isBlobName(value: unknown): value is BlobName {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}
