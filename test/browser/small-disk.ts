/**
 * A server of the page on a disk that really runs full: a tmpfs of 64 kB in namespaces of the server's own, which needs
 * no root where Linux lets users have them; elsewhere a limit on the size of the server's files (RLIMIT_FSIZE).
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { appendFileSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";

const NAMESPACES = ["--user", "--map-root-user", "--mount"];
const MOUNT = 'mount -t tmpfs -o size=64k tmpfs "$0"';

export class SmallDisk {
  readonly url: string;
  readonly #server: ChildProcess;
  /** The folder as the server sees it, seen from here. */
  readonly #folder: string;
  readonly #isMounted: boolean;

  private constructor(server: ChildProcess, url: string, folder: string, isMounted: boolean) {
    this.#server = server;
    this.url = url;
    this.#isMounted = isMounted;
    this.#folder = isMounted ? join(`/proc/${server.pid}/root`, folder) : folder;
  }

  /** Null if the system allows neither. */
  static async serve(folder: string, page: string): Promise<SmallDisk | null> {
    const isMounted = spawnSync("unshare", [...NAMESPACES, "sh", "-c", MOUNT, folder]).status === 0;
    if (!isMounted && spawnSync("prlimit", ["--version"]).status !== 0) return null;
    const serve = [process.execPath, "--import", "tsx", join(import.meta.dirname, "serve.ts"), folder, page];
    const [command, ...rest] = isMounted
      ? ["unshare", ...NAMESPACES, "sh", "-c", `${MOUNT} && exec "$@"`, folder, ...serve]
      : serve;
    const server = spawn(command, rest, { stdio: ["pipe", "pipe", "inherit"] });
    for await (const url of createInterface({ input: server.stdout }))
      return new SmallDisk(server, url, folder, isMounted);
    throw new Error(`the server ended with ${server.exitCode}`);
  }

  /** Fills the disk: it takes nothing more. */
  fill(): void {
    if (!this.#isMounted) this.#limit("1000:");
    else expect(() => fillUp(this.#filler)).toThrow("ENOSPC");
  }

  /** Makes room again. */
  free(): void {
    if (this.#isMounted) rmSync(this.#filler);
    else this.#limit("unlimited:");
  }

  /** Every file of the folder except the one that fills it. */
  files(): Map<string, string> {
    const names = readdirSync(this.#folder).filter((name) => name !== "filler");
    return new Map(names.map((name) => [name, readFileSync(join(this.#folder, name), "utf8")]));
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#server.once("exit", resolve));
    this.#server.stdin!.end();
    await ended;
  }

  get #filler(): string {
    return join(this.#folder, "filler");
  }

  #limit(fileSize: string): void {
    execFileSync("prlimit", ["--pid", `${this.#server.pid}`, `--fsize=${fileSize}`]);
  }
}

function fillUp(file: string): never {
  for (;;) appendFileSync(file, Buffer.alloc(512));
}
