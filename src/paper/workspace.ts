/**
 * The folder of a reproduction. Every measured point is a file of its own, written when it is finished, so that a run
 * that was stopped goes on with the next point, and a run of days can be cut into pieces. A point is taken from its
 * file only while its inputs (settings, seeds and the network it used) are what they were; code is no input, so whoever
 * changes how a point is measured removes its file.
 *
 *     OUT/points/settings.json                 "quick" or "full": a folder is of one of them
 *     OUT/points/fig2a/default-90-seed1.json   {inputs, seconds, result}
 *     OUT/networks/mnist-90-paper.safetensors  networks that figures share
 *     OUT/fig2a.svg, .png, .json               a figure and its data
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { CorruptFile, InvalidOption, TritrackError } from "../../env/errors.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";
import { makeFolder, writeFileAtomic } from "../../recordings/files/atomic.ts";

/** What a point's file holds. */
interface Point<Result> {
  inputs: object;
  /** How long it took, for the reader; no result depends on it. */
  seconds: number;
  result: Result;
}

/** A point is not there and not to be measured now: no time is left, or another process has it. */
export class NotMeasured extends TritrackError {}

/** Told what share of a point is done, 0 to 1. */
export type PointProgress = (share: number) => void;

export interface WorkspaceOptions {
  /** Told of every point that is computed, not read: "fig2a/default-90-seed1", and what share of it is done, 0 to 1. */
  onPoint?: ((name: string, share: number) => void) | undefined;
  /** Whether no further point shall be begun. */
  isOver?: (() => boolean) | undefined;
  /** Which points are measured here, where several processes or machines share the work. Default: all. */
  share?: Share | undefined;
}

/** Part `number`, from 1 up, of `of` parts. */
export interface Share {
  number: number;
  of: number;
}

/** Whether a point belongs to a share: by its name alone, so that nobody has to ask the others. */
function isIn(name: string, { number, of }: Share): boolean {
  return createHash("sha256").update(name).digest().readUInt32LE() % of === number - 1;
}

/** What is asked for, or why it is not there. */
export async function ifMeasured<Result>(ask: () => Promise<Result>): Promise<Result | NotMeasured> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof NotMeasured)) throw error;
    return error;
  }
}

/**
 * Several points, each asked for even where one before it is not there: a process that shares the work gets on with its
 * own part.
 * @throws NotMeasured when one of them is not there
 */
export async function allOf<Results extends unknown[]>(
  ...asked: { [Index in keyof Results]: () => Promise<Results[Index]> }
): Promise<Results> {
  const results: unknown[] = [];
  for (const ask of asked) results.push(await ifMeasured(ask));
  const missing = results.find((result) => result instanceof NotMeasured);
  if (missing) throw missing;
  return results as Results;
}

/** Metadata key of a network's inputs, as JSON. */
export const INPUTS = "paper";

export class Workspace {
  readonly folder: string;
  /** Names of what was asked for and is still to be measured. */
  readonly missing = new Set<string>();
  readonly #onPoint: (name: string, share: number) => void;
  readonly #isOver: () => boolean;
  readonly #share: Share;

  constructor(folder: string, options: WorkspaceOptions = {}) {
    const { onPoint = () => {}, isOver = () => false, share = { number: 1, of: 1 } } = options;
    this.folder = folder;
    this.#share = share;
    this.#onPoint = onPoint;
    this.#isOver = isOver;
    makeFolder(folder);
  }

  /**
   * Makes the folder one of these settings: others have figures and points of the same names and would take their place.
   * @throws InvalidOption when it is one of other settings
   */
  claim(settings: string): void {
    const kept = this.kept<{ settings: string }>("settings");
    if (kept && kept.settings !== settings)
      throw new InvalidOption(
        `${this.folder} holds the ${kept.settings} run: expected another folder for the ${settings} one`,
      );
    if (!kept) this.keep("settings", { settings });
  }

  /**
   * A result by its name: from its file, or computed and written.
   * @param inputs plain JSON: all that the result depends on
   * @param file of this folder, which `compute` writes as well
   * @throws NotMeasured when it is not there and the time is over, or it is in another share
   */
  async point<Result>(
    name: string,
    inputs: object,
    compute: (progress: PointProgress) => Result | Promise<Result>,
    file = "",
  ): Promise<Result> {
    const saved = this.kept<Point<Result>>(name);
    if (saved && isDeepStrictEqual(saved.inputs, inputs) && existsSync(join(this.folder, file)))
      return saved.result;
    const progress = this.#begin(name);
    const start = performance.now();
    const result = await compute(progress);
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    this.keep(name, { inputs, seconds, result });
    return result;
  }

  /** A network by its name: from its file, or made and written. */
  async network(
    name: string,
    inputs: object,
    make: (progress: PointProgress) => TernaryNetwork | Promise<TernaryNetwork>,
  ): Promise<TernaryNetwork> {
    const path = join(this.folder, "networks", `${name}.safetensors`);
    const key = JSON.stringify(inputs);
    const saved = readSaved(path);
    if (saved?.metadata[INPUTS] === key) return saved;
    const progress = this.#begin(`networks/${name}`);
    const network = await make(progress);
    network.metadata[INPUTS] = key;
    this.#write(path, writeNetwork(network));
    return network;
  }

  #begin(name: string): PointProgress {
    if (this.#isOver() || !isIn(name, this.#share)) {
      this.missing.add(name);
      throw new NotMeasured(`${name} is not measured yet`);
    }
    this.#onPoint(name, 0);
    return (share) => this.#onPoint(name, share);
  }

  /** What `keep` kept under this name, or null. */
  kept<Value>(name: string): Value | null {
    return readJson(join(this.folder, "points", `${name}.json`));
  }

  /** Keeps plain JSON under a name. */
  keep(name: string, value: object): void {
    this.#write(join(this.folder, "points", `${name}.json`), `${JSON.stringify(value)}\n`);
  }

  /** Writes a file of the report. */
  write(name: string, contents: string | Uint8Array): void {
    this.#write(join(this.folder, name), contents);
  }

  #write(path: string, contents: string | Uint8Array): void {
    makeFolder(dirname(path));
    writeFileAtomic(path, contents);
  }
}

function readJson<Value>(path: string): Value | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Not ours, or damaged by hand: measured again.
    return null;
  }
}

/** A network of the workspace; null where there is none, or a damaged one. */
function readSaved(path: string): TernaryNetwork | null {
  if (!existsSync(path)) return null;
  try {
    return readNetwork(readFileSync(path));
  } catch (error) {
    if (!(error instanceof CorruptFile)) throw error;
    return null;
  }
}
