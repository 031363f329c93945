/** The environments: Gymnasium's contract, CarRacing-v3, wrappers. What `tritrack/env` exports. */
export {
  type Env,
  type EnvSpec,
  type EnvTaking,
  type Frame,
  type Info,
  type Metadata,
  NO_ACTION,
  type ResetOptions,
  type ResetResult,
  type Seed,
  type StepResult,
} from "./api.ts";
export {
  type CarAction,
  CarRacing,
  type CarRacingOptions,
  type CarRacingSnapshot,
  type InfoExtras,
  type PhysicsName,
} from "./car-racing/car-racing.ts";
export { controlsOf, DISCRETE_CONTROLS } from "./car-racing/discrete-actions.ts";
export { BrokenEnvironment, checkEnv } from "./checker.ts";
export * from "./errors.ts";
export { Random } from "./random.ts";
export {
  type CarRacingEnv,
  type MakeOptions,
  make,
  type Registration,
  register,
  registeredIds,
  spec,
} from "./registry.ts";
export * from "./spaces.ts";
export { SyncVectorEnv, type SyncVectorOptions } from "./vector/sync.ts";
export type {
  AutoresetMode,
  VectorEnv,
  VectorOptions,
  VectorResetOptions,
  VectorResetResult,
  VectorStepResult,
} from "./vector/vector-env.ts";
export { ActionRepeat } from "./wrappers/action-repeat.ts";
export { Autoreset } from "./wrappers/autoreset.ts";
export { ClipAction } from "./wrappers/clip-action.ts";
export { FrameStack } from "./wrappers/frame-stack.ts";
export { GrayscaleObservation } from "./wrappers/grayscale-observation.ts";
export { MaxAndSkip } from "./wrappers/max-and-skip.ts";
export { OrderEnforcing } from "./wrappers/order-enforcing.ts";
export { RecordEpisodeStatistics } from "./wrappers/record-episode-statistics.ts";
export { RescaleAction } from "./wrappers/rescale-action.ts";
export { ResizeObservation } from "./wrappers/resize-observation.ts";
export { StickyAction, type StickyActionOptions } from "./wrappers/sticky-action.ts";
export { TimeAware, type TimedObservation } from "./wrappers/time-aware.ts";
export { TimeLimit } from "./wrappers/time-limit.ts";
export { Wrapper } from "./wrappers/wrapper.ts";
