/**
 * `tritrack/search`: stochastic search and succeed, and what it measures.
 */

export { actionAccuracy, actionBins, BRAKE_CUT, GAS_CUT, STEER_CUT } from "../data/actions.ts";
export {
  type CarExamples,
  type Examples,
  joinExamples,
  type MnistExamples,
  pickExamples,
  sliceExamples,
} from "../data/examples.ts";
export { type Census, type CensusOptions, census, neighbourCount } from "./census/census.ts";
export { DeltaEngine, measureNetwork } from "./engine/delta-engine.ts";
export {
  type Measure,
  measureOutputs,
} from "./engine/fitness.ts";
export {
  type Candidate,
  type Edit,
  type EngineMaker,
  FitnessEngine,
  type InputRange,
} from "./engine/fitness-engine.ts";
export { type Drives, localDrives } from "./rounds/drives.ts";
export type {
  DriveEvent,
  DriveFitness,
  DriveProgress,
  DriveScores,
  DriveSearchOptions,
  DriveSearchResult,
} from "./rounds/options.ts";
export { TRACKS, WARM_UP } from "./rounds/plan.ts";
export { randomDriver } from "./rounds/random-driver.ts";
export { driveSearch } from "./rounds/rounds.ts";
export type { Cursor, Order } from "./rules/order.ts";
export type { FitnessName, RewardFunction, Step } from "./rules/paper.ts";
export {
  type RuleName,
  type Scores,
  type SearchOptions,
  type SearchProgress,
  type SearchResult,
  search,
} from "./search.ts";
