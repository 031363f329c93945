/** A thread of threads.ts: on every turn the gradients of its shards of the batch. */
import { workerData } from "node:worker_threads";
import { type TeamPlace, takeTurns } from "../work/team-node.ts";
import { useBackend } from "./backend.ts";
import { GradientModel } from "./gradients.ts";
import { layerViews, ShardWork, type ThreadSetup } from "./threads.ts";

const { place, data } = workerData as { place: TeamPlace; data: ThreadSetup };
const { task, shared } = data;
await useBackend(data.backend);
const model = new GradientModel(task.architecture);
const work = new ShardWork(task, shared, place, model);
const kernels = layerViews(task.architecture, shared.kernels);
await takeTurns(place, () => {
  model.assign(kernels);
  work.run();
});
