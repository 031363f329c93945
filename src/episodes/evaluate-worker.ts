/** A thread of evaluate-workers.ts: drives the episode of every seed that it is sent. */
import { parentPort, workerData } from "node:worker_threads";
import type { Policy } from "../../policies/policy.ts";
import { makeFor, runEpisode } from "./evaluate.ts";
import type { WorkerMessage, WorkerSetup } from "./evaluate-workers.ts";

const { recipe, ...options } = workerData as WorkerSetup;
const module: Record<string, (...args: unknown[]) => Policy | Promise<Policy>> = await import(recipe.module);
const policy = await module[recipe.create](...(recipe.args ?? []));
const env = await makeFor(policy, options);
const say = (message: WorkerMessage) => parentPort!.postMessage(message);
parentPort!.on("message", (seed: number) => say({ result: runEpisode(env, policy, seed) }));
say({ policy: policy.name });
