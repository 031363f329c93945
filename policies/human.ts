/**
 * The keyboard as a driver: the keys that are held down give the action, with the values of Gymnasium's own
 * `python -m gymnasium.envs.box2d.car_racing`. Nothing here touches the DOM: a page passes in `KeyboardEvent.code`s.
 */
import type { Policy } from "./policy.ts";

/** `KeyboardEvent.code`s of each control: an arrow key, and the key of WASD by its position on the keyboard. */
export const drivingKeys = {
  left: ["ArrowLeft", "KeyA"],
  right: ["ArrowRight", "KeyD"],
  gas: ["ArrowUp", "KeyW"],
  brake: ["ArrowDown", "KeyS"],
} as const;

/** Brake of Gymnasium's brake key. Wheels lock only from 0.9 on. */
const KEY_BRAKE = 0.8;

/**
 * The CarRacing action of the keys held down: steer -1, 0 or 1 (left and right together cancel out), gas 0 or 1,
 * brake 0 or 0.8. Keys that do not drive are ignored.
 *
 * @param held `KeyboardEvent.code`s of the keys that are down
 * @param action float32 [3] that the action is written to, so that a step need not allocate one. Default: a new array
 * @returns action
 */
export function keysToAction(held: ReadonlySet<string>, action = new Float32Array(3)): Float32Array {
  const down = (codes: readonly string[]) => (codes.some((code) => held.has(code)) ? 1 : 0);
  action[0] = down(drivingKeys.right) - down(drivingKeys.left);
  action[1] = down(drivingKeys.gas);
  action[2] = KEY_BRAKE * down(drivingKeys.brake);
  return action;
}

/** A driver whose action follows from the keys in `held`. */
export class HumanPolicy implements Policy<unknown> {
  readonly name = "human";
  readonly observes = false;
  /**
   * `KeyboardEvent.code`s of the keys that are down. The page adds a code when its key goes down and removes it when the
   * key comes up.
   */
  readonly held = new Set<string>();
  readonly #action = new Float32Array(3);

  /** Does nothing: a key that is down stays down when an episode begins. */
  reset(): void {}

  /** The action of the keys that are down: float32 [3] of steer, gas, brake. Valid until the next call. */
  act(): Float32Array {
    return keysToAction(this.held, this.#action);
  }
}
