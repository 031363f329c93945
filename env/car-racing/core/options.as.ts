/** CarRacing's options, which `create` checks once. docs/core.md lists defaults and ranges. */
import { OPTIONS_AT } from "./layout.ts";

/** Values of `Options.observations`. */
export const NEVER: i32 = 0;
export const EVERY_STEP: i32 = 1;
export const LAST_STEP: i32 = 2;

/** Values of `Options.direction`. */
export const FORWARD: i32 = 0;
export const BACKWARD: i32 = 1;
export const EITHER_WAY: i32 = 2;

/** Values of `Options.scoreText`. */
export const ROUNDED: i32 = 0;
export const CUT_OFF: i32 = 1;

const MAX_GRIP: f64 = 100;
/** Twenty seconds: nobody can ask for a step without end. */
const MAX_FRAME_SKIP: i32 = 1000;

@unmanaged
export class Options {
  lapCompletePercent: f64;
  grip: f64;
  domainRandomize: i32;
  frameSkip: i32;
  completionFix: i32;
  randomStart: i32;
  direction: i32;
  observations: i32;
  maxEpisodeSteps: i32;
  scoreText: i32;
  hostPhysics: i32;

  setDefaults(): void {
    this.lapCompletePercent = 0.95;
    this.grip = 1;
    this.frameSkip = 1;
    this.observations = EVERY_STEP;
  }

  /** @returns 0, or the number in docs/core.md of the first option out of its range */
  firstWrong(): i32 {
    if (!(this.lapCompletePercent >= 0 && this.lapCompletePercent <= 1)) return 1;
    if (!(this.grip > 0 && this.grip <= MAX_GRIP)) return 2;
    if (<u32>this.domainRandomize > 1) return 3;
    if (this.frameSkip < 1 || this.frameSkip > MAX_FRAME_SKIP) return 4;
    if (<u32>this.completionFix > 1) return 5;
    if (<u32>this.randomStart > 1) return 6;
    if (this.direction < FORWARD || this.direction > EITHER_WAY) return 7;
    if (this.observations < NEVER || this.observations > LAST_STEP) return 8;
    if (this.maxEpisodeSteps < 0) return 9;
    if (this.scoreText < ROUNDED || this.scoreText > CUT_OFF) return 10;
    if (<u32>this.hostPhysics > 1) return 11;
    return 0;
  }
}

export const options: Options = changetype<Options>(OPTIONS_AT);
