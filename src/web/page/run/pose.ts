/** Place and angle of a car and its wheels at one step. The view draws between two of them. */
import { WHEELS } from "../../../../env/car-racing/core/constants.ts";
import { BODY_STRIDE, BodyColumn, type View } from "../../../../env/car-racing/view.ts";

/** Place and angle of a car and its wheels. */
export class Pose {
  /** x, y (world units) and angle (radians) of the hull, then of each wheel: float64 [5, 3]. */
  readonly bodies = new Float64Array(3 * (WHEELS + 1));
  /** Rotation of each wheel about its axle, radians: float64 [4]. */
  readonly phase = new Float64Array(WHEELS);

  /** Takes the pose from the environment's present state. */
  read(view: View): void {
    for (let i = 0; i <= WHEELS; i++) {
      this.bodies[3 * i] = view.bodies[i * BODY_STRIDE + BodyColumn.x];
      this.bodies[3 * i + 1] = view.bodies[i * BODY_STRIDE + BodyColumn.y];
      this.bodies[3 * i + 2] = view.bodies[i * BODY_STRIDE + BodyColumn.angle];
    }
    this.phase.set(view.phase);
  }

  /** Takes another pose. */
  copy(other: Pose): void {
    this.bodies.set(other.bodies);
    this.phase.set(other.phase);
  }

  /** Interpolates: `share` 0 gives `a`, 1 gives `b`. */
  mix(a: Pose, b: Pose, share: number): void {
    for (let i = 0; i < this.bodies.length; i++)
      this.bodies[i] = a.bodies[i] + share * (b.bodies[i] - a.bodies[i]);
    for (let i = 0; i < WHEELS; i++) this.phase[i] = a.phase[i] + share * (b.phase[i] - a.phase[i]);
  }
}
