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
    throw new InvalidOption(`--task: expected ${task} as the network is, got ${options.task}`);
  if (!options.init && isGiven("sparsity"))
    throw new InvalidOption(
      "--sparsity: expected --init random beside it, got a file, which has the sparsity that it has",
    );
  refuseOtherTask(task, command);
  if (task === "mnist") {
    if (rule === "rounds")
      throw new InvalidOption(
        "--rule: expected paper, strict or climb for an MNIST network, got rounds, in which a car drives",
      );
    if (!MNIST_FITNESSES.includes(fitness))
      throw new InvalidOption(
        `--fitness: expected ${listed(MNIST_FITNESSES)} for an MNIST network, got ${fitness}`,
      );
    return;
  }
  if (fitness === "margin")
    throw new InvalidOption(
      "--fitness: expected a measure of car networks, got margin, which only classes have",
    );
  if (fitness === "reward" && rule === "climb")
    throw new InvalidOption(
      "--rule: expected paper, strict or rounds for --fitness reward, got climb, which follows the loss",
    );
  if (fitness === "imitation" && rule !== "rounds")
    throw new InvalidOption(`--rule: expected rounds, the default, for --fitness imitation, got ${rule}`);
  if (rule === "rounds" && !ROUNDS_FITNESSES.includes(fitness))
    throw new InvalidOption(
      `--fitness: expected ${listed(ROUNDS_FITNESSES)} for --rule rounds, got ${fitness}`,
    );
  const name = (rule === "rounds" ? NOT_IN_ROUNDS : ONLY_IN_ROUNDS).find(isGiven);
  if (name)
    throw new InvalidOption(
      rule === "rounds"
        ? `--${name}: expected --rule paper, strict or climb, got rounds, which has a plan of its own`
        : `--${name}: expected --rule rounds, the default of --fitness imitation, reward and both, got ${rule}`,
    );
}

/** Names with "or" before the last. */
function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} or ${names[names.length - 1]}`;
}
