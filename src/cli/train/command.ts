/** `tritrack train`: generates a sparse ternary network, by imitation for the car, from labels for MNIST. */
import { existsSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { Argument, Command, Option } from "commander";
import { InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { makeFolder, writeFileAtomic } from "../../../recordings/files/atomic.ts";
import type { ActionAccuracy } from "../../data/actions.ts";
import { tracks } from "../../data/tracks.ts";
import type { TrainingReport } from "../../show/pages/training.ts";
import type { PaperEpochs } from "../../train/paper-recipe.ts";
import { exitOnInterrupt } from "../common/interrupt.ts";
import { checkOutput, writeNetworkFile } from "../common/network-file.ts";
import { integer, number } from "../common/options.ts";
import { commandLine, examples, percent, print, table } from "../common/output.ts";
import { addTaskOptions } from "../common/task-options.ts";
import { addCarOptions, type CarTaskOptions, trainCarNetwork } from "./car.ts";
import { writeCurve } from "./curve.ts";
import { addMnistOptions, type MnistTaskOptions, trainMnistNetwork } from "./mnist.ts";
import type { Trained } from "./task.ts";

/** As commander gives them. */
type Options = Omit<CarTaskOptions & MnistTaskOptions, "paperEpochs" | "checkpoint"> &
  Partial<PaperEpochs> & { resume?: boolean; tfjs?: string; report?: string; json?: boolean };

/** Track of the lap in a report: nothing is learnt from it or chosen on it. */
const [FILMED_SEED] = tracks("tests", 1);
/** As many as a batch has shards by default. */
const THREADS = Math.min(2, availableParallelism());

export default function trainCommand(): Command {
  const command = new Command()
    .addArgument(new Argument("<task>", "what to learn").choices(["car", "mnist"]))
    .requiredOption("--out <file>", "the network, FILE.safetensors")
    .option("--sparsity <percent>", "share of zero weights", number(0, 99.9), 90)
    .option("--seed <n>", "of first weights and order of the samples", integer(0), 1)
    .option(
      "--epochs <n>",
      "passes over the samples while the network becomes sparse (default: car 8, mnist 6, above 90 % 10)",
      integer(1, 10_000),
    )
    .addOption(
      new Option("--recipe <name>", "paper: Steps 1 to 4 of its Section 4.1, to the letter")
        .choices(["default", "paper"])
        .default("default"),
    )
    .option("--n1 <epochs>", "paper recipe: dense epochs (default: 5)", integer(0, 10_000))
    .option("--n2 <epochs>", "paper recipe: pruning (default: 2.5 % of the weights each)", integer(0, 10_000))
    .option("--n3 <epochs>", "paper recipe: at fixed sparsity (default: 5)", integer(0, 10_000))
    .option("--n4 <epochs>", "paper recipe: binary (default: 5)", integer(0, 10_000))
    .option("--threads <n>", "share the work; the result is the same for any number", integer(1), THREADS)
    .option(
      "--shards <n>",
      "parts of a batch, at most so many threads are of use; the result differs in last bits (default: 2)",
      integer(1, 64),
    )
    .addOption(
      new Option("--backend <name>", "of tfjs; auto takes tfjs-node where it is installed, else wasm")
        .choices(["auto", "tensorflow", "wasm", "cpu"])
        .default("auto"),
    )
    .option("--resume", "go on from the checkpoint beside --out, with the same options")
    .option("--tfjs <dir>", "write the network as a tfjs LayersModel too")
    .option("--report <dir>", "folder for a page with scores, curves and, for the car, a lap on film");
  addTaskOptions(command, "car", addCarOptions);
  addTaskOptions(command, "mnist", addMnistOptions);
  return command
    .addHelpText(
      "after",
      examples(
        ["a 90 % sparse car network", "train car --sparsity 90 --out car.safetensors"],
        ["from your own drives alone", "train car --demos recordings --rounds 0 --out mine.safetensors"],
        ["a 95 % sparse MNIST network", "train mnist --sparsity 95 --out mnist.safetensors"],
        ["go on after Ctrl-C", "train mnist --sparsity 95 --out mnist.safetensors --resume"],
        [
          "the paper's own recipe, quickly",
          "train mnist --recipe paper --images 5000 --out paper.safetensors",
        ],
      ),
    )
    .action(run);
}

async function run(task: "car" | "mnist", options: Options, command: Command): Promise<void> {
  const { out, n1, n2, n3, n4, tfjs, report } = options;
  checkTask(task, command);
  checkRecipe(options);
  checkOutput(out);
  for (const folder of [tfjs, report]) if (folder) makeFolder(resolve(folder));
  const checkpoint = `${out}.checkpoint`;
  if (!options.resume) rmSync(checkpoint, { force: true });
  else if (!existsSync(checkpoint)) throw new InvalidOption(`there is no checkpoint ${checkpoint}`);
  exitOnInterrupt(() =>
    existsSync(checkpoint)
      ? `stopped; the same command with --resume goes on from ${checkpoint}`
      : "stopped before the first checkpoint",
  );
  const start = performance.now();
  const taskOptions = { ...options, checkpoint, paperEpochs: { n1, n2, n3, n4 } };
  const { network, curve, ...scores } = await (task === "car"
    ? trainCarNetwork(taskOptions)
    : trainMnistNetwork(taskOptions));
  const seconds = (performance.now() - start) / 1000;
  const { describe } = await import("../../../policies/ternary/describe.ts");
  const { train, validation, test, reward, actions } = scores;
  network.metadata.scores = JSON.stringify(scores);
  network.metadata.command = commandLine();
  await writeNetworkFile(out, network);
  if (tfjs) await (await import("../../train/tfjs-files.ts")).saveTfjs(network, tfjs);
  const files = [out, ...(tfjs ? [tfjs] : []), ...(curve ? await writeCurve(out, curve) : [])];
  rmSync(checkpoint, { force: true });

  if (report)
    files.push(await writeReport(report, network, { curve, seconds, sparsity: options.sparsity, scores }));
  const layers = describe(network).map(({ name, weights, nonzeros }) => ({ name, weights, nonzeros }));
  const text = [
    table([["layer", "weights", "nonzeros"], ...layers.map((layer) => Object.values(layer))]),
    `${task === "car" ? "action accuracy" : "accuracy"}: train ${percent(train)}, validation ${percent(validation)}, test ${percent(test)}`,
    ...(actions ? [`validation by control: ${byControl(actions.validation)}`] : []),
    ...(reward
      ? [`driving reward ${reward.mean.toFixed(1)} ± ${reward.sd.toFixed(1)} on seeds ${options.seeds}`]
      : []),
    `${files.join(", ")}; ${seconds.toFixed(0)} s`,
  ].join("\n");
  print(options.json, { task, sparsity: options.sparsity, layers, ...scores, seconds, out, files }, text);
}

/** Writes index.html and, for the car, lap.mp4. @returns the page */
async function writeReport(
  folder: string,
  network: TernaryNetwork,
  {
    scores,
    ...training
  }: Pick<TrainingReport, "curve" | "seconds" | "sparsity"> & { scores: Omit<Trained, "network" | "curve"> },
): Promise<string> {
  const [{ trainingReport }, { filmEpisode }, { TernaryPolicy }, { describe }] = await Promise.all([
    import("../../show/pages/training.ts"),
    import("../../show/video/film-episode.ts"),
    import("../../../policies/ternary/policy.ts"),
    import("../../../policies/ternary/describe.ts"),
  ]);
  const { task } = network.architecture;
  const { train, validation, test, reward } = scores;
  const accuracy = task === "car" ? "action accuracy" : "accuracy";
  const rows: [string, string][] = [
    [`${accuracy}, training`, percent(train)],
    [`${accuracy}, validation`, percent(validation)],
    [`${accuracy}, test`, percent(test)],
  ];
  if (reward) rows.push(["driving reward", `${reward.mean.toFixed(1)} ± ${reward.sd.toFixed(1)}`]);
  const line =
    task === "car" &&
    (await filmEpisode(await TernaryPolicy.create(network), FILMED_SEED, join(folder, "lap.mp4")));
  const page = trainingReport({
    ...training,
    task,
    command: commandLine(),
    scores: rows,
    layers: describe(network),
    ...(line && { film: { line, video: "lap.mp4" } }),
  });
  const path = join(folder, "index.html");
  writeFileAtomic(path, page);
  return path;
}

function byControl({ steer, gas, brake }: ActionAccuracy): string {
  return `steer ${percent(steer)}, gas ${percent(gas)}, brake ${percent(brake)}`;
}

/** The tasks' own options begin their descriptions with the task's name. */
function checkTask(task: "car" | "mnist", command: Command): void {
  const other = task === "car" ? "mnist" : "car";
  const given = command.options.find(
    (option) =>
      option.description.startsWith(`${other}:`) &&
      command.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (given) throw new InvalidOption(`${given.long} is an option of train ${other}`);
}

/** Options of one recipe with the other are a misunderstanding. */
function checkRecipe({ recipe, epochs, n1, n2, n3, n4 }: Options): void {
  const steps = Object.entries({ n1, n2, n3, n4 }).filter(([, value]) => value !== undefined);
  if (recipe === "default" && steps.length > 0)
    throw new InvalidOption(`--${steps[0][0]} is an option of --recipe paper`);
  if (recipe === "paper" && epochs !== undefined)
    throw new InvalidOption("--epochs is an option of --recipe default; the paper's has --n1 to --n4");
}
