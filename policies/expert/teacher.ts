/**
 * The teacher: a privileged driver that is there to be imitated. It steers for a point well ahead (pure pursuit,
 * Coulter 1992), turns the wheel in proportion to how far that point is off, brakes gently and slows down when it is
 * off the line, so that it comes back from wherever a learner, or noise on its own hands, has led the car. The
 * expert is faster but steers within hundredths of what the tyres hold: its actions cannot be learnt from one frame,
 * and a nudge sends it off the road.
 */
import { atan2 } from "../../env/math.ts";
import type { CarMotion } from "./car-model.ts";
import { LineDriver, type LineDriverOptions } from "./line-driver.ts";
import { between, type LinePlace, walk } from "./line-place.ts";
import { type RacingLine, racingLine } from "./racing-line.ts";

/** Distance of the point that is steered for: units, and seconds of travel. */
const LOOK_AHEAD = 8.2;
const LOOK_AHEAD_TIME = 0.165;
/** Wheel angle for each radian that the point is off, and for each radian a second that the car turns. */
const STEER_GAIN = 1.6;
const TURN_DAMPING = 0.12;
/** How much of the angle between where the car points and where it slides counts as heading. */
const SLIDE_SHARE = 0.22;
/** Below this speed the direction of sliding means nothing; units a second. */
const SLIDE_SPEED = 5;
/** Share of the speed that the line's profile, planned at the tyres' limit, allows. */
const PROFILE_SHARE = 0.9;
/** Speed when the point is off by no angle, what each radian takes off it, and what is left at least; units a second. */
const FREE_SPEED = 110;
const SPEED_PER_MISS = 60;
const LEAST_SPEED = 15;
/** Gas for each unit a second below the wanted speed: full from 5 on, which one frame can tell from 0. */
const GAS_GAIN = 0.2;
/** Brake for each unit a second above the wanted speed, and the hardest braking: the wheels never lock. */
const BRAKE_GAIN = 0.05;
const HARDEST_BRAKE = 0.8;
/** Gas closes by this for each radian off; a car that crawls keeps a little, or it would stand for ever. */
const GAS_PER_MISS = 2.75;
const CRAWL_SPEED = 10;
const CRAWL_GAS = 0.2;

export class TeacherPolicy extends LineDriver {
  readonly name = "teacher";

  /**
   * Defaults: pace 80, halfWidth 3.
   * @throws {@link InvalidOption} on a value outside its range
   */
  constructor({ pace = 80, halfWidth = 3 }: LineDriverOptions = {}) {
    super({ pace, halfWidth });
  }

  protected plan(track: Float64Array): RacingLine {
    const { pace, halfWidth } = this.options;
    return racingLine(track, { pace: pace / PROFILE_SHARE, halfWidth });
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

    const allowed = Math.max(LEAST_SPEED, FREE_SPEED - SPEED_PER_MISS * off);
    const missing = Math.min(PROFILE_SHARE * line.speed[place.index], allowed) - car.speed;
    const opening = Math.max(car.speed < CRAWL_SPEED ? CRAWL_GAS : 0, 1 - GAS_PER_MISS * off);
    action[0] = Math.max(-1, Math.min(1, TURN_DAMPING * car.turning - STEER_GAIN * miss));
    action[1] = Math.max(0, Math.min(1, GAS_GAIN * missing)) * opening;
    action[2] = Math.max(0, Math.min(HARDEST_BRAKE, -BRAKE_GAIN * missing));
  }
}
