/** A person's hands: what keyboard, touch pads and gamepad say together. */
import { drivingKeys, keysToAction } from "../../../../policies/human.ts";
import { gamepadToAction } from "./gamepad.ts";

const STEERING: readonly string[] = [...drivingKeys.left, ...drivingKeys.right];
const PEDALS: readonly string[] = [...drivingKeys.gas, ...drivingKeys.brake];

export class Hands {
  /** Codes of the driving keys that are down; keyboard and touch pads write it. */
  readonly held = new Set<string>();
  private readonly own = new Float32Array(3);

  /** Writes what the person does: steer, gas, brake. A gamepad at rest leaves it to the keys. */
  drive(action: Float32Array<ArrayBuffer>): void {
    if (!gamepadToAction(action)) keysToAction(this.held, action);
  }

  /**
   * Puts in what the person holds over what another driver does: the steering while a steering key is held, gas and
   * brake while a pedal is; all of it with a gamepad.
   * @returns whether anything is held
   */
  correct(action: Float32Array<ArrayBuffer>): boolean {
    if (gamepadToAction(action)) return true;
    const steering = STEERING.some((code) => this.held.has(code));
    const pedals = PEDALS.some((code) => this.held.has(code));
    keysToAction(this.held, this.own);
    if (steering) action[0] = this.own[0];
    if (pedals) action.set(this.own.subarray(1), 1);
    return steering || pedals;
  }
}
