/** `tritrack train`: generates a sparse ternary network, by imitation for the car, from labels for MNIST. */
import { existsSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { Argument, Command, Option } from "commander";
import { InvalidOption } from "../../../env/errors.ts";
import { describe } from "../../../policies/ternary/describe.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../../policies/ternary/policy.ts";
import { makeFolder, sweepTemporaries, writeFileAtomic } from "../../../recordings/files/atomic.ts";
import { lockFile } from "../../../recordings/files/lock.ts";
import type { ActionAccuracy } from "../../data/actions.ts";
import { tracks } from "../../data/tracks.ts";
import { curvePicture, trainingReport } from "../../show/pages/training.ts";
import { filmEpisode } from "../../show/video/film-episode.ts";
import type { CurvePoint } from "../../train/curve.ts";
import type { PaperEpochs } from "../../train/paper-recipe.ts";
import { saveTfjs } from "../../train/tfjs-files.ts";
import { exitOnInterrupt } from "../common/interrupt.ts";
import { checkOutput, writeNetworkFile } from "../common/network-file.ts";
import { integer, number } from "../common/options.ts";
import { commandLine, examples, percent, print, table } from "../common/output.ts";
import { addTaskOptions, refuseOtherTask } from "../common/task-options.ts";
import { addCarOptions, type CarTaskOptions, trainCarNetwork } from "./car.ts";
import { addMnistOptions, type MnistTaskOptions, trainMnistNetwork } from "./mnist.ts";
import type { Trained } from "./task.ts";

type Task = "car" | "mnist";

/** The options as commander gives them. */
type Options = Omit<CarTaskOptions & MnistTaskOptions, "paperEpochs" | "checkpoint"> &
  Partial<PaperEpochs> & { resume?: boolean; tfjs?: string; report?: string; json?: boolean };

/** Track of the lap in a report: nothing is learnt from it or chosen on it. */
const [FILMED_SEED] = tracks("tests", 1);
/** Default number of threads: the default number of shards, or fewer on a machine with one processor. */
const THREADS = Math.min(2, availableParallelism());

export default function trainCommand(): Command {
  const command = new Command().addArgument(
    new Argument("<task>", "what to learn").choices(["car", "mnist"]),
  );
  addCommonOptions(command);
  addTaskOptions(command, "car", addCarOptions);
  addTaskOptions(command, "mnist", addMnistOptions);
  return command
    .addHelpText(
      "after",
      examples(
        ["a 90 % sparse car network", "train car --sparsity 90 --out car.safetensors"],
        ["from your own drives alone", "train car --demos my-drives --rounds 0 --out mine.safetensors"],
        ["a 95 % sparse MNIST network", "train mnist --sparsity 95 --out mnist.safetensors"],
        ["go on after Ctrl-C", "train mnist --sparsity 95 --out mnist.safetensors --resume"],
        [
          "the paper's own recipe, quickly",
          "train mnist --recipe paper --images 5000 --out paper.safetensors",
        ],
      ),
    )
    .action(async (task: Task, options: Options) => {
      refuseOtherTask(task, command);
      checkRecipe(options);
      await run(task, options);
    });
}

function addCommonOptions(command: Command): void {
  command
    .requiredOption(
      "--out <file>",
      "file of the network, NAME.safetensors; curves and checkpoint go beside it",
    )
    .option("--sparsity <percent>", "share of zero weights", number(0, 99.9), 90)
    .option("--seed <n>", "seed of the first weights and of the order of the samples", integer(0), 1)
    .option(
      "--epochs <n>",
      "passes over the samples while the network becomes sparse (default: car 8, mnist 6, above 90 % 10)",
      integer(1, 10_000),
    )
    .addOption(
      new Option("--recipe <name>", "paper is Steps 1 to 4 of the paper's Section 4.1, to the letter")
        .choices(["default", "paper"])
        .default("default"),
    )
    .option("--n1 <epochs>", "paper recipe: dense epochs (default: 5)", integer(0, 10_000))
    .option(
      "--n2 <epochs>",
      "paper recipe: epochs of pruning (default: as many as prune 2.5 % of the weights each)",
      integer(0, 10_000),
    )
    .option("--n3 <epochs>", "paper recipe: epochs at fixed sparsity (default: 5)", integer(0, 10_000))
    .option("--n4 <epochs>", "paper recipe: binary epochs (default: 5)", integer(0, 10_000))
    .option(
      "--threads <n>",
      "threads that share the work; the file is the same for any number",
      integer(1),
      THREADS,
    )
    .option(
      "--shards <n>",
      "parts of a batch: at most so many threads are of use, and results differ in their last bits (default: 2)",
      integer(1, 64),
    )
    .addOption(
      new Option("--backend <name>", "backend of tfjs; auto takes tfjs-node where it is installed, else wasm")
        .choices(["auto", "tensorflow", "wasm", "cpu"])
        .default("auto"),
    )
    .option("--resume", "go on from the checkpoint beside --out, with the same options")
    .option("--tfjs <dir>", "folder for the network as a tfjs LayersModel")
    .option("--report <dir>", "folder for a page with scores, curves and, for the car, a video of a lap");
}

async function run(task: Task, options: Options): Promise<void> {
  const { out, tfjs, report } = options;
  checkOutput(out);
  for (const folder of [tfjs, report]) if (folder) makeFolder(resolve(folder));
  const lock = lockFile(out);
  try {
    await trainInto(task, options);
  } finally {
    lock.release();
  }
}

/** Trains a network and writes it with all that goes beside it. */
async function trainInto(task: Task, options: Options): Promise<void> {
  const { out, n1, n2, n3, n4, tfjs, report } = options;
  const checkpoint = `${out}.checkpoint`;
  for (const beside of [checkpoint, ...Object.values(curveFiles(out))]) sweepTemporaries(beside);
  beginAt(checkpoint, options.resume ?? false);
  const start = performance.now();
  const taskOptions = { ...options, checkpoint, paperEpochs: { n1, n2, n3, n4 } };
  const { network, curve, ...scores } = await (task === "car"
    ? trainCarNetwork(taskOptions)
    : trainMnistNetwork(taskOptions));
  const seconds = (performance.now() - start) / 1000;
  network.metadata.scores = JSON.stringify(scores);
  network.metadata.command = madeBy();
  await writeNetworkFile(out, network);
  if (tfjs) await saveTfjs(network, tfjs);
  const files = [out, ...(tfjs ? [tfjs] : []), ...writeCurve(out, curve)];
  rmSync(checkpoint, { force: true });
  if (report) files.push(await writeReport(report, network, scores, { curve, seconds, options }));
  const layers = describe(network).map(({ name, weights, nonzeros }) => ({ name, weights, nonzeros }));
  print(
    options.json,
    { task, sparsity: options.sparsity, layers, ...scores, seconds, out, files },
    [
      table([["layer", "weights", "nonzeros"], ...layers.map((layer) => Object.values(layer))]),
      ...scoreLines(task, scores),
      `${files.join(", ")}; ${seconds.toFixed(0)} s`,
    ].join("\n"),
  );
}

/** The command line without the options that leave the network the same. */
function madeBy(): string {
  return commandLine(["--threads"]);
}

/** Tells people where the training begins and, at Ctrl-C, how it goes on. */
function beginAt(checkpoint: string, isResumed: boolean): void {
  const isThere = existsSync(checkpoint);
  if (isResumed && !isThere)
    process.stderr.write(`there is no checkpoint ${checkpoint} yet: the training begins anew\n`);
  if (!isResumed && isThere) {
    process.stderr.write(`${checkpoint} is removed, as --resume was not given: the training begins anew\n`);
    rmSync(checkpoint);
  }
  exitOnInterrupt(() =>
    existsSync(checkpoint)
      ? `stopped; the same command with --resume goes on from ${checkpoint}`
      : "stopped before the first checkpoint",
  );
}

function scoreLines(task: Task, { train, validation, test, actions, reward }: Scores): string[] {
  const what = task === "car" ? "action accuracy" : "accuracy";
  const byControl = ({ steer, gas, brake }: ActionAccuracy) =>
    `steer ${percent(steer)}, gas ${percent(gas)}, brake ${percent(brake)}`;
  const lines = [
    `${what}: train ${percent(train)}, validation ${percent(validation)}, test ${percent(test)}`,
  ];
  if (actions) lines.push(`validation by control: ${byControl(actions.validation)}`);
  if (reward)
    lines.push(`driving reward ${reward.mean.toFixed(1)} ± ${reward.sd.toFixed(1)} on seeds ${reward.seeds}`);
  return lines;
}

type Scores = Omit<Trained, "network" | "curve">;

/** The files of a curve beside the network: NAME.curve.json and NAME.curve.svg. */
function curveFiles(out: string): { json: string; svg: string } {
  const name = out.replace(/\.safetensors$/, "");
  return { json: `${name}.curve.json`, svg: `${name}.curve.svg` };
}

/** @returns the names of the two files */
function writeCurve(out: string, curve: readonly CurvePoint[]): string[] {
  const { json, svg } = curveFiles(out);
  writeFileAtomic(json, `${JSON.stringify({ points: curve }, null, 1)}\n`);
  writeFileAtomic(svg, curvePicture(curve));
  return [json, svg];
}

/** Writes index.html and, for the car, lap.mp4. @returns the page */
async function writeReport(
  folder: string,
  network: TernaryNetwork,
  { train, validation, test, reward }: Scores,
  { curve, seconds, options }: { curve: readonly CurvePoint[]; seconds: number; options: Options },
): Promise<string> {
  const { task } = network.architecture;
  const accuracy = task === "car" ? "action accuracy" : "accuracy";
  const rows: [string, string][] = [
    [`${accuracy}, training`, percent(train)],
    [`${accuracy}, validation`, percent(validation)],
    [`${accuracy}, test`, percent(test)],
  ];
  if (reward) rows.push(["driving reward", `${reward.mean.toFixed(1)} ± ${reward.sd.toFixed(1)}`]);
  const video = "lap.mp4";
  const line =
    task === "car" &&
    (await filmEpisode(await TernaryPolicy.create(network), FILMED_SEED, join(folder, video)));
  const page = trainingReport({
    task,
    sparsity: options.sparsity,
    curve,
    seconds,
    command: madeBy(),
    scores: rows,
    layers: describe(network),
    ...(line && { film: { line, video } }),
  });
  const path = join(folder, "index.html");
  writeFileAtomic(path, page);
  return path;
}

/** Refuses options of one recipe beside the other. */
function checkRecipe({ recipe, epochs, n1, n2, n3, n4 }: Options): void {
  const steps = Object.entries({ n1, n2, n3, n4 }).filter(([, value]) => value !== undefined);
  if (recipe === "default" && steps.length > 0)
    throw new InvalidOption(`--${steps[0][0]} is an option of --recipe paper`);
  if (recipe === "paper" && epochs !== undefined)
    throw new InvalidOption("--epochs is an option of --recipe default; the paper's has --n1 to --n4");
}
