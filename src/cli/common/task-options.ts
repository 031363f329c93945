/** Options that are for one task only: their descriptions begin with its name. */
import type { Command } from "commander";
import { InvalidOption } from "../../../env/errors.ts";

/** Refuses what was given for the other task. @param task of the network at hand */
export function refuseOtherTask(task: "car" | "mnist", command: Command): void {
  const other = task === "car" ? "mnist" : "car";
  const strange = command.options.find(
    (option) =>
      option.description.startsWith(`${other}:`) &&
      command.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (strange) throw new InvalidOption(`${strange.long} is for ${other} networks; this one is of ${task}`);
}
