/** `tritrack/search/node`: searches on several threads and machines, and MNIST's files to search on. */
export { loadMnist, type Mnist } from "../data/mnist-node.ts";
export { InlinePool } from "../work/blobs-node.ts";
export type { BlobName, Job, JobKind, JobKinds, Pool } from "../work/pool.ts";
export { RedisPool } from "../work/redis-pool-node.ts";
export type { RedisWorker, RedisWorkerOptions } from "../work/redis-worker-node.ts";
export { ThreadPool, type ThreadPoolOptions } from "../work/thread-pool-node.ts";
export { EngineThreads } from "./engine/threads-node.ts";
export {
  type HelperOptions,
  type Helpers,
  searchPool,
  startHelpers,
  startSearchWorker,
} from "./helpers-node.ts";
export {
  type DemonstrationJob,
  type EpisodeJob,
  type FramesJob,
  jobs as searchJobs,
  jobsModule as searchJobsModule,
  type ScoreJob,
} from "./jobs.ts";
export { episodesOn, pooledEpisodes, rewardOn } from "./pooled-episodes.ts";
export { type RewardThreads, type RewardThreadsOptions, startRewardThreads } from "./reward-node.ts";
