/** A search's steps as JSON Lines, one object a line; after a kill and `--resume` each step stands in it once. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { writeFileAtomic } from "../../../recordings/files/atomic.ts";
import type { SearchProgress } from "../../search/index.ts";
import type { AnyStep } from "./screen.ts";

/** The log file of a search. */
export class StepLog {
  readonly #path: string;
  #isReady = false;

  /**
   * @param path the file; begun anew unless `resume`
   * @param resume whether to keep what the file holds of the steps before the checkpoint. Default: false
   */
  constructor(path: string, resume = false) {
    this.#path = path;
    // Now, not after the first step: a folder that does not exist is refused before the work.
    if (!resume || !existsSync(path)) writeFileAtomic(path, "");
  }

  /**
   * Writes a step with the totals so far.
   * @param seconds since the first step of this run began
   */
  write({ step, steps, neighbours, accepted }: SearchProgress<AnyStep>, seconds: number): void {
    this.append(steps, { ...line(step), totals: { neighbours, accepted } }, seconds);
  }

  /** @param step its number, from 1 up */
  append(step: number, what: object, seconds: number): void {
    if (!this.#isReady) this.#keep(step - 1);
    this.#isReady = true;
    const line = { step, ...what, seconds: Number(seconds.toFixed(3)) };
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }

  /** Drops the lines of steps that a killed search made after its last checkpoint: they are made again. */
  #keep(steps: number): void {
    // Steps are told by their numbers, because a log may have begun late, and a kill may have cut its last line.
    const step = (line: string) => Number(/^\{"step":(\d+),.*\}$/.exec(line)?.[1] ?? Infinity);
    const lines = readFileSync(this.#path, "utf8")
      .split("\n")
      .filter((line) => step(line) <= steps);
    writeFileAtomic(this.#path, lines.map((line) => `${line}\n`).join(""));
  }
}

/** A step with its layer by name: the index means nothing without the command line. */
function line(step: AnyStep): object {
  if ("kind" in step) return step;
  const { layerName: layer, ...counts } = step;
  return { ...counts, layer };
}
