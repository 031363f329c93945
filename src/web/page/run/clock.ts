/**
 * A clock of fixed steps: however often and however irregularly the display asks, the steps it hands out are as
 * many as simulated time needs, so that the car drives as fast at 30 frames a second as at 144.
 */
export class StepClock {
  /** Simulated seconds a second. */
  speed = 1;
  private readonly period: number;
  private readonly most: number;
  private last: number | null = null;
  private owed = 0;

  /**
   * @param period milliseconds a step
   * @param most steps handed out at once at most, at speed 1: after a stall the drive goes on where it was instead of
   *   racing through what was missed
   */
  constructor(period: number, most = 8) {
    this.period = period;
    this.most = most;
  }

  /** Steps due at `now` (milliseconds, any origin). The first call after a `stop` starts the clock and gives 0. */
  advance(now: number): number {
    this.owed += this.speed * (now - (this.last ?? now));
    this.last = now;
    const due = Math.floor(this.owed / this.period);
    this.owed -= due * this.period;
    return Math.min(due, Math.ceil(this.most * this.speed));
  }

  /** How far the display is past the last step: 0 at the step, towards 1 at the next. For drawing in between. */
  get fraction(): number {
    return this.owed / this.period;
  }

  stop(): void {
    this.last = null;
    this.owed = 0;
  }
}
