/** A reward function that stands in for episodes: it is cheap and ignores frames. Threads import it too. */
import type { TernaryNetwork } from "../../policies/ternary/network.ts";

export const balance = (network: TernaryNetwork): number =>
  network.weights.fc1.subarray(0, 5760).reduce((a, w) => a + w, 0);

/** URL of this module, for threads. */
export const balanceModule = import.meta.url;
