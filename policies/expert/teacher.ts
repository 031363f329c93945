/**
 * The teacher: a privileged driver that is there to be imitated. It steers for a point well ahead (pure pursuit,
 * Coulter 1992), turns the wheel in proportion to how far that point is off, and goes the slower the farther it is off:
 * all of which one frame shows. So it comes back from wherever a learner, or noise on its own hands, has led the car.
 * The expert is hardly faster but steers within hundredths of what the tyres hold: its actions cannot be learnt from
 * one frame, and a nudge sends it off the road.
 */
import { atan2 } from "../../env/math.ts";
import type { CarMotion } from "./car-model.ts";
import { LineDriver, type LineDriverOptions } from "./line-driver.ts";
import { between, type LinePlace, walk } from "./line-place.ts";
import { type RacingLine, racingLine } from "./racing-line.ts";

// Found by random search for the highest driving reward of a teacher that sees place, heading, speed and turning wrong
// (by half a unit, 0.025 rad, 3 units/s, 0.25 rad/s, and twice as much) and whose hand is unsteady, on tracks of seeds
// 12000 to 12013: what tolerates that can be imitated.
/** Distance of the point that is steered for: units, and seconds of travel. */
const LOOK_AHEAD = 8.4;
const LOOK_AHEAD_TIME = 0.178;
/** Wheel angle for each radian that the point is off, and for each radian a second that the car turns. */
const STEER_GAIN = 1.61;
const TURN_DAMPING = 0.091;
/** How much of the angle between where the car points and where it slides counts as heading. */
const SLIDE_SHARE = 0.37;
/** Below this speed the direction of sliding means nothing; units a second. */
const SLIDE_SPEED = 5;
/** The front wheels stop at 0.4 rad: steering harder is of no use, and would only be harder to learn. */
const HARDEST_STEER = 0.5;
/** Wanted speed: FREE_SPEED less SPEED_PER_MISS for each radian off, within the other two; units a second at pace 100. */
const FREE_SPEED = 117;
const SPEED_PER_MISS = 85;
const LEAST_SPEED = 15;
const TOP_SPEED = 105;
/** The line's speed a little ahead (seconds of travel) bounds it too; its profile is careful, so by more than it says. */
const PROFILE_AHEAD_TIME = 0.046;
const PROFILE_SHARE = 1.1;
/** Speed cap that the line is planned with, units a second: it hardly changes the line's course. */
const PLANNED_PACE = 100;
/** Gas for each unit a second below the wanted speed: full from 2 on. */
const GAS_GAIN = 0.55;
/** Brake for each unit a second above the wanted speed, and the hardest braking: the wheels never lock. */
const BRAKE_GAIN = 0.041;
const HARDEST_BRAKE = 0.45;
/** Gas closes by this for each radian off; a car that crawls keeps a little, or it would stand for ever. */
const GAS_PER_MISS = 1.77;
const CRAWL_SPEED = 10;
const CRAWL_GAS = 0.2;

/** A calm driver to imitate: it sees the track and the car's state of a continuous CarRacing, not its frames. */
export class TeacherPolicy extends LineDriver {
  readonly name = "teacher";

  /**
   * Defaults: pace 90, halfWidth 3. `pace` is percent of what the teacher could do: less is slower everywhere, in bends
   * too, and leaves more room for a learner's mistakes.
   * @throws {@link InvalidOption} on a value outside its range
   */
  constructor({ pace = 90, halfWidth = 3 }: LineDriverOptions = {}) {
    super({ pace, halfWidth });
  }

  protected plan(track: Float64Array): RacingLine {
    return racingLine(track, { pace: PLANNED_PACE, halfWidth: this.options.halfWidth });
  }

  protected control(line: RacingLine, place: LinePlace, car: CarMotion, action: Float32Array): void {
    const ahead = walk(line, place, LOOK_AHEAD + LOOK_AHEAD_TIME * car.speed);
    const dx = between(line.x, ahead) - car.x;
    const dy = between(line.y, ahead) - car.y;
    const { forwardX, forwardY } = car;
    let miss = atan2(forwardX * dy - forwardY * dx, forwardX * dx + forwardY * dy);
    if (car.speed > SLIDE_SPEED)
      miss -= SLIDE_SHARE * atan2(car.frontSide + car.rearSide, car.frontForward + car.rearForward);
    const off = Math.abs(miss);

    const profile = between(line.speed, walk(line, place, PROFILE_AHEAD_TIME * car.speed));
    const allowed = Math.max(LEAST_SPEED, FREE_SPEED - SPEED_PER_MISS * off);
    const share = this.options.pace / 100;
    const missing = share * Math.min(TOP_SPEED, PROFILE_SHARE * profile, allowed) - car.speed;
    const opening = Math.max(car.speed < CRAWL_SPEED ? CRAWL_GAS : 0, 1 - GAS_PER_MISS * off);
    action[0] = clip(TURN_DAMPING * car.turning - STEER_GAIN * miss, -HARDEST_STEER, HARDEST_STEER);
    action[1] = clip(GAS_GAIN * missing, 0, 1) * opening;
    action[2] = clip(-BRAKE_GAIN * missing, 0, HARDEST_BRAKE);
  }
}

function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
