/** Runs `tritrack search` as processes, to the end or killed again and again, and reads the files that they leave. */
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { startTritrack } from "../work/redis-server.ts";

/** A moment to end a search at, before it is done. */
export interface Kill {
  /** SIGINT is Ctrl-C. */
  signal: "SIGKILL" | "SIGINT";
  /** Steps that its log holds then, with new ones among them. */
  steps: number;
  /** Milliseconds from there on. */
  after: number;
}

export interface Finished {
  /** Null where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** One search under several names: each has files of its own in a folder of the test's. */
export class SearchProcesses {
  readonly #folder = mkdtempSync(join(tmpdir(), "tritrack-search-"));
  readonly #args: readonly string[];

  /** @param args arguments of the command, except `--out` and `--log` */
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
   * Starts the search, kills it, resumes it, kills it again and so on, and at last lets it finish.
   * @param between called after the first kill
   * @returns how many steps the log held after each kill
   */
  async killed(name: string, kills: readonly Kill[], between: () => Promise<void>): Promise<number[]> {
    const held: number[] = [];
    for (const { signal, steps, after } of kills) {
      const before = this.#log(name);
      const child = this.start(name, ...(held.length > 0 ? ["--resume"] : []));
      const timer = setInterval(() => {
        const now = this.#log(name);
        if (now === before || lines(now).length < steps || !existsSync(this.checkpoint(name))) return;
        clearInterval(timer);
        setTimeout(() => child.kill(signal), after);
      }, 5);
      const { code, stderr } = await finish(child);
      clearInterval(timer);
      // A process that SIGKILL ended has no code.
      expect({ code, stderr }).toEqual({
        code: signal === "SIGINT" ? 130 : null,
        stderr:
          signal === "SIGINT" ? expect.stringContaining("with --resume goes on from") : expect.anything(),
      });
      held.push(lines(this.#log(name)).length);
      if (held.length === 1) await between();
    }
    expect((await this.run(name, "--resume")).code).toBe(0);
    return held;
  }

  sha256(name: string): string {
    return createHash("sha256")
      .update(readFileSync(this.#file(name, "safetensors")))
      .digest("hex");
  }

  /** The log without its seconds. */
  steps(name: string): object[] {
    return lines(this.#log(name)).map((line) => ({ ...JSON.parse(line), seconds: 0 }));
  }

  #log(name: string): string {
    const file = this.#file(name, "jsonl");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #file(name: string, ending: string): string {
    return join(this.#folder, `${name}.${ending}`);
  }
}

/** Those that are whole. */
function lines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

/** An option that must be refused with a checkpoint of another value, the value, and the reason in the message. */
export type Refusal = readonly [option: string, value: string, reason: string];

/**
 * Kills and resumes a search until it has found the network of the one called "whole". In between it must refuse to
 * resume as another search.
 * @param expectRefusal checks the message of a refusal
 * @returns how many steps the log held after each kill
 */
export async function expectKilledAsWhole(
  search: SearchProcesses,
  kills: readonly Kill[],
  refusals: readonly Refusal[],
  expectRefusal: (stderr: string, line: string) => void,
): Promise<number[]> {
  const held = await search.killed("killed", kills, async () => {
    for (const [option, value, reason] of refusals) {
      const { code, stdout, stderr } = await search.run("killed", "--resume", option, value);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expectRefusal(stderr, `tritrack search: resume: the checkpoint is of another search: ${reason}\n`);
    }
  });
  expect(search.sha256("killed")).toBe(search.sha256("whole"));
  expect(search.steps("killed")).toEqual(search.steps("whole"));
  expect(existsSync(search.checkpoint("killed"))).toBe(false);
  return held;
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
