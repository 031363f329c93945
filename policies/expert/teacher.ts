/**
 * The teacher: a privileged driver that is made to be imitated. It steers for a point well ahead (pure pursuit, Coulter
 * 1992), turns the wheel in proportion to the angle to that point, and drives slower the larger the angle. One frame
 * shows all of this, so a network can learn it; and the teacher finds its way back from any place to which a learner or
 * noise has led the car. The expert is only a little faster, but drives within hundredths of the tyres' limit: one frame
 * does not show enough to learn its actions, and a small push sends it off the road.
 */
import { atan2 } from "../../env/math.ts";
import type { CarMotion } from "./car-model.ts";
import { LineDriver, type LineDriverOptions } from "./line-driver.ts";
import { between, type LinePlace, walk } from "./line-place.ts";
import { type RacingLine, racingLine } from "./racing-line.ts";

// These values were found by random search for the highest driving reward on the tracks of seeds 12000 to 12013. To favour
// a driver that is easy to imitate, the teacher got wrong readings (place by half a unit, heading by 0.025 rad, speed by
// 3 units/s, turning by 0.25 rad/s, and twice as much) and noise on its actions.

/** Distance along the line to the point that is steered for, units, at speed 0. */
const LOOK_AHEAD = 8.4;
/** Seconds of travel that are added to that distance. */
const LOOK_AHEAD_TIME = 0.178;
/** Steering for each radian that the point is off. */
const STEER_GAIN = 1.61;
/** Steering against the car's turning, for each radian a second. */
const TURN_DAMPING = 0.091;
/** Share of the angle between the hull's direction and the direction of motion that counts as heading. */
const SLIDE_SHARE = 0.37;
/** Speed below which the direction of motion is not used, since it means little; units a second. */
const SLIDE_SPEED = 5;
/** Hardest steering. The front wheels stop at 0.4 rad, so more would have no effect and only be harder to learn. */
const HARDEST_STEER = 0.5;
/** Speed when the point lies straight ahead, units a second at pace 100. */
const FREE_SPEED = 117;
/** Reduction of that speed for each radian that the point is off, units a second. */
const SPEED_PER_MISS = 85;
/** Lowest speed after that reduction, units a second. */
const LEAST_SPEED = 15;
/** Highest speed, units a second. */
const TOP_SPEED = 105;
/** Distance ahead at which the line's own speed is read, which bounds the speed too; seconds of travel. */
const PROFILE_AHEAD_TIME = 0.046;
/** Factor on the line's own speed, which is computed with care and leaves some room. */
const PROFILE_SHARE = 1.1;
/** Speed cap that the line is planned with, units a second: it hardly changes the line's course. */
const PLANNED_PACE = 100;
/** Gas for each unit a second below the wanted speed: full gas from about 2 on. */
const GAS_GAIN = 0.55;
/** Brake for each unit a second above the wanted speed. */
const BRAKE_GAIN = 0.041;
/** Hardest braking, at which the wheels never lock. */
const HARDEST_BRAKE = 0.45;
/** Share of the gas that is taken away for each radian that the point is off. */
const GAS_PER_MISS = 1.77;
/** Speed below which the car keeps some gas, units a second: otherwise it could stand for ever. */
const CRAWL_SPEED = 10;
/** Least share of the gas below that speed. */
const CRAWL_GAS = 0.2;

/** A calm driver to imitate. It reads the track and the car's state from a continuous CarRacing, and never its frames. */
export class TeacherPolicy extends LineDriver {
  readonly name = "teacher";

  /**
   * Makes a teacher.
   * @param options `pace` is a percentage of the teacher's full speed: less is slower everywhere, in bends too, and leaves
   *   more room for a learner's mistakes. Default: pace 90, halfWidth 3
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
