/** Helpers of the wrappers whose actions are arrays. */
import { describe, shorten } from "../describe.ts";
import { InvalidAction, InvalidOption } from "../errors.ts";
import { Box } from "../spaces.ts";

/**
 * The action space of an environment, which must be a Box of numbers.
 * @param wrapper name of the wrapper, for the error
 * @throws {@link InvalidOption} on another space
 */
export function boxActions(wrapper: string, env: { actionSpace: unknown }): Box {
  const space = env.actionSpace;
  if (space instanceof Box && !(space.low instanceof BigInt64Array || space.low instanceof BigUint64Array))
    return space;
  throw new InvalidOption(
    `${wrapper}: expected an environment with Box actions, got ${shorten(String(space))}`,
  );
}

/** True if a value is an array of `size` numbers, none of them NaN. */
export function areNumbers(action: unknown, size: number): action is ArrayLike<number> {
  if (!Array.isArray(action) && !ArrayBuffer.isView(action)) return false;
  const values = action as unknown as ArrayLike<unknown>;
  for (let i = 0; i < size; i++) {
    const value = values[i];
    if (typeof value !== "number" || Number.isNaN(value)) return false;
  }
  return values.length === size;
}

/** @throws {@link InvalidAction} unless the action is an array of `size` numbers, none of them NaN */
export function checkNumbers(action: unknown, size: number): void {
  if (areNumbers(action, size)) return;
  throw new InvalidAction(`expected ${size} numbers, got ${describe(action)}`);
}
