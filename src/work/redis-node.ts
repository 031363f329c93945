/**
 * Both ends of a queue on Redis: the connection, the queue's name, and blobs and results as keys. BullMQ carries the jobs;
 * bytes lie beside them, so that a worker fetches once what it does not have yet.
 */
import type { DelayedError, Queue, QueueEvents, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { describe } from "../../env/describe.ts";
import { InvalidOption, TritrackError } from "../../env/errors.ts";
import { blobName } from "./blobs-node.ts";
import type { BlobName } from "./pool.ts";

export type { Redis };

/** Name of the queue. */
export const QUEUE = "search";
/** Begins all keys. */
export const PREFIX = "tritrack";

/** Workers that may end over one job before it is given up: by then it is what ends them. */
export const MOST_LOST = 2;

/** A job as the queue holds it. */
export interface QueuedJob {
  /** Version of the package that gave the job out. */
  version: string;
  /** UUID of the pool that gave it out: its blobs are its own, so that it can take them away. */
  owner: string;
  /** A `Job`, as yet unchecked. */
  job: unknown;
}

/** Bytes are kept this long after they were last asked for. Seconds. */
export const KEEP_SECONDS = 3600;
/** Redis holds no more bytes in one value. */
const MOST_BYTES = 512 * 2 ** 20;
/** Between attempts to reach a Redis that went away. Milliseconds. */
const RETRY_MS = 500;
/** The longest wait for a first answer. Milliseconds. */
const ANSWER_MS = 10_000;

const blobKey = (owner: string, name: BlobName) => `${PREFIX}:blob:${owner}:${name}`;
const resultKey = (jobId: string) => `${PREFIX}:result:${jobId}`;

/** There is no Redis, its packages are not installed, or a worker could not do a job. */
export class RedisError extends TritrackError {}

interface QueuePackages {
  Queue: typeof Queue;
  QueueEvents: typeof QueueEvents;
  Worker: typeof Worker;
  DelayedError: typeof DelayedError;
  UnrecoverableError: typeof UnrecoverableError;
  Redis: typeof Redis;
}

/** Loads the packages of the queue, which not everyone has installed. @throws {@link RedisError} where they are missing */
export async function queuePackages(): Promise<QueuePackages> {
  try {
    const [bullmq, { Redis }] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { ...bullmq, Redis };
  } catch {
    throw new RedisError(
      "a queue on Redis: expected the packages bullmq and ioredis, got none; run `npm install bullmq ioredis`",
    );
  }
}

/**
 * Connects, and from then on reconnects for as long as it takes.
 * @param url redis://[user:password@]host[:port][/database], or rediss://
 * @param say called with a line when Redis goes away and when it is back
 * @throws {@link InvalidOption} on another URL, {@link RedisError} where there is no Redis
 */
export async function connect(url: string, say: (line: string) => void): Promise<Redis> {
  const place = placeOf(url);
  const { Redis } = await queuePackages();
  let wasReady = false;
  let isAway = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    // BullMQ requires it: commands wait for the connection to come back.
    maxRetriesPerRequest: null,
    retryStrategy: () => (wasReady ? RETRY_MS : null),
  });
  let reason = "";
  redis.on("error", (error) => {
    reason = error.message;
  });
  redis.on("ready", () => {
    if (isAway) say(`Redis at ${place} is back`);
    wasReady = true;
    isAway = false;
  });
  redis.on("reconnecting", () => {
    if (!isAway) say(`Redis at ${place} is away; waiting for it`);
    isAway = true;
  });
  // Something other than Redis may listen there, and wait for its own kind of question.
  const silence = setTimeout(() => {
    reason = "what listens there does not answer";
    redis.disconnect();
  }, ANSWER_MS);
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new RedisError(`no Redis at ${place}: ${reason || (error as Error).message}`);
  } finally {
    clearTimeout(silence);
  }
}

/** Host and port, without the password. */
function placeOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol !== "redis:" && parsed?.protocol !== "rediss:")
    throw new InvalidOption(
      `--redis: expected redis://host:port, got ${describe(parsed ? parsed.protocol : url)}`,
    );
  return `${parsed.hostname || "localhost"}:${parsed.port || 6379}`;
}

/** Stores the bytes unless they are there. */
export async function putBlob(redis: Redis, owner: string, name: BlobName, bytes: Uint8Array): Promise<void> {
  if (bytes.length > MOST_BYTES)
    throw new InvalidOption(`a value of Redis: expected ${MOST_BYTES} bytes at most, got ${bytes.length}`);
  const key = blobKey(owner, name);
  if ((await redis.expire(key, KEEP_SECONDS)) === 0)
    await redis.set(key, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), "EX", KEEP_SECONDS);
}

/** The bytes of that name. @throws {@link RedisError} if they are gone, or their sha256 is not their name */
export async function getBlob(redis: Redis, owner: string, name: BlobName): Promise<Uint8Array> {
  const bytes = await redis.getBuffer(blobKey(owner, name));
  if (!bytes) throw new RedisError(`Redis holds no blob ${name}`);
  if (blobName(bytes) !== name)
    throw new RedisError(`blob ${name} of Redis has other bytes than its name says`);
  return bytes;
}

/** Takes the bytes of that name away. */
export async function dropBlob(redis: Redis, owner: string, name: BlobName): Promise<void> {
  await redis.unlink(blobKey(owner, name));
}

/** Stores the result of a job. */
export async function putResult(redis: Redis, jobId: string, bytes: Uint8Array): Promise<void> {
  await redis.set(resultKey(jobId), Buffer.from(bytes), "EX", KEEP_SECONDS);
}

/** Takes the result of a job away from Redis; null if it is gone. */
export function takeResult(redis: Redis, jobId: string): Promise<Uint8Array | null> {
  return redis.getdelBuffer(resultKey(jobId));
}
