/** A thread of threads.ts: on every turn the gradients of its shard of the batch. */
import { parentPort, workerData } from "node:worker_threads";
import { useBackend } from "./backend.ts";
import { GradientModel } from "./gradients.ts";
import { FINISHED, layerViews, type ShardSetup, shardOf, TURN } from "./threads.ts";

const { backend, task, shard, shards, shared } = workerData as ShardSetup;
const { control } = shared;
await useBackend(backend);
const model = new GradientModel(task.architecture);
const kernels = layerViews(task.architecture, shared.kernels);
const gradients = layerViews(task.architecture, shared.gradients[shard]);
const first = Atomics.load(control, TURN);
parentPort?.postMessage("ready");
for (let turn = first; ; turn++) {
  Atomics.wait(control, TURN, turn);
  model.assign(kernels);
  const result = model.gradients(task, shardOf(shared.batch, shard, shards));
  result.gradients.forEach((values, layer) => {
    gradients[layer].set(values);
  });
  shared.losses[shard] = result.loss;
  Atomics.add(control, FINISHED, 1);
  Atomics.notify(control, FINISHED);
}
