/** `tritrack/env/node`: what of the environments needs Node. */
export type { EnvSource } from "./vector/env-source.ts";
export { WorkerVectorEnv, type WorkerVectorOptions } from "./vector/workers.ts";
