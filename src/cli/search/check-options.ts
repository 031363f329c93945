/** Checks of options of `tritrack search` that depend on the network at hand, before the work. */
import type { Command } from "commander";
import { InvalidOption } from "../../../env/errors.ts";
import { defaultRule } from "../../search/search.ts";
import { refuseOtherTask } from "../common/task-options.ts";
import type { CarOptions } from "./task.ts";

/** Options of the rules that go through layers, for which the plan of a round leaves no room. */
const NOT_IN_ROUNDS = ["order", "neighbours", "neighbourhoods"];
/** Options of rule rounds. */
const ONLY_IN_ROUNDS = ["tracks"];
const ROUNDS_FITNESSES: readonly string[] = ["imitation", "reward", "both"];
const MNIST_FITNESSES: readonly string[] = ["accuracy", "loss", "margin"];

/**
 * Settles rule and fitness where one follows from the other.
 * @param task of the network to begin from
 */
export function settled<Options extends Pick<CarOptions, "fitness" | "rule">>(
  task: "car" | "mnist",
  options: Options,
  command: Command,
): Options & { rule: NonNullable<Options["rule"]> } {
  const isGiven = command.getOptionValueSource("fitness") === "cli";
  const fitness = options.rule === "rounds" && !isGiven ? "both" : options.fitness;
  return { ...options, fitness, rule: options.rule ?? defaultRule(task, { fitness }) };
}

/**
 * Refuses options that say nothing about the network at hand: they are a misunderstanding.
 * @param task of the network to begin from
 * @param options those that `settled` returned
 * @throws {@link InvalidOption} naming the option
 */
export function checkOptions(
  task: "car" | "mnist",
  options: Pick<CarOptions, "fitness" | "rule" | "init"> & { task?: string },
  command: Command,
): void {
  const { fitness, rule } = options;
  const isGiven = (name: string) => command.getOptionValueSource(name) === "cli";
  if (options.task && options.task !== task)
    throw new InvalidOption(`--task ${options.task}: the network is of ${task}`);
  if (!options.init && isGiven("sparsity"))
    throw new InvalidOption("--sparsity goes with --init random: a file has the sparsity that it has");
  refuseOtherTask(task, command);
  if (task === "mnist") {
    if (rule === "rounds")
      throw new InvalidOption("--rule rounds is for car networks: a mnist network cannot drive");
    if (!MNIST_FITNESSES.includes(fitness))
      throw new InvalidOption(`--fitness ${fitness} is for car networks`);
    return;
  }
  if (fitness === "margin")
    throw new InvalidOption("--fitness margin is for mnist networks: a margin is of classes");
  if (fitness === "reward" && rule === "climb")
    throw new InvalidOption(
      "--rule climb follows the loss: --fitness reward takes --rule paper, strict or rounds",
    );
  if (fitness === "imitation" && rule !== "rounds")
    throw new InvalidOption("--fitness imitation takes --rule rounds, which is its default");
  if (rule === "rounds" && !ROUNDS_FITNESSES.includes(fitness))
    throw new InvalidOption(`--rule rounds takes --fitness ${ROUNDS_FITNESSES.join(", ")}, not ${fitness}`);
  const name = (rule === "rounds" ? NOT_IN_ROUNDS : ONLY_IN_ROUNDS).find(isGiven);
  if (name)
    throw new InvalidOption(
      rule === "rounds"
        ? `--${name} goes with --rule paper, strict or climb: rule rounds has a plan of its own`
        : `--${name} goes with --rule rounds, the default of --fitness imitation, reward and both`,
    );
}
