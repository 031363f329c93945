/**
 * Reading files that may be anything: a name can belong to a device that never ends, a pipe that waits for a writer, a
 * folder, a link to one of them, or a file larger than memory. Only regular files are opened, none is read beyond the
 * caller's limit, and whatever the system refuses becomes one line.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { CorruptFile, TritrackError } from "../../env/errors.ts";
import { type ByteSource, checkRange } from "../byte-source.ts";

/** Words for the system's error codes of a file that cannot be read. */
const REASONS: Record<string, string> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "no permission to read it",
  EPERM: "no permission to read it",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its name is too long",
  EISDIR: "expected a file, got a folder",
  EMFILE: "this process has too many files open",
  ENFILE: "the system has too many files open",
  ENXIO: "expected a file, got a device or socket",
  ENODEV: "expected a file, got a device or socket",
};

/** Options of {@link readBoundedFile} and {@link openFileSource}. */
export interface OpenOptions {
  /** True if a symbolic link may lead to the file. Default: true. */
  followLinks?: boolean;
}

/** A file as a source of bytes, until it is closed. */
export interface FileSource extends ByteSource {
  /** Closes the file; a closed source cannot be read. Closing twice does nothing. */
  close(): void;
}

/**
 * Opens a regular file of any size.
 * @throws TritrackError where there is none, or something else of this name
 */
export function openFileSource(path: string, options: OpenOptions = {}): FileSource {
  let file: number | null = openRegular(path, options);
  const size = inWords(path, () => fstatSync(file!).size);
  return {
    size,
    read(offset, length) {
      checkRange(offset, length, size);
      if (file === null) throw new TritrackError(`${path}: expected an open file, it has been closed`);
      const bytes = new Uint8Array(length);
      for (let filled = 0; filled < length; ) {
        const count = inWords(path, () => readSync(file!, bytes, filled, length - filled, offset + filled));
        if (count === 0) throw new CorruptFile(`${basename(path)}: it became shorter while it was read`);
        filled += count;
      }
      return bytes;
    },
    close() {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

/**
 * A regular file's bytes.
 * @param maxBytes larger files are refused before memory is taken
 * @throws TritrackError where there is none, or something else of this name; CorruptFile on larger ones
 */
export function readBoundedFile(path: string, maxBytes: number, options: OpenOptions = {}): Buffer {
  const source = openFileSource(path, options);
  try {
    if (source.size > maxBytes)
      throw new CorruptFile(`${basename(path)}: expected at most ${maxBytes} bytes, got ${source.size}`);
    return Buffer.from(source.read(0, source.size).buffer);
  } finally {
    source.close();
  }
}

function openRegular(path: string, { followLinks = true }: OpenOptions): number {
  if (!followLinks && inWords(path, () => lstatSync(path)).isSymbolicLink())
    throw new TritrackError(`${path}: expected a file, got a symbolic link`);
  // Without waiting: a pipe's open would last until somebody writes into it.
  const file = inWords(path, () => openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  const stat = fstatSync(file);
  if (stat.isFile()) return file;
  closeSync(file);
  const kind = stat.isDirectory() ? "a folder" : stat.isFIFO() ? "a named pipe" : "a device or socket";
  throw new TritrackError(`${path}: expected a file, got ${kind}`);
}

function inWords<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (error instanceof TritrackError) throw error;
    const reason = REASONS[code] ?? `it cannot be read (${code || error})`;
    // The code stays, for callers that answer each in another way.
    throw Object.assign(new TritrackError(`${path}: ${reason}`), { code });
  }
}
