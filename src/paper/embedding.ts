/**
 * Networks as points of the plane: t-SNE (van der Maaten and Hinton 2008) of their weight vectors. First neighbours
 * differ in a few of many thousand weights, so distances come from those few alone.
 */
import { TSNE } from "@saehrimnir/druidjs";
import { giveWay } from "../search/give-way.ts";

/** Weights that differ from the original's: index in the layer (or in all layers joined) and difference. */
export type Difference = ReadonlyMap<number, number>;

export interface EmbeddingOptions {
  seed: number;
  /** Default 1000. */
  iterations?: number;
}

/**
 * How many near ones count. Few: a first neighbour is near to the original and to those that share a weight with it,
 * often none, and equally far from all others; where more must count, those draw all into one place.
 */
export const PERPLEXITY = 2;

/** Squared Euclidean distance of two networks, given how each differs from the same original. */
export function squaredDistance(a: Difference, b: Difference): number {
  let sum = 0;
  for (const [index, change] of a) sum += (change - (b.get(index) ?? 0)) ** 2;
  for (const [index, change] of b) if (!a.has(index)) sum += change ** 2;
  return sum;
}

/** Where each network lies: [x, y] of each. Cost grows with the square of their number. */
export async function embed(
  networks: readonly Difference[],
  { seed, iterations = 1000 }: EmbeddingOptions,
): Promise<[x: number, y: number][]> {
  const distances = networks.map((a) =>
    aboveLeast(networks.map((b) => (a === b ? null : squaredDistance(a, b)))),
  );
  const tsne = new TSNE(distances, {
    metric: "precomputed",
    perplexity: PERPLEXITY,
    d: 2,
    seed,
  });
  let places: number[][] = [];
  for (places of tsne.generator(iterations)) await giveWay();
  return places.map((row) => [row[0], row[1]]);
}

/**
 * Distances from a network, less the least of them. Affinities are the same, as they are scaled to a sum of 1, but where
 * many are equally near none underflows. Its own, null, does not count.
 */
function aboveLeast(distances: readonly (number | null)[]): number[] {
  const least = distances.reduce<number>((a, b) => Math.min(a, b ?? a), Number.POSITIVE_INFINITY);
  return distances.map((distance) => (distance ?? least) - least);
}
