/** Options of a command that are for one task only, the car or MNIST. */
import type { Command, Option } from "commander";
import { InvalidOption } from "../../../env/errors.ts";

/** Task of a network. */
type Task = "car" | "mnist";

/** Headings of the tasks' options in `--help`. */
const HEADINGS: Record<Task, string> = { car: "Options for the car:", mnist: "Options for MNIST:" };

/** The options that are for one task only. */
const taskOf = new WeakMap<Option, Task>();

/**
 * Adds options that are for one task only; `--help` lists them under a heading of their own.
 * @param add adds them to the command
 */
export function addTaskOptions(command: Command, task: Task, add: (command: Command) => unknown): void {
  const before = new Set(command.options);
  add(command);
  for (const option of command.options) {
    if (before.has(option)) continue;
    taskOf.set(option, task);
    option.helpGroup(HEADINGS[task]);
  }
}

/**
 * Refuses options that were given on the command line and are for the other task.
 * @param task of the network at hand
 * @throws InvalidOption that names the first of them
 */
export function refuseOtherTask(task: Task, command: Command): void {
  const other = command.options.find((option) => {
    const given = command.getOptionValueSource(option.attributeName()) === "cli";
    return given && taskOf.has(option) && taskOf.get(option) !== task;
  });
  if (!other) return;
  const [wanted, got] = [taskOf.get(other)!, task].map(nameOf);
  throw new InvalidOption(`${other.long}: expected ${wanted} network, got ${got} network`);
}

/** A task's name with its article. */
function nameOf(task: Task): string {
  return task === "car" ? "a car" : "an MNIST";
}
