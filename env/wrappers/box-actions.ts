/** What wrappers of Box actions share. */
import { InvalidAction, InvalidOption } from "../errors.ts";
import { Box } from "../spaces.ts";

/** The environment's action space as a Box. @throws {@link InvalidOption} naming the wrapper */
export function boxActions(wrapper: string, env: { actionSpace: unknown }): Box {
  const space = env.actionSpace;
  if (space instanceof Box) return space;
  throw new InvalidOption(`${wrapper}: expected an environment with Box actions, got ${space}`);
}

/** @throws {@link InvalidAction} unless the action is `size` numbers, none of them NaN */
export function checkNumbers(action: ArrayLike<number>, size: number): void {
  const isList = Array.isArray(action) || ArrayBuffer.isView(action);
  if (isList && action.length === size) {
    const values = Array.from(action);
    if (values.every((value) => typeof value === "number" && !Number.isNaN(value))) return;
  }
  throw new InvalidAction(`expected ${size} numbers, got ${isList ? `[${Array.from(action)}]` : action}`);
}
