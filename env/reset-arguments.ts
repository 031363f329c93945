/** Checks the arguments of `reset`: a bare or misspelt seed would otherwise begin an unseeded episode. */
import type { ResetOptions } from "./api.ts";
import { describe, shorten } from "./describe.ts";
import { InvalidOption } from "./errors.ts";
import { isRecord } from "./is-record.ts";

const NAMES = ["seed", "options"];

/**
 * The arguments of a `reset`, checked.
 * @param names keys that this `reset` takes. Default: seed and options.
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
