/** Drivers and the ternary networks behind some of them: `tritrack/policies`. */
export { ExpertPolicy } from "./expert/expert.ts";
export type { Label, LineDriverOptions } from "./expert/line-driver.ts";
export { TeacherPolicy } from "./expert/teacher.ts";
export { drivingKeys, HumanPolicy, keysToAction } from "./human.ts";
export { type NoiseOptions, NoisyPolicy } from "./noisy.ts";
export type { Policy } from "./policy.ts";
export { RandomPolicy } from "./random.ts";
export { CROP_BYTES, CROP_SIZE, cropPanel } from "./ternary/crop.ts";
export { describe, type LayerDescription, sparsity } from "./ternary/describe.ts";
export { Inference } from "./ternary/forward.ts";
export {
  type Architecture,
  architectures,
  type ConvLayer,
  type DenseLayer,
  InvalidNetwork,
  type Layer,
  type TernaryNetwork,
  weightCount,
} from "./ternary/network.ts";
export { TernaryPolicy } from "./ternary/policy.ts";
export { randomNetwork } from "./ternary/random.ts";
export { readNetwork, writeNetwork } from "./ternary/safetensors.ts";
export { applySwap, type Family, type Swap, SwapDrawer, undoSwap } from "./ternary/swap.ts";
