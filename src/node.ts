/**
 * `tritrack/node`: what of `tritrack` needs Node. Evaluation on several threads, the digits of MNIST, and the formats of
 * other programs: ONNX for networks, NumPy archives and Minari datasets for recordings. Files, folders and video of
 * recordings are in `tritrack/recordings/node`, servers and worker threads of environments in `tritrack/env/node`.
 */
export { writeOnnx } from "../policies/ternary/onnx.ts";
export {
  type MinariDataset,
  type MinariOptions,
  readMinari,
  writeMinari,
} from "../recordings/minari/minari.ts";
export { episodeFromNpz, episodeToNpz } from "../recordings/npz/episode.ts";
export { loadMnist, MissingData, type Mnist } from "./data/mnist-node.ts";
export {
  type EvaluateInWorkersOptions,
  evaluateInWorkers,
  type PolicyRecipe,
} from "./episodes/evaluate-workers-node.ts";
