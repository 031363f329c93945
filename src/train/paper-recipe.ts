/**
 * The recipe of "Architecture Agnostic Neural Networks", Section 4.1, Steps 1 to 4 to the letter, as phases of
 * training: dense, pruned little by little, at fixed sparsity, binary. Sparsity and signs are imposed at the ends of
 * epochs only. It reaches far less than the default recipe (see parameters.ts), because at a learning rate that suits
 * floats hardly a weight of ±1 changes sign within an epoch: Step 4 keeps the network that it begins with.
 */
import { InvalidOption } from "../../env/errors.ts";
import type { Architecture } from "../../policies/ternary/network.ts";
import { layerCounts } from "../data/layer-counts.ts";
import type { NamedPhase } from "./phases.ts";

/** "default": straight-through on every step; "paper": Steps 1 to 4 of the paper. */
export type Recipe = "default" | "paper";

/** Epochs of the paper's four steps, whole numbers from 0 up. */
export interface PaperEpochs {
  /** Step 1, dense. Default: 5. */
  n1: number;
  /** Step 2, pruning. Default: as many as prune about 2.5 % of the weights each. */
  n2: number;
  /** Step 3, at fixed sparsity. Default: 5. */
  n3: number;
  /** Step 4, binary. Default: 5. */
  n4: number;
}

/** Percent of all weights pruned at the end of an epoch: the paper says 2 to 3. */
const PRUNED_AN_EPOCH = 2.5;

/**
 * The phases of the recipe.
 * @param sparsity share of zero weights in the whole network, percent, 0 ≤ sparsity < 100
 * @param epochs passes over the samples in each step. Default: those of `PaperEpochs`.
 * @param batch samples a step. Default: 64.
 * @throws {@link InvalidOption} on a sparsity or epochs out of range
 */
export function paperPhases(
  architecture: Architecture,
  sparsity: number,
  epochs: Partial<PaperEpochs> = {},
  batch = 64,
): NamedPhase[] {
  const { n1 = 5, n2 = pruningEpochs(sparsity), n3 = 5, n4 = 5 } = epochs;
  for (const [name, count] of Object.entries({ n1, n2, n3, n4 })) {
    if (!Number.isInteger(count) || count < 0)
      throw new InvalidOption(`${name}: expected a whole number of epochs from 0 up, got ${count}`);
  }
  const counts = layerCounts(architecture, sparsity);
  const floats = {
    batch,
    rate: 1e-3,
    decay: "constant",
    counts: null,
    pruneUntil: 0,
    fixScalesAt: 0,
  } as const;
  const pruning = (epoch: number) => layerCounts(architecture, (sparsity * epoch) / n2);
  return [
    { ...floats, name: "dense", epochs: n1 },
    ...(n2 > 0
      ? [{ ...floats, name: "pruning", epochs: n2, atEpochEnds: { counts: pruning, binary: false } }]
      : []),
    { ...floats, name: "fixed sparsity", epochs: n3, atEpochEnds: { counts: () => counts, binary: false } },
    { ...floats, name: "binary", epochs: n4, atEpochEnds: { counts: () => counts, binary: true } },
  ];
}

function pruningEpochs(sparsity: number): number {
  return sparsity === 0 ? 0 : Math.max(1, Math.round(sparsity / PRUNED_AN_EPOCH));
}
