/**
 * Sizes of the experiments: `full` as large as in the paper where two cores can do that in hours, `quick` for a look at
 * every figure in minutes. Captions are made from these numbers, so that they say where a size is below the paper's.
 */

/** Sizes of all experiments. */
export interface Settings {
  /** Name of the sizes. */
  name: "quick" | "full";
  /** Training runs for each point of Fig 2 (the paper: 3). */
  runs: number;
  /** Training runs of Fig 2a. */
  mnist: {
    /** Percent. */
    sparsities: readonly number[];
    /** Passes over the training images with the default recipe, up to a sparsity of 90 %. */
    epochs: number;
    /** The same above 90 %, where training takes longer. */
    sparseEpochs: number;
    /** Images of a pass with the default recipe. */
    images: number;
    /** Images of an epoch of the paper's Steps 1–4, which have many epochs. */
    paperImages: number;
  };
  /** Training runs of Fig 2b. */
  car: {
    /** Percent. */
    sparsities: readonly number[];
    /** Episodes of the teacher that all networks learn from. */
    episodes: number;
    /** Passes over the frames by the dense network. */
    denseEpochs: number;
    /** Passes over the frames by the ternary network. */
    ternaryEpochs: number;
    /** Tracks on which each network is driven. */
    tracks: number;
  };
  /** First neighbours that are sampled for each layer (Figs 3 and 8). */
  neighbours: number;
  /** Images or frames on which each of them is measured. */
  images: number;
  /** First neighbours shown by t-SNE (Figs 4, 5 and 9), whose time grows with their square. */
  shown: number;
  /** First neighbours in each of Fig 5's neighbourhoods. */
  climbNeighbours: number;
  /** Searches from a random network (Figs 6 and 7). */
  random: {
    /** Epochs of one layer in a round. An epoch is one neighbourhood. */
    epochs: number;
    /** Rounds through the layers. */
    rounds: number;
    /** First neighbours in an epoch. */
    neighbours: number;
    /** Images on which they are measured. */
    images: number;
    /** First neighbours that this package's own rule tries in all. */
    ownBudget: number;
  };
  /** Random walks through first neighbours that are as good as the original. */
  walk: {
    /** Steps of a walk, each of at most one swap. */
    steps: number;
    /** Walks for each number of images. */
    walks: number;
    /** Numbers of training images that decide which neighbours are as good. */
    images: readonly number[];
  };
}

/** Sparsity of the networks that are searched and whose neighbourhoods are shown, percent: the paper's. */
export const SPARSITY = 90;

const TENS = [0, 10, 20, 30, 40, 50, 60, 70, 80] as const;
/** The paper's fifteen sparsities and 90, which its other figures use. */
const MNIST_SPARSITIES = [...TENS, 85, 87, 89, 90, 91, 93, 95] as const;

/** The full run: hours on two cores. */
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

/** The quick run: minutes. */
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
