/** The layers that a search may be given. */
import { InvalidOption } from "../../env/errors.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { SwapDrawer } from "../../policies/ternary/swap.ts";

/** Refuses no layer at all, one that is not there, one that has nothing to swap, and one that is named twice. */
export function checkLayers(network: TernaryNetwork, layers: readonly string[]): void {
  if (layers.length === 0) throw new InvalidOption("no layer to search: at least one is needed");
  layers.forEach((layer, i) => {
    // The drawer refuses a layer without a zero or a nonzero weight.
    new SwapDrawer(network, layer);
    if (layers.indexOf(layer) < i) throw new InvalidOption(`layer "${layer}" is named twice: once is enough`);
  });
}
