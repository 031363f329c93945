/**
 * The form of `NAME.json` beside each shipped network `NAME.safetensors`: the command that made the network, and its
 * scores.
 */

/** Driving rewards over tracks, with a limit of 1000 steps, in the exact environment. */
export interface CarScores {
  /** Seeds of the tracks, such as "20000-20099"; each has one episode. */
  seeds: string;
  /** Mean reward. */
  mean: number;
  /** Standard deviation of the rewards. */
  sd: number;
  /** Smallest reward. */
  min: number;
  /** Largest reward. */
  max: number;
  /** Number of episodes whose lap was finished. */
  laps: number;
  /** Rewards in the order of the seeds, rounded to a tenth. */
  rewards: number[];
}

/** Accuracy of a network on images of digits. */
export interface MnistScores {
  /** Number of images. */
  images: number;
  /** Share of images classified right, 0 to 1. */
  accuracy: number;
}

/** Fields that the cards of both tasks have. */
interface Card {
  /** Name of the file without its suffix. */
  name: string;
  /** Percent of zero weights, 0 to 100. */
  sparsity: number;
  /** The command that made it, at `commit`. At another commit it makes a similar network, not the same bytes. */
  command: string;
  /** Commit of this repository. */
  commit: string;
  /** SHA-256 of the file, in hexadecimal. */
  sha256: string;
}

/** The card of a car network. */
export interface CarCard extends Card {
  /** Tells the card from that of an MNIST network. */
  task: "car";
  /** Its driving rewards. */
  scores: {
    /** Scores on the tracks on which the network was chosen. */
    validation: CarScores;
    /** Scores on tracks that nothing was learnt from or chosen on. */
    test: CarScores;
  };
}

/** The card of an MNIST network. */
export interface MnistCard extends Card {
  /** Tells the card from that of a car network. */
  task: "mnist";
  /** Its accuracies. */
  scores: {
    /** Accuracy on the images on which the network was chosen. */
    validation: MnistScores;
    /** Accuracy on MNIST's test images. */
    test: MnistScores;
  };
}

/** The card of a shipped network. */
export type ZooCard = CarCard | MnistCard;
