/**
 * Networks as points of the plane: t-SNE (van der Maaten and Hinton 2008) of their weight vectors. First neighbours
 * differ in a few of many thousand weights, so distances come from those few alone.
 */
import { TSNE } from "@saehrimnir/druidjs";

/** Weights that differ from the original's: index in the layer (or in all layers joined) and difference. */
export type Difference = ReadonlyMap<number, number>;

export interface EmbeddingOptions {
  seed: number;
  /** How many near ones count; default 5, as few first neighbours share a weight: with more, all fall into one place. */
  perplexity?: number;
  /** Default 1000. */
  iterations?: number;
}

/** Squared Euclidean distance of two networks, given how each differs from the same original. */
export function squaredDistance(a: Difference, b: Difference): number {
  let sum = 0;
  for (const [index, change] of a) sum += (change - (b.get(index) ?? 0)) ** 2;
  for (const [index, change] of b) if (!a.has(index)) sum += change ** 2;
  return sum;
}

/** Where each network lies: [x, y] of each. Cost grows with the square of their number. */
export function embed(
  networks: readonly Difference[],
  { seed, perplexity = 5, iterations = 1000 }: EmbeddingOptions,
): [x: number, y: number][] {
  const distances = networks.map((a) => networks.map((b) => squaredDistance(a, b)));
  const tsne = new TSNE(distances, {
    metric: "precomputed",
    perplexity: Math.min(perplexity, (networks.length - 1) / 3),
    d: 2,
    seed,
  });
  return tsne.transform(iterations).map((row) => [row[0], row[1]]);
}
