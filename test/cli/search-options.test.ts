/** Options of `tritrack search`: which rule and fitness they come to, and which do not go together. */
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
    "--rule rounds takes --fitness imitation, reward, both, not accuracy",
  ],
  [
    "car",
    "--fitness imitation --rule paper",
    "--fitness imitation takes --rule rounds, which is its default",
  ],
  [
    "car",
    "--fitness both --order fixed",
    "--order goes with --rule paper, strict or climb: rule rounds has a plan of its own",
  ],
  [
    "car",
    "--tracks 4",
    "--tracks goes with --rule rounds, the default of --fitness imitation, reward and both",
  ],
  [
    "car",
    "--fitness reward --rule climb",
    "--rule climb follows the loss: --fitness reward takes --rule paper, strict or rounds",
  ],
  ["car", "--fitness margin", "--fitness margin is for mnist networks: a margin is of classes"],
  ["car", "--images 8", "--images is for mnist networks; this one is of car"],
  ["mnist", "--tracks 4", "--tracks is for car networks; this one is of mnist"],
  ["mnist", "--fitness both", "--fitness both is for car networks"],
  ["mnist", "--rule rounds", "--rule rounds is for car networks: a mnist network cannot drive"],
  [
    "mnist",
    "--rule rounds --fitness loss",
    "--rule rounds is for car networks: a mnist network cannot drive",
  ],
  ["mnist", "--task car", "--task car: the network is of mnist"],
  ["car", "--sparsity 95", "--sparsity goes with --init random: a file has the sparsity that it has"],
] as const)("%s %s: %s", (task, line, message) => {
  expect(() => parsed(task, line)).toThrow(new InvalidOption(message));
});
