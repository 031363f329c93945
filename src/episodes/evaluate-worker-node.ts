/** A thread of evaluate-workers-node.ts: drives one episode on every seed that it is sent. */
import { parentPort, workerData } from "node:worker_threads";
import type { CarAction } from "../../env/car-racing/car-racing.ts";
import { makeFor, runEpisode } from "./evaluate.ts";
import type { WorkerMessage, WorkerSetup } from "./evaluate-workers-node.ts";
import { asPolicy, type PolicyOrFunction } from "./steps.ts";

type Created = PolicyOrFunction<Uint8Array, CarAction>;

const { recipe, ...options } = workerData as WorkerSetup;
const module: Record<string, (...args: unknown[]) => Created | Promise<Created>> = await import(
  recipe.module
);
const policy = asPolicy(await module[recipe.create](...(recipe.args ?? [])));
const env = await makeFor(policy, options);
const say = (message: WorkerMessage) => parentPort!.postMessage(message);
parentPort!.on("message", (seed: number) => say({ result: runEpisode(env, policy, seed) }));
say({ policy: policy.name });
