/** Types that the command `train` shares with the files of its tasks. */
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { ActionAccuracy } from "../../data/actions.ts";
import type { BackendName } from "../../train/backend.ts";
import type { CurvePoint } from "../../train/curve.ts";
import type { PhaseScore } from "../../train/imitate.ts";
import type { PaperEpochs, Recipe } from "../../train/paper-recipe.ts";

/** Options that every task takes, as the library names them. */
export interface CommonOptions {
  /** File of the network. */
  out: string;
  /** Share of zero weights, percent. */
  sparsity: number;
  /** Seed of the first weights and of the order of the samples. */
  seed: number;
  /** Passes over the samples while the network becomes sparse. Default: that of the task. */
  epochs?: number;
  /** Recipe of the training. */
  recipe: Recipe;
  /** Passes over the samples in the steps of the paper's recipe. */
  paperEpochs: Partial<PaperEpochs>;
  /** Threads that share the work. */
  threads: number;
  /** Parts that a batch is cut into. Default: 2. */
  shards?: number;
  /** tfjs backend to compute on. */
  backend: BackendName | "auto";
  /** File of the checkpoint: if it is there, the training goes on from it. */
  checkpoint: string;
}

/** Result of a task. Accuracies are shares from 0 to 1; for the car, action accuracies. */
export interface Trained {
  /** The trained network. */
  network: TernaryNetwork;
  /** Accuracy on training data. */
  train: number;
  /** Accuracy on validation data. */
  validation: number;
  /** Accuracy on test data. */
  test: number;
  /** Loss, accuracy and sparsity through the training. */
  curve: readonly CurvePoint[];
  /** For the car, driving reward on the tracks of `--seeds`. */
  reward?: { mean: number; sd: number; min: number; laps: number; seeds: string };
  /** For the car, action accuracy by control. */
  actions?: Record<"train" | "validation" | "test", ActionAccuracy>;
  /** For the car, validation reward after each phase; the network with the best one is the result. */
  phases?: PhaseScore[];
}
