/** The curve of a training: points in order, through all phases. */
import { mean } from "../data/statistics.ts";

/** A point of the curve of a training. */
export interface CurvePoint {
  /** Number of steps so far, through all phases. */
  step: number;
  /** Name of the phase. */
  phase: string;
  /** Mean loss of the batches since the point before. */
  loss: number;
  /** Validation accuracy, 0 to 1; null where it was not measured. */
  accuracy: number | null;
  /** Zero weights, percent; null where it was not noted. */
  sparsity: number | null;
}

/** Points of a phase of which only the losses are known. */
const POINTS_A_PHASE = 40;

/** The curve of a training that noted the loss of every step: means over up to 40 parts of each phase. */
export function curveOfLosses(phases: readonly { phase: string; losses: readonly number[] }[]): CurvePoint[] {
  const points: CurvePoint[] = [];
  let before = 0;
  for (const { phase, losses } of phases) {
    const part = Math.max(1, Math.ceil(losses.length / POINTS_A_PHASE));
    for (let from = 0; from < losses.length; from += part) {
      const some = losses.slice(from, from + part);
      const loss = mean(some);
      points.push({ step: before + from + some.length, phase, loss, accuracy: null, sparsity: null });
    }
    before += losses.length;
  }
  return points;
}
