/**
 * The gap between two cars on one track, in steps: the time since the car behind could have been where the car ahead
 * was. Progress is counted in visited tiles.
 */
import type { Timeline } from "../run/timeline.ts";

/** The environment facts that progress is read from. */
type Driven = Pick<Timeline, "steps"> & { car: { tileVisitedCount: number } };

/** Step at which a car had visited each number of tiles. */
export class Progress {
  /** First step with n tiles, at index n. */
  readonly #steps: number[] = [];

  /** Call after each step. */
  note({ steps, car: { tileVisitedCount } }: Driven): void {
    while (this.#steps.length <= tileVisitedCount) this.#steps.push(steps);
  }

  /** Visited tiles; -1 before the first `note`. */
  get tiles(): number {
    return this.#steps.length - 1;
  }

  /** First step with that many tiles. */
  stepOf(tiles: number): number {
    return this.#steps[tiles];
  }

  /** Forgets everything, for another episode. */
  clear(): void {
    this.#steps.length = 0;
  }
}

/**
 * Steps that `own` is behind `other`; negative if it is ahead.
 * @param steps driven by both
 */
export function gap(own: Progress, other: Progress, steps: number): number {
  if (own.tiles < 0 || other.tiles < 0) return 0;
  if (own.tiles > other.tiles) return own.stepOf(other.tiles + 1) - steps;
  if (own.tiles < other.tiles) return steps - other.stepOf(own.tiles + 1);
  return own.stepOf(own.tiles) - other.stepOf(own.tiles);
}
