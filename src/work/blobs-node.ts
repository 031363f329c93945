/** Bytes that jobs work on, by name, in memory that threads share; and the pool that does jobs in the thread that asks. */
import { createHash } from "node:crypto";
import { toShared } from "../../env/thread-node.ts";
import { type BlobName, type Job, type JobKinds, type Pool, runJob } from "./pool.ts";

/** The name of bytes. */
export function blobName(bytes: Uint8Array): BlobName {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes by name, each kept until all who shared it have forgotten it. */
export class BlobStore {
  readonly #blobs = new Map<BlobName, { bytes: Uint8Array; users: number }>();

  /** Keeps bytes for one user more. */
  add(bytes: Uint8Array): BlobName {
    const name = blobName(bytes);
    const blob = this.#blobs.get(name);
    if (blob) blob.users++;
    else this.#blobs.set(name, { bytes: toShared(bytes), users: 1 });
    return name;
  }

  /** Takes one user away. @returns true if it was the last */
  delete(name: BlobName): boolean {
    const blob = this.#blobs.get(name);
    return blob !== undefined && --blob.users === 0 && this.#blobs.delete(name);
  }

  /** The bytes that a job names. @throws Error on a name that was not shared */
  of(job: Job): Uint8Array[] {
    return job.blobs.map((name) => {
      const bytes = this.#blobs.get(name)?.bytes;
      if (!bytes) throw new Error(`job "${job.kind}" names a blob that was not shared: ${name}`);
      return bytes;
    });
  }
}

/** Does jobs one after another, in the thread that asks. */
export class InlinePool implements Pool {
  readonly #blobs = new BlobStore();
  readonly #kinds: JobKinds;

  /** @param kinds jobs that it can do */
  constructor(kinds: JobKinds) {
    this.#kinds = kinds;
  }

  async share(bytes: Uint8Array): Promise<BlobName> {
    return this.#blobs.add(bytes);
  }

  async forget(name: BlobName): Promise<void> {
    this.#blobs.delete(name);
  }

  async run(jobs: readonly Job[], onDone?: (done: number) => void): Promise<Uint8Array[]> {
    const results: Uint8Array[] = [];
    for (const job of jobs) {
      results.push(await runJob(this.#kinds, job, this.#blobs.of(job)));
      onDone?.(results.length);
    }
    return results;
  }

  async close(): Promise<void> {}
}
