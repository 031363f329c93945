/**
 * The folder of a reproduction. Every measured point is a file of its own, written when the point is finished, so that a
 * run that was stopped continues with the next point and a run of days can be cut into pieces.
 *
 *     OUT/points/settings.json                 "quick" or "full": a folder holds one of them
 *     OUT/points/fig2a/default-90-seed1.json   {inputs, seconds, result}
 *     OUT/networks/mnist-90-paper.safetensors  networks that figures share
 *     OUT/fig2a.svg, .png, .json               a figure and its data
 *
 * A point is read from its file only if its inputs (settings, seeds and the network it used) have not changed. Code is
 * not among the inputs: whoever changes how a point is measured removes its file.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { CorruptFile, InvalidOption, TritrackError } from "../../env/errors.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";
import { makeFolder, sweepFolder, writeFileAtomic } from "../../recordings/files/atomic.ts";

/** The contents of a point's file. */
interface Point<Result> {
  inputs: object;
  /** Duration of the measurement. No result depends on it. */
  seconds: number;
  result: Result;
}

/** Thrown for a point without a file that is not to be measured now: the time is over, or it is in another share. */
export class NotMeasured extends TritrackError {}

/** Called with the share of a point that is done, 0 to 1. */
export type PointProgress = (share: number) => void;

/** Options of a {@link Workspace}. */
export interface WorkspaceOptions {
  /** Called with the name of each point that is measured, and the share of it that is done. Default: nothing */
  onPoint?: ((name: string, share: number) => void) | undefined;
  /** Called before each point; true leaves this point and all later ones unmeasured. Default: never true */
  isOver?: (() => boolean) | undefined;
  /** The points to measure, if several processes or machines divide the work. Default: all */
  share?: Share | undefined;
}

/** One of `of` parts of the work. */
export interface Share {
  /** Number of the part, from 1. */
  number: number;
  /** Number of parts. */
  of: number;
}

/** True if a point is in a share. Its name alone decides, so that processes need not ask each other. */
function isIn(name: string, { number, of }: Share): boolean {
  return createHash("sha256").update(name).digest().readUInt32LE() % of === number - 1;
}

/** The result of `ask`, or the {@link NotMeasured} that it threw. */
export async function ifMeasured<Result>(ask: () => Promise<Result>): Promise<Result | NotMeasured> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof NotMeasured)) throw error;
    return error;
  }
}

/**
 * Asks for several points, one after the other, and for each even if one before it is not measured: a process that
 * shares the work still has its own part to do.
 * @throws NotMeasured when one of them is not measured
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

/** Metadata key under which a network keeps its inputs, as JSON. */
export const INPUTS = "paper";

/** The folder of a reproduction: reads what was measured before, and measures and writes the rest. */
export class Workspace {
  /** Path of the folder. */
  readonly folder: string;
  /** Names of the points that were asked for and are still to be measured. */
  readonly missing = new Set<string>();
  readonly #onPoint: (name: string, share: number) => void;
  readonly #isOver: () => boolean;
  readonly #share: Share;

  /** Makes the folder if it is missing, and removes the temporary files that killed processes left in it. */
  constructor(folder: string, options: WorkspaceOptions = {}) {
    const { onPoint = () => {}, isOver = () => false, share = { number: 1, of: 1 } } = options;
    this.folder = folder;
    this.#share = share;
    this.#onPoint = onPoint;
    this.#isOver = isOver;
    makeFolder(folder);
    sweepFolder(folder);
    for (const name of ["points", "networks"]) sweepTree(join(folder, name));
  }

  /**
   * Marks the folder as one of these settings. Figures and points of other settings have the same names and would
   * replace them.
   * @throws InvalidOption when the folder holds a run with other settings
   */
  claim(settings: string): void {
    const kept = this.kept<{ settings: string }>("settings");
    if (kept && kept.settings !== settings)
      throw new InvalidOption(
        `${this.folder}: expected a folder of the ${settings} run, got one of the ${kept.settings} run; choose another folder`,
      );
    if (!kept) this.keep("settings", { settings });
  }

  /**
   * A result by its name: read from its file, or measured and written.
   * @param inputs plain JSON: everything that the result depends on
   * @param file a file of this folder that `measure` writes as well; without it the point is measured again. Default: none
   * @throws NotMeasured when it has no file and is not to be measured now
   */
  async point<Result>(
    name: string,
    inputs: object,
    measure: (progress: PointProgress) => Result | Promise<Result>,
    file = "",
  ): Promise<Result> {
    const saved = this.kept<Point<Result>>(name);
    if (saved && isDeepStrictEqual(saved.inputs, inputs) && existsSync(join(this.folder, file)))
      return saved.result;
    const progress = this.#begin(name);
    const start = performance.now();
    const result = await measure(progress);
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    this.keep(name, { inputs, seconds, result });
    return result;
  }

  /**
   * A network by its name: read from its file, or made and written.
   * @param inputs plain JSON: everything that the network depends on
   * @throws NotMeasured when it has no file and is not to be made now
   */
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

  /** The value that `keep` wrote under this name; null if there is none or its file is damaged. */
  kept<Value>(name: string): Value | null {
    return readJson(join(this.folder, "points", `${name}.json`));
  }

  /** Writes plain JSON under a name. */
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

/** Sweeps a folder and those below it; none need be there. */
function sweepTree(folder: string): void {
  if (!existsSync(folder)) return;
  sweepFolder(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) sweepTree(join(folder, entry.name));
}

function readJson<Value>(path: string): Value | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // A damaged file counts as missing, so that the point is measured again.
    return null;
  }
}

/** A network of the workspace; null where there is none or its file is damaged. */
function readSaved(path: string): TernaryNetwork | null {
  if (!existsSync(path)) return null;
  try {
    return readNetwork(readFileSync(path));
  } catch (error) {
    if (!(error instanceof CorruptFile)) throw error;
    return null;
  }
}
