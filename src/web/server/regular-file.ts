/** Reads files that a stranger may have put into a folder: no links, no devices or pipes, nothing of absurd size. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { TritrackError } from "../../../env/errors.ts";

/** Fails on a symbolic link, and does not wait for the other end of a pipe. Windows knows neither flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Text of a regular file.
 * @param what name of the file, for errors
 * @param limit largest size, bytes
 * @throws TritrackError if it is not a regular file, or larger
 * @throws Error of the system, such as ENOENT
 */
export function readRegularFile(path: string, what: string, limit: number): string {
  let file: number;
  try {
    file = openSync(path, FLAGS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ELOOP" || code === "EMLINK" || code === "ENXIO") throw notRegular(what);
    throw error;
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw notRegular(what);
    if (stats.size > limit)
      throw new TritrackError(
        `${what}: expected up to ${limit >> 20} MB, got ${Math.ceil(stats.size / (1 << 20))} MB`,
      );
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function notRegular(what: string): TritrackError {
  return new TritrackError(`${what}: expected a regular file, got a link, a folder or a device`);
}
