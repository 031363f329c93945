/** The environments: Gymnasium's contract, CarRacing-v3, wrappers. What `tritrack/env` exports. */
export type {
  Env,
  EnvSpec,
  Frame,
  Info,
  Metadata,
  ResetOptions,
  ResetResult,
  Seed,
  StepResult,
} from "./api.ts";
export type {
  CarAction,
  CarRacing,
  CarRacingOptions,
  CarRacingSnapshot,
  PhysicsName,
} from "./car-racing/car-racing.ts";
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
export { OrderEnforcing } from "./wrappers/order-enforcing.ts";
export { TimeLimit } from "./wrappers/time-limit.ts";
export { Wrapper } from "./wrappers/wrapper.ts";
