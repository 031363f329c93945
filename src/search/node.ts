/** `tritrack/search/node`: searches on several threads and machines, and MNIST's files to search on. */
export { loadMnist, type Mnist } from "../data/mnist-node.ts";
export { InlinePool, type Pool } from "../work/pool.ts";
export { RedisPool } from "../work/redis-pool.ts";
export { type RedisWorker, type RedisWorkerOptions, startRedisWorker } from "../work/redis-worker.ts";
export { ThreadPool } from "../work/thread-pool.ts";
export { EngineThreads } from "./engine/threads.ts";
export { drive, type HelperOptions, type Helpers, rewardOn, startHelpers } from "./helpers.ts";
export type { DemonstrationJob, DriveJob, FramesJob, Job, ScoreJob } from "./jobs.ts";
