/** What the command `train` and the files of its tasks agree on. */

import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { ActionAccuracy } from "../../data/actions.ts";
import type { BackendName } from "../../train/backend.ts";
import type { CurvePoint } from "../../train/curve.ts";
import type { PhaseScore } from "../../train/imitate.ts";
import type { PaperEpochs, Recipe } from "../../train/paper-recipe.ts";

/** Options that every task takes. */
export interface CommonOptions {
  out: string;
  sparsity: number;
  seed: number;
  epochs?: number;
  recipe: Recipe;
  paperEpochs: Partial<PaperEpochs>;
  threads: number;
  shards?: number;
  backend: BackendName | "auto";
  /** Where the training stands: it goes on from there if the file exists, and writes it. */
  checkpoint: string;
}

/** Accuracies from 0 to 1: for the car, action accuracy. */
export interface Trained {
  network: TernaryNetwork;
  train: number;
  validation: number;
  test: number;
  curve?: readonly CurvePoint[];
  reward?: { mean: number; sd: number; min: number; laps: number; seeds: string };
  /** Of the car: action accuracy by control. */
  actions?: Record<"train" | "validation" | "test", ActionAccuracy>;
  /** Of the car: validation reward after each phase; the best is the result. */
  phases?: PhaseScore[];
}
