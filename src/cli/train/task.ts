/** What the command `train` and the files of its tasks agree on. */

import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { ActionAccuracy } from "../../train/action-accuracy.ts";
import type { PhaseScore } from "../../train/imitate.ts";

/** Options that every task takes. */
export interface CommonOptions {
  out: string;
  sparsity: number;
  seed: number;
  epochs?: number;
  json?: boolean;
}

/** Accuracies from 0 to 1: for the car, action accuracy. */
export interface Trained {
  network: TernaryNetwork;
  train: number;
  validation: number;
  test: number;
  reward?: { mean: number; sd: number; min: number; laps: number; seeds: string };
  /** Of the car: action accuracy by control. */
  actions?: Record<"train" | "validation" | "test", ActionAccuracy>;
  /** Of the car: validation reward after each phase; the best is the result. */
  phases?: PhaseScore[];
}
