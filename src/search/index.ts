/**
 * `tritrack/search`: stochastic search and succeed, and what it measures.
 */

export { actionAccuracy, actionBins, BRAKE_CUT, GAS_CUT, STEER_CUT } from "../data/actions.ts";
export type { Identity } from "../data/checkpoint.ts";
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
export type {
  AnySearchOptions,
  CommonSearchOptions,
  OwnRuleOptions,
  RoundsOptions,
  RuleName,
  SearchOptions,
  SearchProgress,
  SearchResult,
  SearchSets,
} from "./options.ts";
export { type EpisodeSource, localEpisodes } from "./rounds/episodes.ts";
export type {
  FramesStep,
  RoundStep,
  RoundsRuleOptions,
  RoundsStep,
  StartStep,
  SweepStep,
} from "./rounds/options.ts";
export { TRACKS, WARM_UP } from "./rounds/plan.ts";
export { randomDriver } from "./rounds/random-driver.ts";
export type {
  FitnessName,
  RewardFunction,
  Rule,
  RuleRun,
  Scores,
  SearchContext,
  SearchTotals,
  StepReport,
} from "./rule.ts";
export type { LayerStep } from "./rules/layer-rule.ts";
export type { Cursor, Order } from "./rules/order.ts";
export { search } from "./search.ts";
