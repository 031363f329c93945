/**
 * How large the experiments are: `full` as the paper has them where two cores can do it in hours, `quick` in minutes,
 * to see every figure. What is smaller than the paper's is said in the captions, which are made from these numbers.
 */

export interface Settings {
  name: "quick" | "full";
  /** Training runs a point of Fig 2 (the paper: 3). */
  runs: number;
  mnist: {
    /** Sparsities of Fig 2a, percent. */
    sparsities: readonly number[];
    /** Passes over the training images, default recipe: up to a sparsity of 90 %, and beyond, where it takes longer. */
    epochs: number;
    sparseEpochs: number;
    /** Images of a pass, default recipe. */
    images: number;
    /** Images of an epoch of the paper's Steps 1–4, whose epochs are many. */
    paperImages: number;
  };
  car: {
    sparsities: readonly number[];
    /** Demonstrations that all networks of Fig 2b learn from. */
    episodes: number;
    denseEpochs: number;
    ternaryEpochs: number;
    /** Tracks on which each network of Fig 2b is driven. */
    tracks: number;
  };
  /** First neighbours sampled a layer (Figs 3, 8), and images or frames each is measured on. */
  neighbours: number;
  images: number;
  /** First neighbours shown by t-SNE (Figs 4, 5, 9): its cost grows with their square. */
  shown: number;
  /** Neighbours of each of Fig 5's neighbourhoods. */
  climbNeighbours: number;
  /** Figs 6 and 7: epochs a layer, rounds, neighbours an epoch, images they are measured on; neighbours that our own rule tries. */
  random: { epochs: number; rounds: number; neighbours: number; images: number; ownBudget: number };
  /** Steps of a random walk through equally good neighbours, walks, and numbers of training images that judge what is as good. */
  walk: { steps: number; walks: number; images: readonly number[] };
}

const TENS = [0, 10, 20, 30, 40, 50, 60, 70, 80] as const;
/** The paper's fifteen, and 90 for its own 90 % networks. */
const MNIST_SPARSITIES = [...TENS, 85, 87, 89, 90, 91, 93, 95] as const;

export const full: Settings = {
  name: "full",
  runs: 3,
  mnist: { sparsities: MNIST_SPARSITIES, epochs: 6, sparseEpochs: 10, images: 55_000, paperImages: 3000 },
  car: {
    sparsities: [...MNIST_SPARSITIES, 96, 97, 98, 99],
    episodes: 24,
    denseEpochs: 2,
    ternaryEpochs: 6,
    tracks: 20,
  },
  neighbours: 2000,
  images: 10_000,
  shown: 1000,
  climbNeighbours: 1000,
  random: { epochs: 10, rounds: 3, neighbours: 500, images: 5000, ownBudget: 150_000 },
  walk: { steps: 3000, walks: 3, images: [10_000, 55_000] },
};

export const quick: Settings = {
  name: "quick",
  runs: 1,
  mnist: { sparsities: [0, 50, 90, 95], epochs: 2, sparseEpochs: 2, images: 10_000, paperImages: 1000 },
  car: { sparsities: [0, 50, 90, 98], episodes: 6, denseEpochs: 2, ternaryEpochs: 4, tracks: 4 },
  neighbours: 1000,
  images: 2000,
  shown: 300,
  climbNeighbours: 200,
  random: { epochs: 3, rounds: 2, neighbours: 200, images: 4000, ownBudget: 8000 },
  walk: { steps: 300, walks: 2, images: [2000] },
};
