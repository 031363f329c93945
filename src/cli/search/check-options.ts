/** Options of `tritrack search` that say nothing about the network at hand are a misunderstanding: told before the work. */
import type { Command } from "commander";
import { InvalidOption } from "../../../env/errors.ts";
import { refuseOtherTask } from "../common/task-options.ts";
import { goesInRounds } from "./rounds.ts";
import type { CarOptions } from "./task.ts";

/** What the plan of a search in rounds leaves no room for. */
const FIXED_IN_ROUNDS = ["order", "neighbours", "neighbourhoods", "budget"];

/** @param task of the network to begin from */
export function checkOptions(
  task: "car" | "mnist",
  options: Pick<CarOptions, "fitness" | "rule" | "init"> & { task?: string },
  command: Command,
): void {
  const isGiven = (name: string) => command.getOptionValueSource(name) === "cli";
  if (options.task && options.task !== task)
    throw new InvalidOption(`--task ${options.task}: the network is of ${task}`);
  if (!options.init && isGiven("sparsity"))
    throw new InvalidOption("--sparsity goes with --init random: a file has the sparsity that it has");
  refuseOtherTask(task, command);
  if (task === "mnist") return;
  if (options.fitness === "margin")
    throw new InvalidOption("--fitness margin is for mnist networks: a margin is of classes");
  if (options.fitness === "reward" && options.rule === "climb")
    throw new InvalidOption(
      "--rule climb follows the loss: --fitness reward takes --rule paper, strict or none",
    );
  const inRounds = goesInRounds(options);
  const name = (inRounds ? FIXED_IN_ROUNDS : ["tracks"]).find(isGiven);
  if (name)
    throw new InvalidOption(
      inRounds
        ? `--${name} goes with a --rule: rounds in which the network drives have a plan of their own`
        : `--${name} goes with --fitness imitation, reward or both, without --rule`,
    );
}
