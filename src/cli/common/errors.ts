/** How a command fails: one clear line and a non-zero exit code. */
import { CommanderError } from "commander";
import { printable } from "../../../env/describe.ts";
import { TritrackError } from "../../../env/errors.ts";

/** Causes outside of the program that Node reports with a code, in plain words. */
const systemErrors: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EISDIR: "it is a folder",
  ENOTDIR: "it is not a folder",
  ENOMEM: "out of memory",
  ERR_WORKER_OUT_OF_MEMORY: "out of memory in a thread",
};

/** The line for an error: what the user can act on, without a stack. Unexpected errors say how to get it. */
export function errorLine(error: unknown): string {
  if (error instanceof TritrackError) return oneLine(error.message);
  if (error instanceof RangeError && /allocation failed|(array|buffer) length/i.test(error.message))
    return `out of memory (${oneLine(error.message)})`;
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code && systemErrors[code])
    return path ? `${printable(path)}: ${systemErrors[code]}` : systemErrors[code];
  return `unexpected error: ${oneLine(message ?? String(error))} (--verbose shows where)`;
}

/**
 * Prints an error and sets the exit code.
 * @param command "tritrack eval"
 * @param verbose whether to show the stack too
 */
export function reportError(error: unknown, command: string, verbose: boolean): void {
  // Commander has printed its own errors already; help and version end with code 0.
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode;
    return;
  }
  process.stderr.write(`${command}: ${errorLine(error)}\n`);
  if (verbose && error instanceof Error)
    process.stderr.write(`${error.stack?.split("\n").map(printable).join("\n")}\n`);
  process.exitCode = 1;
}

export function oneLine(text: string): string {
  return printable(text.trim().replace(/\s*\n\s*/g, " "));
}
