/** What the options of searches are checked for, from code that no compiler has looked at too. */
import { InvalidOption } from "../../env/errors.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { type Family, SwapDrawer } from "../../policies/ternary/swap.ts";

export const FAMILIES: readonly Family[] = ["same", "free"];

/** Refuses no layer at all, one that is not there, one that has nothing to swap, and one that is named twice. */
export function checkLayers(network: TernaryNetwork, layers: readonly string[]): void {
  if (layers.length === 0) throw new InvalidOption("no layer to search: at least one is needed");
  layers.forEach((layer, i) => {
    // The drawer refuses a layer without a zero or a nonzero weight.
    new SwapDrawer(network, layer);
    if (layers.indexOf(layer) < i) throw new InvalidOption(`layer "${layer}" is named twice: once is enough`);
  });
}

/** @throws InvalidOption unless `value` is one of the names */
export function checkName(option: string, value: string, names: readonly string[]): void {
  if (!names.includes(value))
    throw new InvalidOption(`${option} is "${value}", expected ${names.join(", ")}`);
}

/** The value. @throws InvalidOption unless it is a whole number from 1 up */
export function positive(option: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidOption(`${option} is ${value}, expected a whole number from 1 up`);
}
