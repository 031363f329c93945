/**
 * The keyboard as a driver: which keys are held down decides the action, with the values of Gymnasium's own
 * `python -m gymnasium.envs.box2d.car_racing`. Nothing here touches the DOM: a page feeds it `KeyboardEvent.code`s.
 */
import type { Policy } from "./policy.ts";

/** `KeyboardEvent.code`s of each control: arrow keys, or WASD by position on the keyboard. */
export const drivingKeys = {
  left: ["ArrowLeft", "KeyA"],
  right: ["ArrowRight", "KeyD"],
  gas: ["ArrowUp", "KeyW"],
  brake: ["ArrowDown", "KeyS"],
} as const;

/** Gymnasium's brake key does not lock the wheels: that takes 0.9. */
const KEY_BRAKE = 0.8;

/**
 * The CarRacing action of the keys held down: steer -1, 0 or 1 (left and right together cancel out), gas 0 or 1,
 * brake 0 or 0.8. Keys that do not drive are ignored.
 *
 * @param held `KeyboardEvent.code`s of the keys that are down
 * @param action float32 [3] to write to, for callers that allocate nothing per step
 */
export function keysToAction(held: ReadonlySet<string>, action = new Float32Array(3)): Float32Array {
  const down = (codes: readonly string[]) => (codes.some((code) => held.has(code)) ? 1 : 0);
  action[0] = down(drivingKeys.right) - down(drivingKeys.left);
  action[1] = down(drivingKeys.gas);
  action[2] = KEY_BRAKE * down(drivingKeys.brake);
  return action;
}

/** Drives by `held`, to which the page adds a code when a key goes down, and from which it removes it when it comes up. */
export class HumanPolicy implements Policy<unknown> {
  readonly name = "human";
  readonly observes = false;
  readonly held = new Set<string>();
  private readonly action = new Float32Array(3);

  /** Keys keep their state over episodes, as fingers do. */
  reset(): void {}

  act(): Float32Array {
    return keysToAction(this.held, this.action);
  }
}
