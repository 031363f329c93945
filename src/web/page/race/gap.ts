/** How far two cars on one track are apart in time: since the one behind is where the one ahead was. */
import type { Timeline } from "../run/timeline.ts";

/** When a car had visited how many tiles. */
export class Progress {
  /** At index n: the first step with n tiles. */
  private readonly steps: number[] = [];

  /** Call after each step. */
  note({
    steps,
    car: { tileVisitedCount },
  }: Pick<Timeline, "steps"> & { car: { tileVisitedCount: number } }): void {
    while (this.steps.length <= tileVisitedCount) this.steps.push(steps);
  }

  get tiles(): number {
    return this.steps.length - 1;
  }

  /** First step with that many tiles. */
  stepOf(tiles: number): number {
    return this.steps[tiles];
  }

  clear(): void {
    this.steps.length = 0;
  }
}

/**
 * @param steps driven by both
 * @returns steps that `own` is behind `other`; negative when ahead
 */
export function gap(own: Progress, other: Progress, steps: number): number {
  if (own.tiles < 0 || other.tiles < 0) return 0;
  if (own.tiles > other.tiles) return own.stepOf(other.tiles + 1) - steps;
  if (own.tiles < other.tiles) return steps - other.stepOf(own.tiles + 1);
  return own.stepOf(own.tiles) - other.stepOf(own.tiles);
}
