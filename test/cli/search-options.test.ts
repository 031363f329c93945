/** Tests of the options of `tritrack search`: the rule and fitness that they select, and combinations that are refused. */
import { expect, test } from "vitest";
import { InvalidOption } from "../../env/errors.ts";
import { checkOptions, settled } from "../../src/cli/search/check-options.ts";
import searchCommand from "../../src/cli/search/command.ts";
import type { CarOptions } from "../../src/cli/search/task.ts";

/** Parses options and settles them for a task; nothing is searched. */
function parsed(task: "car" | "mnist", line: string) {
  const command = searchCommand().exitOverride();
  command.action(() => {});
  command.parse(["x.safetensors", "--out", "y.safetensors", ...line.split(" ").filter(Boolean)], {
    from: "user",
  });
  const options = settled(task, command.opts<CarOptions>(), command);
  checkOptions(task, options, command);
  return options;
}

test.each([
  ["car", "", "climb", "accuracy"],
  ["car", "--fitness imitation", "rounds", "imitation"],
  ["car", "--fitness reward", "rounds", "reward"],
  ["car", "--fitness both", "rounds", "both"],
  ["car", "--fitness both --rule rounds --tracks 4 --episodes 2 --budget 9", "rounds", "both"],
  ["car", "--rule rounds", "rounds", "both"],
  ["car", "--fitness both --rule climb --order yield", "climb", "both"],
  ["car", "--fitness reward --rule strict --neighbours 4", "strict", "reward"],
  ["car", "--fitness loss", "climb", "loss"],
  ["mnist", "", "climb", "accuracy"],
  ["mnist", "--fitness margin --rule paper", "paper", "margin"],
] as const)("%s %s: rule %s by %s", (task, line, rule, fitness) => {
  expect(parsed(task, line)).toMatchObject({ rule, fitness });
});

test.each([
  [
    "car",
    "--rule rounds --fitness accuracy",
    "--fitness: expected imitation, reward or both for --rule rounds, got accuracy",
  ],
  [
    "car",
    "--fitness imitation --rule paper",
    "--rule: expected rounds, the default, for --fitness imitation, got paper",
  ],
  [
    "car",
    "--fitness both --order fixed",
    "--order: expected --rule paper, strict or climb, got rounds, which has a plan of its own",
  ],
  [
    "car",
    "--tracks 4",
    "--tracks: expected --rule rounds, the default of --fitness imitation, reward and both, got climb",
  ],
  [
    "car",
    "--fitness reward --rule climb",
    "--rule: expected paper, strict or rounds for --fitness reward, got climb, which follows the loss",
  ],
  [
    "car",
    "--fitness margin",
    "--fitness: expected a measure of car networks, got margin, which only classes have",
  ],
  ["mnist", "--fitness both", "--fitness: expected accuracy, loss or margin for an MNIST network, got both"],
  [
    "mnist",
    "--rule rounds",
    "--rule: expected paper, strict or climb for an MNIST network, got rounds, in which a car drives",
  ],
  ["mnist", "--task car", "--task: expected mnist as the network is, got car"],
  [
    "car",
    "--sparsity 95",
    "--sparsity: expected --init random beside it, got a file, which has the sparsity that it has",
  ],
] as const)("%s %s: %s", (task, line, message) => {
  expect(() => parsed(task, line)).toThrow(new InvalidOption(message));
});
