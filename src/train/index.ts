/** `tritrack/train`: training of sparse ternary networks on tfjs. Only this subpath loads tfjs. Node only. */

export { layerCounts } from "../data/layer-counts.ts";
export {
  type DrivenFrameOptions,
  type NetworkFrameOptions,
  networkFrames,
  teacherFrames,
} from "../episodes/labelled-frames.ts";
export { type BackendName, NoBackend, useBackend } from "./backend.ts";
export { type CurvePoint, curveOfLosses } from "./curve.ts";
export { type MnistOptions, type MnistReport, type MnistResult, trainMnist } from "./generate.ts";
export { HardTanh, hardTanh } from "./hard-tanh.ts";
export { type CarOptions, type CarReport, type CarResult, trainCar } from "./imitate.ts";
export type { Loss, Objective } from "./losses.ts";
export { buildModel, fromTernaryNetwork, predict, toTernaryNetwork } from "./model.ts";
export { type PaperEpochs, paperPhases, type Recipe } from "./paper-recipe.ts";
export type { NamedPhase, PhaseReport } from "./phases.ts";
export { loadTfjs, saveTfjs } from "./tfjs-files.ts";
export { type Phase, type StepReport, Trainer, type TrainerOptions } from "./trainer.ts";
