/**
 * Writing files so that no reader ever sees half of one: to a temporary name beside the file, which is then renamed. A
 * kill in between leaves the temporary file behind; `sweepTemporaries` removes such files later.
 */
import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { TritrackError } from "../../env/errors.ts";

/** Stands for this host in temporary names, so that a folder shared by several hosts is not swept by the wrong one. */
const HOST = createHash("sha256").update(hostname()).digest("hex").slice(0, 6);

/** A temporary name: the file's name, host, process id and a random part. */
const TEMPORARY = /^\.(.+)\.([0-9a-f]{6})-(\d+)-[0-9a-f]{8}\.tmp$/s;

/**
 * A temporary name for a file, in the same folder, because renaming across file systems is not atomic. Readers skip it:
 * it begins with a dot and ends in `.tmp`.
 */
export function temporaryName(path: string): string {
  const unique = `${HOST}-${process.pid}-${randomUUID().slice(0, 8)}`;
  return join(dirname(path), `.${basename(path)}.${unique}.tmp`);
}

/**
 * Removes temporary files (and folders) that processes of this host left behind when they were killed.
 * @param path of a file, whose own temporary files are removed
 */
export function sweepTemporaries(path: string): void {
  sweep(dirname(path), (name) => name === basename(path));
}

/** Removes all temporary files that killed processes of this host left behind in a folder, but not below it. */
export function sweepFolder(folder: string): void {
  sweep(folder, () => true);
}

function sweep(folder: string, isOwn: (name: string) => boolean): void {
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder)) {
    const [, name, host, pid] = TEMPORARY.exec(file) ?? [];
    if (name === undefined || host !== HOST || !isOwn(name) || isProcess(Number(pid))) continue;
    rmSync(join(folder, file), { recursive: true, force: true });
  }
}

/**
 * True if a process of this number runs on this machine. One that has ended is not running, even where its parent never asks
 * for its exit code, as happens in containers without an init process.
 */
export function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // Processes of other users cannot be signalled, but they run.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** True if a process has ended and its parent has not asked for its exit code: state Z, told on Linux only. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets, which may hold spaces and brackets itself.
    return stat[stat.lastIndexOf(")") + 2] === "Z";
  } catch {
    return false;
  }
}

/**
 * Writes a file, whole or not at all; on failure an existing file stays as it was and nothing is left behind.
 * @param contents text is written as UTF-8
 * @throws TritrackError when there is no such folder
 * @throws the system's error, which names `path`
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
    // The system's error names the temporary file, which means nothing to the user.
    throw Object.assign(error as Error, { path });
  }
}

/**
 * Makes a folder and those above it. Node's own recursive form loops for ever where a file system takes no folders
 * (`/proc`); this one fails.
 * @throws TritrackError where one of them is a file
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new TritrackError(`${path}: expected a folder, got a file`);
    return;
  }
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
