/**
 * What a resumed search must have as it was: fingerprints of networks and examples, which checkpoints hold in their place.
 * `data/checkpoint.ts` makes the bytes of checkpoints.
 */
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { fingerprint } from "../data/checkpoint.ts";
import type { Examples } from "../data/examples.ts";
import { OUTPUT_WEIGHTS } from "./engine/fitness.ts";

/** The fingerprint of a network's weights and scales. */
export function networkFingerprint({ architecture, weights, divisors }: TernaryNetwork): number {
  return fingerprint(divisors, ...architecture.layers.map(({ name }) => weights[name]));
}

/** The fingerprint of examples: every byte counts. */
export function dataFingerprint(data: Examples): number {
  if (data.task === "mnist") return fingerprint(data.inputs, data.labels);
  const { inputs, targets, weights = [], outputWeights = OUTPUT_WEIGHTS } = data;
  return fingerprint(inputs, targets, weights, outputWeights);
}
