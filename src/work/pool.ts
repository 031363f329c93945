/**
 * Who does jobs: this thread, other threads, or other machines. How work is cut into jobs does not depend on who does
 * them, so neither does what comes out.
 */
import { toShared } from "../../env/thread-node.ts";
import { type Job, runJob } from "../search/jobs.ts";
import { type BlobName, blobName } from "./blobs.ts";

export interface Pool {
  /** Keeps bytes that jobs will name, until they were forgotten as often as they were shared. */
  share(bytes: Uint8Array): Promise<BlobName>;
  forget(name: BlobName): Promise<void>;
  /**
   * Does the jobs, several at once; returns their results in the jobs' order.
   * @param onDone told after each how many are done
   */
  run(jobs: readonly Job[], onDone?: (done: number) => void): Promise<Uint8Array[]>;
  /** Ends threads and connections. */
  close(): Promise<void>;
}

/** Bytes by name, in memory that threads share. */
export class BlobStore {
  readonly #blobs = new Map<BlobName, { bytes: Uint8Array; users: number }>();

  add(bytes: Uint8Array): BlobName {
    const name = blobName(bytes);
    const blob = this.#blobs.get(name);
    if (blob) blob.users++;
    else this.#blobs.set(name, { bytes: toShared(bytes), users: 1 });
    return name;
  }

  /** Whether that was its last user. */
  delete(name: BlobName): boolean {
    const blob = this.#blobs.get(name);
    return blob !== undefined && --blob.users === 0 && this.#blobs.delete(name);
  }

  of(job: Job): Uint8Array[] {
    return job.blobs.map((name) => {
      const bytes = this.#blobs.get(name)?.bytes;
      if (!bytes) throw new Error(`job "${job.kind}" names a blob that was not shared: ${name}`);
      return bytes;
    });
  }
}

/** Does the jobs one after the other, in the thread that asks. */
export class InlinePool implements Pool {
  readonly #blobs = new BlobStore();

  async share(bytes: Uint8Array): Promise<BlobName> {
    return this.#blobs.add(bytes);
  }

  async forget(name: BlobName): Promise<void> {
    this.#blobs.delete(name);
  }

  async run(jobs: readonly Job[], onDone?: (done: number) => void): Promise<Uint8Array[]> {
    const results: Uint8Array[] = [];
    for (const job of jobs) {
      results.push(await runJob(job, this.#blobs.of(job)));
      onDone?.(results.length);
    }
    return results;
  }

  async close(): Promise<void> {}
}
