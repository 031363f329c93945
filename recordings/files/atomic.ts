/** Writes files so that a name never shows half of one: to a temporary name beside it, which is then renamed. */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { TritrackError } from "../../env/errors.ts";

/** A name in the same folder (renaming across file systems is not atomic) that no reader takes for the real file. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
}

/**
 * Writes a file whole or not at all: on failure nothing is left behind and an existing file stays as it was.
 * @param contents text is written as UTF-8
 * @throws TritrackError when there is no such folder, or the system's error, which names `path`
 */
export function writeFileAtomic(path: string, contents: string | Uint8Array): void {
  if (!existsSync(dirname(path))) throw new TritrackError(`${path}: there is no folder ${dirname(path)}`);
  const temporary = temporaryName(path);
  try {
    const file = openSync(temporary, "w");
    try {
      writeFileSync(file, contents);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw Object.assign(error as Error, { path }); // the temporary name means nothing to anyone
  }
}

/**
 * Makes a folder and those above it. Node's own recursive form loops for ever where a file system takes no folders
 * (`/proc`); this one fails.
 * @throws TritrackError where one of them is a file
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new TritrackError(`${path} is no folder`);
    return;
  }
  makeFolder(dirname(path));
  mkdirSync(path);
}
