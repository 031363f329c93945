/**
 * The five actions of CarRacing-v3 with `continuous: false`, as the steer, gas and brake that the car then does
 * (`CarRacing.step` in gymnasium/envs/box2d/car_racing.py). Learning from discrete drives needs them: a network has three
 * outputs, and its labels are controls.
 */
import { describe } from "../describe.ts";
import { InvalidAction } from "../errors.ts";
import type { CarAction } from "./car-racing.ts";

/** Steer (-1 to 1, right is positive), gas and brake (0 to 1) of each discrete action: nothing, right, left, gas, brake. */
export const DISCRETE_CONTROLS: readonly (readonly [steer: number, gas: number, brake: number])[] = [
  [0, 0, 0],
  [0.6, 0, 0],
  [-0.6, 0, 0],
  [0, 0.2, 0],
  [0, 0, 0.8],
];

/**
 * The controls of any action of CarRacing.
 * @param action steer, gas and brake, which are returned as they are; or a whole number from 0 to 4
 * @returns three numbers; the array may be shared, so do not write into it
 * @throws {@link InvalidAction} on a number that is no discrete action
 */
export function controlsOf(action: CarAction): ArrayLike<number> {
  if (typeof action !== "number") return action;
  const controls = DISCRETE_CONTROLS[action];
  if (!controls) throw new InvalidAction(`expected a whole number from 0 to 4, got ${describe(action)}`);
  return controls;
}
