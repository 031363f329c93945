/**
 * `tritrack`: the environments, what drives, recordings, and headless evaluation. Runs in Node and the browser.
 * Training (`tritrack/train`) and search (`tritrack/search`) are subpaths of their own, so that nobody who only
 * drives loads TensorFlow.js.
 */
export * from "../env/index.ts";
export * from "../policies/index.ts";
export * from "../recordings/index.ts";
export { parseSeeds } from "./data/seeds.ts";
export {
  EPISODE_STEPS,
  type EpisodeResult,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  runEpisode,
} from "./episodes/evaluate.ts";
