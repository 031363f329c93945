/** Where a car and its wheels are at one step: what drawing needs of it, to draw between two steps. */

import type { View } from "../../../env/car-racing/view.ts";
import { BODY_STRIDE, BodyColumn } from "../../../env/car-racing/view.ts";

export const WHEELS = 4;

export class Pose {
  /** x, y, angle of the hull, then of the four wheels. World units, radians. */
  readonly bodies = new Float64Array(3 * (WHEELS + 1));
  /** Rotation of the four wheels about their axles, radians. */
  readonly phase = new Float64Array(WHEELS);

  read(view: View): void {
    for (let i = 0; i <= WHEELS; i++) {
      this.bodies[3 * i] = view.bodies[i * BODY_STRIDE + BodyColumn.x];
      this.bodies[3 * i + 1] = view.bodies[i * BODY_STRIDE + BodyColumn.y];
      this.bodies[3 * i + 2] = view.bodies[i * BODY_STRIDE + BodyColumn.angle];
    }
    this.phase.set(view.phase);
  }

  copy(other: Pose): void {
    this.bodies.set(other.bodies);
    this.phase.set(other.phase);
  }

  /** The pose `share` of the way from `a` to `b`. */
  mix(a: Pose, b: Pose, share: number): void {
    for (let i = 0; i < this.bodies.length; i++)
      this.bodies[i] = a.bodies[i] + share * (b.bodies[i] - a.bodies[i]);
    for (let i = 0; i < WHEELS; i++) this.phase[i] = a.phase[i] + share * (b.phase[i] - a.phase[i]);
  }
}
