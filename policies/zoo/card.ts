/** What is said of a network that ships with the package: `NAME.json` beside `NAME.safetensors`. */

/** Driving reward over tracks, 1000-step limit, exact environment. */
export interface CarScores {
  /** "20000-20099": one episode each. */
  seeds: string;
  mean: number;
  sd: number;
  min: number;
  max: number;
  /** Episodes whose lap was finished. */
  laps: number;
  /** Of each seed, in order, rounded to a tenth. */
  rewards: number[];
}

/** Share of images classified right, 0 to 1. */
export interface MnistScores {
  images: number;
  accuracy: number;
}

interface Card {
  name: string;
  /** Percent of zero weights. */
  sparsity: number;
  /** What made it: one command, at a commit of this repository. Elsewhere the command makes one like it. */
  command: string;
  commit: string;
  /** Of the file, in hexadecimal. */
  sha256: string;
}

export interface CarCard extends Card {
  task: "car";
  scores: {
    /** Tracks on which the network was chosen. */
    validation: CarScores;
    /** Tracks that nothing was learnt from or chosen on. */
    test: CarScores;
  };
}

export interface MnistCard extends Card {
  task: "mnist";
  scores: { validation: MnistScores; test: MnistScores };
}

export type ZooCard = CarCard | MnistCard;
