/** `tritrack search` as processes: run to the end, or killed again and again, and what they leave behind. */
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
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
   * @param between called after the first kill
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
      if (kill === 0) await between();
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

/** What must be refused where a checkpoint is there: an option, its other value, what the command says of it. */
export type Refusal = readonly [option: string, value: string, reason: string];

/**
 * Kills a search and goes on with it, until it has found what the one called "whole" found; in between it is asked to
 * go on as other searches, which it refuses.
 * @param expectRefusal looks at what the command said
 */
export async function expectKilledAsWhole(
  search: SearchProcesses,
  refusals: readonly Refusal[],
  expectRefusal: (stderr: string, line: string) => void,
): Promise<void> {
  const kills = await search.killed("killed", async () => {
    for (const [option, value, reason] of refusals) {
      const { code, stdout, stderr } = await search.run("killed", "--resume", option, value);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expectRefusal(stderr, `tritrack search: the checkpoint is of another search: ${reason}\n`);
    }
  });
  expect(kills).toBeGreaterThan(0);
  expect(search.sha256("killed")).toBe(search.sha256("whole"));
  expect(search.steps("killed")).toEqual(search.steps("whole"));
  expect(existsSync(search.checkpoint("killed"))).toBe(false);
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
