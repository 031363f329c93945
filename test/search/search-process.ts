/** `tritrack search` as processes: run to the end, or killed again and again, and what they leave behind. */
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTritrack } from "./parallel/redis-server.ts";

/** Kills of one search at most. */
const KILLS = 3;

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** One search under several names: each has files of its own in a folder of the test's. */
export class SearchProcesses {
  readonly #folder = mkdtempSync(join(tmpdir(), "tritrack-search-"));
  readonly #args: readonly string[];

  /** @param args of the command, but for `--out` and `--log` */
  constructor(...args: string[]) {
    this.#args = args;
  }

  checkpoint(name: string): string {
    return this.#file(name, "checkpoint.safetensors");
  }

  start(name: string, ...more: string[]): ChildProcess {
    const files = ["--out", this.#file(name, "safetensors"), "--log", this.#file(name, "jsonl")];
    return startTritrack("search", ...this.#args, ...files, ...more);
  }

  run(name: string, ...more: string[]): Promise<Finished> {
    return finish(this.start(name, ...more));
  }

  /**
   * Starts the search and kills it (SIGKILL) a while after its first new checkpoint, and again as it goes on, later each time.
   * @param between called after every kill
   * @returns how often it was killed until it was done
   */
  async killed(name: string, between: () => Promise<void>): Promise<number> {
    const checkpoint = this.checkpoint(name);
    const latest = () => (existsSync(checkpoint) ? readFileSync(checkpoint) : null);
    for (let kill = 0; ; kill++) {
      const before = latest();
      const child = this.start(name, ...(before ? ["--resume"] : []));
      const timer = setInterval(() => {
        const now = latest();
        if (kill === KILLS || !now || before?.equals(now)) return;
        clearInterval(timer);
        setTimeout(() => child.kill("SIGKILL"), 90 * kill);
      }, 5);
      const { code, stderr } = await finish(child);
      clearInterval(timer);
      if (/tritrack search:/.test(stderr)) throw new Error(stderr);
      if (code === 0) return kill;
      await between();
    }
  }

  sha256(name: string): string {
    return createHash("sha256")
      .update(readFileSync(this.#file(name, "safetensors")))
      .digest("hex");
  }

  /** The log without its seconds. */
  steps(name: string): object[] {
    const lines = readFileSync(this.#file(name, "jsonl"), "utf8").trim().split("\n");
    return lines.map((line) => ({ ...JSON.parse(line), seconds: 0 }));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #file(name: string, ending: string): string {
    return join(this.#folder, `${name}.${ending}`);
  }
}

export async function finish(child: ChildProcess): Promise<Finished> {
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]!.on("data", (chunk) => {
      texts[name] += chunk;
    });
  const [code] = await once(child, "close");
  return { code, ...texts };
}
