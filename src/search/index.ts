/**
 * `tritrack/search`: stochastic search and succeed, and what it measures.
 */

export { type Census, type CensusOptions, census, neighbourCount } from "./census/census.ts";
export { driveSearch } from "./drive/drive-search.ts";
export { type Drives, localDrives } from "./drive/drives.ts";
export type {
  DriveEvent,
  DriveFitness,
  DriveProgress,
  DriveScores,
  DriveSearchOptions,
  DriveSearchResult,
} from "./drive/options.ts";
export { TRACKS, WARM_UP } from "./drive/plan.ts";
export { randomDriver } from "./drive/random-driver.ts";
export { DeltaEngine, measureNetwork } from "./engine.ts";
export {
  actionAccuracy,
  actionBins,
  BRAKE_CUT,
  type CarData,
  GAS_CUT,
  type Measure,
  type MnistData,
  measureOutputs,
  pick,
  type SearchData,
  STEER_CUT,
  slice,
} from "./fitness.ts";
export {
  type Candidate,
  type Edit,
  type EngineMaker,
  FitnessEngine,
  type InputRange,
} from "./fitness-engine.ts";
export type { Cursor, Order } from "./order.ts";
export type { FitnessName, RewardFunction, Step } from "./rules.ts";
export {
  type RuleName,
  type Scores,
  type SearchOptions,
  type SearchProgress,
  type SearchResult,
  search,
} from "./search.ts";
