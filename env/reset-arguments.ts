/** What `reset` may be called with, checked: a seed passed bare, or misspelt, would else begin an unseeded episode. */
import type { ResetOptions } from "./api.ts";
import { describe, shorten } from "./describe.ts";
import { InvalidOption } from "./errors.ts";
import { isRecord } from "./is-record.ts";

const NAMES = ["seed", "options"];

/**
 * @param names what this `reset` takes
 * @throws {@link InvalidOption} on anything but an object with these keys
 */
export function checkResetArguments<Options extends object = ResetOptions>(
  given: Options,
  names: readonly string[] = NAMES,
): Options {
  const wrong = isRecord(given)
    ? Object.keys(given).find((key) => !names.includes(key))
    : shorten(String(given));
  if (wrong === undefined) return given;
  throw new InvalidOption(
    `reset: expected an object with ${names.join(", ")}, such as { seed: 7 }, got ${isRecord(given) ? describe(wrong) : wrong}`,
  );
}
