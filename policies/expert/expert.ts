/**
 * The expert: a privileged driver that laps as fast as its model of tyres and engine allows. It is the ceiling that
 * other drivers are measured against, and drives demonstrations. A network imitates the calmer `teacher.ts` better.
 */
import type { CarMotion } from "./car-model.ts";
import { drive } from "./driver.ts";
import { LineDriver, type LineDriverOptions } from "./line-driver.ts";
import type { LinePlace } from "./line-place.ts";
import { type RacingLine, racingLine } from "./racing-line.ts";
import { refineLine } from "./refine.ts";

/** The refined line may go this much farther from the middle of the road than `halfWidth`, units: wheels may touch grass. */
const REFINED_MARGIN = 3;

/** The fastest driver. It reads the track and the car's state from a continuous CarRacing, and never its frames. */
export class ExpertPolicy extends LineDriver {
  readonly name = "expert";

  /**
   * Makes an expert.
   * @param options `pace` is the speed cap of the line, units a second. Default: pace 100, halfWidth 4.5
   * @throws {@link InvalidOption} on a value outside its range
   */
  constructor({ pace = 100, halfWidth = 4.5 }: LineDriverOptions = {}) {
    super({ pace, halfWidth });
  }

  protected plan(track: Float64Array): RacingLine {
    const { pace, halfWidth } = this.options;
    const line = racingLine(track, this.options);
    refineLine(track, line, halfWidth + REFINED_MARGIN, pace);
    return line;
  }

  protected control(line: RacingLine, place: LinePlace, car: CarMotion, action: Float32Array): void {
    drive(line, place, car, action);
  }
}
