/** The curve of a training: what an epoch came to, epoch after epoch through all phases. */

export interface CurvePoint {
  /** Counted from 1 through all phases. */
  epoch: number;
  /** Name of the phase. */
  phase: string;
  /** Mean loss of the epoch's batches. */
  loss: number;
  /** Validation accuracy at the epoch's end, 0 to 1; null where it was not measured. */
  accuracy: number | null;
  /** Zero weights at the epoch's end, percent. */
  sparsity: number;
}
