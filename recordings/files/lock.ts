/**
 * Locks on folders and output files, so that two processes never write into the same one.
 *
 * A lock is a small file beside what it protects, `.NAME.lock`, or in the folder it protects, `.tritrack.lock`. It holds
 * the writer's process id, start time and host as JSON. The lock of a process that is gone, after a crash or a kill, is
 * stale: the next writer on the same host replaces it. A process id that another program has taken over since is told
 * by the start time where the system shows it (Linux).
 *
 * A process on another host may still run for all this one knows, so its lock holds until somebody removes the file.
 */
import { randomUUID } from "node:crypto";
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { describe } from "../../env/describe.ts";
import { TritrackError } from "../../env/errors.ts";
import { isProcess, sweepFolder, sweepTemporaries, temporaryName } from "./atomic.ts";

/** Thrown when another process writes to the same folder or file. */
export class Locked extends TritrackError {}

/** A lock that this process holds. */
export interface Lock {
  /** Gives the lock up. A second call does nothing. The end of the process gives it up too. */
  release(): void;
}

/** Contents of a lock file. */
interface Owner {
  pid: number;
  /** Start time of the process in the system's own unit; null where the system does not show it. */
  started: string | null;
  host: string;
  /** Tells two locks of one process apart. */
  id: string;
}

/** Largest lock file that is read, bytes; this process writes some 120. */
const MAX_LOCK_BYTES = 4096;

/** Attempts to replace stale locks; more than one is needed only when several processes do so at once. */
const ATTEMPTS = 10;

/** Names of the locks of a folder: of the whole, or of a part of the work in it. */
const WHOLE = ".tritrack.lock";
const PART = /^\.tritrack-.+\.lock$/;

/**
 * Locks a folder for writing and removes the temporary files that killed writers left behind in it.
 *
 * Several processes may share the work in one folder if each locks another part of it; the whole excludes every part.
 * @param folder must exist
 * @param part name of the part. Default: the whole folder
 * @throws {@link Locked} when another process, or this one, has locked the folder or the part
 * @throws the system's error, which names `folder`, when nothing can be written into it
 */
export function lockFolder(folder: string, part?: string): Lock {
  const own = lock(join(folder, part === undefined ? WHOLE : `.tritrack-${part}.lock`), folder);
  // After the own lock is made, so that of two processes which begin at once at least one sees the other's.
  const others = part === undefined ? readdirSync(folder).filter((name) => PART.test(name)) : [WHOLE];
  for (const file of others.map((name) => join(folder, name))) {
    const other = read(file);
    if (!other || !isAlive(other)) continue;
    own.release();
    throw new Locked(refusal(file, folder, other));
  }
  sweepFolder(folder);
  return own;
}

/**
 * Locks an output file for writing and removes the temporary files that killed writers of it left behind.
 * @param path of the file
 * @throws {@link Locked} when another process, or this one, has locked it
 * @throws TritrackError when there is no such folder
 * @throws the system's error, which names `path`, when nothing can be written there
 */
export function lockFile(path: string): Lock {
  if (!existsSync(dirname(path))) throw new TritrackError(`${path}: there is no folder ${dirname(path)}`);
  const own = lock(join(dirname(path), `.${basename(path)}.lock`), path);
  sweepTemporaries(path);
  return own;
}

/** @param protectedPath for messages */
function lock(file: string, protectedPath: string): Lock {
  const own: Owner = { pid: process.pid, started: startOf(process.pid), host: hostname(), id: randomUUID() };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (create(file, own, protectedPath)) return held(file, own);
    const other = read(file);
    if (other && isAlive(other)) throw new Locked(refusal(file, protectedPath, other));
    if (other !== undefined) removeStale(file, other);
  }
  throw new Locked(`${protectedPath}: expected a lock within ${ATTEMPTS} attempts, got none; try again`);
}

/** Makes the lock file with its contents in one step. @returns false when there is one already */
function create(file: string, own: Owner, protectedPath: string): boolean {
  const temporary = temporaryName(file);
  try {
    writeFileSync(temporary, JSON.stringify(own));
    // Unlike a rename, a link fails where the name is taken.
    linkSync(temporary, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // File systems without hard links, such as FAT, know no better way than an empty file first.
    if (code === "EPERM" || code === "ENOTSUP" || code === "ENOSYS")
      return createExclusively(file, own, protectedPath);
    throw Object.assign(error as Error, { path: protectedPath });
  } finally {
    rmSync(temporary, { force: true });
  }
}

function createExclusively(file: string, own: Owner, protectedPath: string): boolean {
  try {
    writeFileSync(file, JSON.stringify(own), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw Object.assign(error as Error, { path: protectedPath });
  }
}

/** @returns undefined when there is no such file, null when it is no lock */
function read(file: string): Owner | null | undefined {
  try {
    if (!statSync(file).isFile() || statSync(file).size > MAX_LOCK_BYTES) return null;
    const { pid, started, host, id } = JSON.parse(readFileSync(file, "utf8"));
    // 0 and below name groups of processes, which always run.
    return Number.isSafeInteger(pid) && pid > 0 && typeof host === "string"
      ? { pid, started, host, id }
      : null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : null;
  }
}

/** True if the owner may still run. */
function isAlive({ pid, started, host }: Owner): boolean {
  if (host !== hostname()) return true;
  if (!isProcess(pid)) return false;
  const now = startOf(pid);
  return now === null || started === null || now === started;
}

/** Start time of a process: clock ticks since boot, field 22 of /proc/PID/stat; null where there is no such file. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets, which may hold spaces and brackets itself.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

/** Removes a stale lock, but not one that another process has made in its place in the meantime. */
function removeStale(file: string, stale: Owner | null): void {
  const moved = temporaryName(file);
  try {
    renameSync(file, moved);
  } catch {
    // Another process has removed it first.
    return;
  }
  const got = read(moved);
  if (got && got.id !== stale?.id) {
    try {
      linkSync(moved, file);
    } catch {
      // The name is taken again, so the lock that was moved has lost to another one.
    }
  }
  rmSync(moved, { force: true, recursive: true });
}

function held(file: string, own: Owner): Lock {
  const release = () => {
    process.off("exit", release);
    if (read(file)?.id === own.id) rmSync(file, { force: true });
  };
  process.on("exit", release);
  return { release };
}

function refusal(file: string, protectedPath: string, { pid, host }: Owner): string {
  if (host !== hostname())
    return `${protectedPath}: expected no other writer, got process ${pid} on host ${describe(host)}; if it has ended, remove ${file}`;
  const who = pid === process.pid ? "this process" : `process ${pid}`;
  return `${protectedPath}: expected no other writer, got ${who}; wait until it has ended or choose another place`;
}
