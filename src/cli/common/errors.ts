/** Failures of commands: one clear line on stderr and a non-zero exit code. */
import { CommanderError } from "commander";
import { describe, printable } from "../../../env/describe.ts";
import { TritrackError } from "../../../env/errors.ts";

/** Plain words for causes outside of the program, by the code that Node reports. */
const systemErrors: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EISDIR: "it is a folder",
  ENOTDIR: "it is not a folder",
  ELOOP: "too many symbolic links",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many open files (ulimit -n shows the limit)",
  ENFILE: "too many open files on this machine",
  EFBIG: "the file would be larger than the file system allows",
  ERR_FS_FILE_TOO_LARGE: "the file is larger than 2 GiB, the most that is read",
  ERR_STRING_TOO_LONG: "the file holds more text than is read",
  ENOMEM: "out of memory",
  ERR_WORKER_OUT_OF_MEMORY: "out of memory in a thread",
};

/** Messages of V8's RangeErrors when an array or a WebAssembly memory cannot be allocated. */
const OUT_OF_MEMORY = /allocation failed|allocate memory|out of memory|(array|buffer) length/i;

/**
 * The line for an error: what the user can act on, without a stack. The line of an unexpected error says how to get the
 * stack.
 */
export function errorLine(error: unknown): string {
  if (error instanceof TritrackError) return oneLine(error.message);
  if (error instanceof RangeError && OUT_OF_MEMORY.test(error.message))
    return `out of memory (${oneLine(error.message)})`;
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code && systemErrors[code])
    return path ? `${printable(path)}: ${systemErrors[code]}` : systemErrors[code];
  return `unexpected error: ${oneLine(message ?? String(error))} (--verbose shows where)`;
}

/**
 * Prints an error and sets the exit code.
 * @param command name of the command, such as "tritrack eval"
 * @param verbose true prints the stack as well
 */
export function reportError(error: unknown, command: string, verbose: boolean): void {
  // Commander prints its own errors; its "errors" for help and version have exit code 0.
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode;
    return;
  }
  process.stderr.write(`${command}: ${errorLine(error)}\n`);
  if (verbose && error instanceof Error)
    process.stderr.write(`${error.stack?.split("\n").map(printable).join("\n")}\n`);
  process.exitCode = 1;
}

/** The error itself, its message begun with the file that it is about, for errors that do not know where their data is from. */
export function inFile(path: string, error: unknown): unknown {
  const name = printable(path);
  if (error instanceof TritrackError && !error.message.startsWith(name))
    error.message = `${name}: ${error.message}`;
  return error;
}

/**
 * Commander's message on the command line in the words of tritrack's own errors, on one line: a bad value becomes
 * `--episodes: expected a whole number from 1 up, got "many"`.
 */
export function commandLineError(text: string): string {
  const line = oneLine(text).replace(/^error: /, "");
  const option = /^option '(?:-\w, )?(--[\w-]+).*' argument '(.*)' is invalid\. (.*)$/.exec(line);
  const argument = /^command-argument value '(.*)' is invalid for argument '(.*)'\. (.*)$/.exec(line);
  if (!option && !argument) return line;
  const [name, value, expected] = option ? option.slice(1) : [argument![2], argument![1], argument![3]];
  return `${name}: expected ${expected.replace(/^Expected |^Allowed choices are /, "").replace(/\.$/, "")}, got ${describe(value)}`;
}

/** The text without line breaks and without characters that a terminal would obey. */
export function oneLine(text: string): string {
  return printable(text.trim().replace(/\s*\n\s*/g, " "));
}
