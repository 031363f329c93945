/**
 * A clock of fixed steps. It hands out as many steps as simulated time needs, however often and irregularly the display
 * asks, so that the car drives as fast at 30 frames a second as at 144.
 */
export class StepClock {
  /** Simulated seconds per second. Default: 1. */
  speed = 1;
  readonly #period: number;
  readonly #most: number;
  #last: number | null = null;
  #owed = 0;

  /**
   * @param period milliseconds per step
   * @param most largest number of steps handed out at once at speed 1. After a stall the episode continues where it
   *   was instead of racing through the time that passed. Default: 8.
   */
  constructor(period: number, most = 8) {
    this.#period = period;
    this.#most = most;
  }

  /**
   * Number of steps due. The first call after `stop` starts the clock and gives 0.
   * @param now milliseconds, of any origin
   */
  advance(now: number): number {
    this.#owed += this.speed * (now - (this.#last ?? now));
    this.#last = now;
    const due = Math.floor(this.#owed / this.#period);
    this.#owed -= due * this.#period;
    return Math.min(due, Math.ceil(this.#most * this.speed));
  }

  /** Position of the display between the last step (0) and the next (1), for drawing in between. */
  get fraction(): number {
    return this.#owed / this.#period;
  }

  /** Stops the clock. Time that passes until the next `advance` does not count. */
  stop(): void {
    this.#last = null;
    this.#owed = 0;
  }
}
