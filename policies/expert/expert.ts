/**
 * The expert: a privileged driver that laps as fast as its model of tyres and engine allows. It gives demonstrations,
 * and is the ceiling that other drivers are measured against; what imitates better is the calmer `teacher.ts`.
 */
import { type CarMotion, drive, type LinePlace } from "./driver.ts";
import { LineDriver, type LineDriverOptions } from "./line-driver.ts";
import type { RacingLine } from "./racing-line.ts";

export class ExpertPolicy extends LineDriver {
  readonly name = "expert";

  /**
   * Defaults: pace 100, halfWidth 5.5.
   * @throws {@link InvalidOption} on a value outside its range
   */
  constructor({ pace = 100, halfWidth = 5.5 }: LineDriverOptions = {}) {
    super({ pace, halfWidth });
  }

  protected control(line: RacingLine, place: LinePlace, car: CarMotion, action: Float32Array): void {
    drive(line, place, car, action);
  }
}
