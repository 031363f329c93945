/**
 * Networks as points of the plane: t-SNE (van der Maaten and Hinton 2008) of their weight vectors.
 *
 * First neighbours differ from the original in two of many thousand weights, so a network is given by these differences
 * alone and distances are computed from them.
 */
import { TSNE } from "@saehrimnir/druidjs";
import { giveWay } from "../search/give-way.ts";

/** Differences of a network from the original, by index of the weight in the layer (or in all layers joined). */
export type Difference = ReadonlyMap<number, number>;

/** Options of {@link embed}. */
export interface EmbeddingOptions {
  /** Seed of the first places. */
  seed: number;
  /** Steps of the descent. Default: 1000 */
  iterations?: number;
}

/**
 * Perplexity of t-SNE: about how many near points count for each point.
 *
 * It is small because a first neighbour is near the original and the few neighbours that share a weight with it (often
 * none), and equally far from all others. A greater perplexity would draw all these others into one place.
 */
export const PERPLEXITY = 2;

/** Squared Euclidean distance of two networks that are given by their differences from the same original. */
export function squaredDistance(a: Difference, b: Difference): number {
  let sum = 0;
  for (const [index, change] of a) sum += (change - (b.get(index) ?? 0)) ** 2;
  for (const [index, change] of b) if (!a.has(index)) sum += change ** 2;
  return sum;
}

/**
 * Embeds networks in the plane. Time and memory grow with the square of their number.
 * @returns the place of each network, in their order
 */
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
 * Distances of one network from the others, less the least of them.
 *
 * t-SNE scales affinities to a sum of 1, so the subtraction does not change them; it keeps them from underflowing where
 * many networks are equally near.
 * @param distances null stands for the network itself
 */
function aboveLeast(distances: readonly (number | null)[]): number[] {
  const least = distances.reduce<number>((a, b) => Math.min(a, b ?? a), Number.POSITIVE_INFINITY);
  return distances.map((distance) => (distance ?? least) - least);
}
