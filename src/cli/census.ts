/** `tritrack census`: counts the first neighbours of a network that beat, equal and fall below it. */

import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { InvalidOption } from "../../env/errors.ts";
import { layerIndex } from "../../policies/ternary/network.ts";
import type { Family } from "../../policies/ternary/swap.ts";
import { makeFolder, writeFileAtomic } from "../../recordings/files/atomic.ts";
import { countExamples, type Examples, joinExamples, pickExamples, sliceExamples } from "../data/examples.ts";
import { loadMnist } from "../data/mnist-node.ts";
import { tracks } from "../data/tracks.ts";

import { type Census, census, neighbourCount } from "../search/index.ts";
import { censusHistogram } from "../show/charts/histogram.ts";
import { drivenFrames, recordedFrames } from "./common/car-frames.ts";
import { networkByName } from "./common/driver.ts";
import { breathe } from "./common/interrupt.ts";
import { integer, MNIST_OPTION } from "./common/options.ts";
import { examples, percent, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";
import { addTaskOptions, refuseOtherTask } from "./common/task-options.ts";

interface Options {
  layer: string;
  family: Family;
  images?: number;
  set?: "train" | "test";
  sample?: number;
  seed: number;
  out?: string;
  mnist?: string;
  demos?: string;
  episodes: number;
  json?: boolean;
}

const DEFAULT_IMAGES = 10_000;

/** Makes the command: its arguments, options, examples and action. */
export default function censusCommand(): Command {
  const command = new Command()
    .argument("<file>", "network: FILE.safetensors or zoo:NAME")
    .requiredOption(
      "--layer <name>",
      "layer in which weights are swapped: 1.0, 2.0, fc (MNIST), fc1, fc2 (car)",
    )
    .addOption(
      new Option("--family <name>", "same keeps the counts of -1, 0 and +1; free lets signs change")
        .choices(["same", "free"])
        .default("same"),
    )
    .option(
      "--images <n>",
      `MNIST images, at most 60000, or car frames to measure on (default: ${DEFAULT_IMAGES})`,
      integer(1),
    )
    .option(
      "--sample <n>",
      "number of neighbours to draw (default: all of fc; all or 1000, whichever is less, of other layers)",
      integer(1),
    )
    .option("--seed <n>", "seed of the sample", integer(0), 0)
    .option("--out <dir>", "folder for census-LAYER.svg, .csv and .json");
  addTaskOptions(command, "mnist", () =>
    command
      .addOption(
        new Option(
          "--set <name>",
          "images to measure on (default: test for up to 10000 images, train for more)",
        ).choices(["train", "test"]),
      )
      .option(...MNIST_OPTION),
  );
  addTaskOptions(command, "car", () =>
    command
      .option("--demos <dir>", "folder of recordings to take frames from (default: the teacher drives)")
      .option("--episodes <n>", "episodes that the teacher drives for frames", integer(1), 4),
  );
  return command
    .addHelpText(
      "after",
      examples(
        ["all 22 million neighbours in fc", "census mnist.safetensors --layer fc --out census"],
        ["a sample of another layer", "census mnist.safetensors --layer 2.0 --sample 5000 --json"],
        ["action accuracy of a car network", "census zoo:car-90 --layer fc2"],
      ),
    )
    .action(run);
}

async function run(file: string, options: Options, command: Command): Promise<void> {
  const { network, label } = await networkByName(file);
  const { architecture } = network;
  refuseOtherTask(architecture.task, command);
  const { layer, family, sample, seed, out } = options;
  // Bad layers and folders are refused before minutes of driving for frames.
  layerIndex(architecture, layer);
  neighbourCount(network, layer, family);
  if (out) makeFolder(resolve(out));
  const data = architecture.task === "mnist" ? mnistImages(options) : await carFrames(options);

  const start = performance.now();
  let progress: ReturnType<typeof startProgress> | undefined;
  const onProgress = async (done: number, total: number) => {
    progress ??= startProgress(`census ${layer}`, total, total === 10 ? "classes" : "neighbours");
    progress.update(done);
    await breathe();
  };
  const result = await census(network, data, { layer, family, sample, seed, onProgress }).finally(() =>
    progress?.stop(),
  );
  const seconds = (performance.now() - start) / 1000;
  const { histogram, ...numbers } = result;
  const summary = { network: label, task: architecture.task, seconds, ...numbers, histogram };
  const files = out ? writeFiles(out, label, result, summary) : [];
  print(
    options.json,
    { ...summary, ...(out && { files }) },
    [...describe(result, seconds), ...files].join("\n"),
  );
}

/** The result in lines of text. */
function describe(census: Census, seconds: number): string[] {
  const { layer, neighbours, population, images, original, above, equal, below, best, worst, mean } = census;
  const which = neighbours === population ? "all" : "sampled,";
  return [
    `layer ${layer}: ${which} ${neighbours.toLocaleString("en")} of ${population.toLocaleString("en")} first neighbours on ${images} inputs, ${seconds.toFixed(1)} s`,
    `original ${percent(original)}; neighbours from ${percent(worst)} to ${percent(best)}, mean ${percent(mean)}`,
    `above ${percent(above)}, equal ${percent(equal)}, below ${percent(below)}`,
  ];
}

/** Writes picture, table and summary. @returns their paths */
function writeFiles(folder: string, label: string, census: Census, summary: object): string[] {
  const rows = census.histogram.map(({ accuracy, count }) => `${accuracy},${count}\n`);
  const contents = {
    svg: censusHistogram(census, label),
    csv: `accuracy,neighbours\n${rows.join("")}`,
    json: `${JSON.stringify(summary, null, 1)}\n`,
  };
  return Object.entries(contents).map(([extension, text]) => {
    const path = join(folder, `census-${census.layer}.${extension}`);
    writeFileAtomic(path, text);
    return path;
  });
}

function mnistImages({ images = DEFAULT_IMAGES, set, mnist }: Options): Examples {
  const { train, validation, test } = loadMnist(mnist);
  const byTest = (set ?? (images > test.labels.length ? "train" : "test")) === "test";
  // MNIST's own training set is the 60,000 images that this package splits into training and validation images.
  const chosen = byTest ? test : joinExamples([train, validation]);
  const count = countExamples(chosen);
  if (images > count)
    throw new InvalidOption(
      `--images: expected at most the ${count} of the ${byTest ? "test" : "training"} set, got ${images}`,
    );
  return sliceExamples(chosen, 0, images);
}

/** Frames of recordings, or of the teacher on tracks from which nothing is learnt: `--images` of them, evenly spread. */
async function carFrames({ demos, episodes, images = DEFAULT_IMAGES }: Options): Promise<Examples> {
  const all = demos
    ? await recordedFrames(demos, { toLearn: false })
    : await drivenFrames("teacher drives", tracks("testFrames", episodes));
  const size = countExamples(all);
  if (size <= images) return all;
  return pickExamples(
    all,
    Int32Array.from({ length: images }, (_, i) => Math.floor((i * size) / images)),
  );
}
