/** A thread of threads.ts: on every turn the gradients of its shards of the batch. */
import { parentPort, workerData } from "node:worker_threads";
import { waitWhile } from "../../env/thread-node.ts";
import { useBackend } from "./backend.ts";
import { GradientModel } from "./gradients.ts";
import { FAILED, FINISHED, layerViews, ShardWork, type ThreadSetup, TURN } from "./threads.ts";

const setup = workerData as ThreadSetup;
const { task, shared } = setup;
const { control } = shared;
await useBackend(setup.backend);
const model = new GradientModel(task.architecture);
const work = new ShardWork(setup, model);
const kernels = layerViews(task.architecture, shared.kernels);
const first = Atomics.load(control, TURN);
parentPort?.postMessage("ready");
for (let turn = first; ; turn++) {
  waitWhile(control, TURN, turn);
  try {
    model.assign(kernels);
    work.run();
  } catch (error) {
    Atomics.store(control, FINISHED, FAILED);
    Atomics.notify(control, FINISHED);
    throw error;
  }
  Atomics.add(control, FINISHED, 1);
  Atomics.notify(control, FINISHED);
}
