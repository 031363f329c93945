/** `tritrack train`: generates a sparse ternary network, by imitation for the car, from labels for MNIST. */
import { Argument, Command } from "commander";
import { checkOutput, writeNetworkFile } from "./common/network-file.ts";
import { integer, number } from "./common/options.ts";
import { commandLine, examples, percent, print, table } from "./common/output.ts";
import { addCarOptions, type CarTaskOptions, trainCarNetwork } from "./train/car.ts";
import { addMnistOptions, type MnistTaskOptions, trainMnistNetwork } from "./train/mnist.ts";

type Options = CarTaskOptions & MnistTaskOptions;

export default function trainCommand(): Command {
  const command = new Command()
    .addArgument(new Argument("<task>", "what to learn").choices(["car", "mnist"]))
    .requiredOption("--out <file>", "the network, FILE.safetensors")
    .option("--sparsity <percent>", "share of zero weights", number(0, 99.9), 90)
    .option("--seed <n>", "of first weights and order of the samples", integer(0), 1)
    .option("--epochs <n>", "passes over the samples while the network becomes sparse", integer(1, 10_000));
  addCarOptions(command);
  addMnistOptions(command);
  return command
    .addHelpText(
      "after",
      examples(
        ["a 90 % sparse car network", "train car --sparsity 90 --out car.safetensors"],
        ["from your own drives alone", "train car --demos recordings --rounds 0 --out mine.safetensors"],
        ["a 95 % sparse MNIST network", "train mnist --sparsity 95 --out mnist.safetensors"],
      ),
    )
    .action(run);
}

async function run(task: "car" | "mnist", options: Options): Promise<void> {
  checkOutput(options.out);
  const start = performance.now();
  const { network, ...scores } = await (task === "car"
    ? trainCarNetwork(options)
    : trainMnistNetwork(options));
  const seconds = (performance.now() - start) / 1000;
  const { describe } = await import("../../policies/ternary/describe.ts");
  const { train, validation, test, reward } = scores;
  network.metadata.scores = JSON.stringify(scores);
  network.metadata.command = commandLine();
  await writeNetworkFile(options.out, network);

  const layers = describe(network).map(({ name, weights, nonzeros }) => ({ name, weights, nonzeros }));
  const text = [
    table([["layer", "weights", "nonzeros"], ...layers.map((layer) => Object.values(layer))]),
    `${task === "car" ? "action accuracy" : "accuracy"}: train ${percent(train)}, validation ${percent(validation)}, test ${percent(test)}`,
    ...(reward
      ? [`driving reward ${reward.mean.toFixed(1)} ± ${reward.sd.toFixed(1)} on seeds ${options.seeds}`]
      : []),
    `${options.out}, ${seconds.toFixed(0)} s`,
  ].join("\n");
  print(
    options.json,
    { task, sparsity: options.sparsity, layers, ...scores, seconds, out: options.out },
    text,
  );
}
