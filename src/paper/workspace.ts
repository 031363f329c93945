/**
 * The folder of a reproduction. Every measured point is a file of its own, written when it is finished, so that a run
 * that was stopped goes on with the next point, and a run of days can be cut into pieces. A point is taken from its
 * file only while its inputs (settings, seeds, the networks and data it used) are what they were.
 *
 *     OUT/points/fig2a/default-90-seed1.json   {inputs, seconds, result}
 *     OUT/networks/mnist-90-paper.safetensors  networks that figures share
 *     OUT/fig2a.svg, .png, .json               a figure and its data
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
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

/** Metadata key of a network's inputs. */
const INPUTS = "paper";

export class Workspace {
  readonly folder: string;
  /** Told of every point that is computed, not read: "fig2a/default-90-seed1". */
  readonly #onPoint: (name: string) => void;

  constructor(folder: string, onPoint: (name: string) => void = () => {}) {
    this.folder = folder;
    this.#onPoint = onPoint;
    makeFolder(folder);
  }

  /**
   * A result by its name: from its file, or computed and written.
   * @param inputs plain JSON: all that the result depends on
   */
  async point<Result>(
    name: string,
    inputs: object,
    compute: () => Result | Promise<Result>,
  ): Promise<Result> {
    const path = join(this.folder, "points", `${name}.json`);
    const saved = readPoint<Result>(path);
    if (saved && isDeepStrictEqual(saved.inputs, inputs)) return saved.result;
    this.#onPoint(name);
    const start = performance.now();
    const result = await compute();
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    this.#write(path, `${JSON.stringify({ inputs, seconds, result })}\n`);
    return result;
  }

  /** A network by its name: from its file, or made and written. */
  async network(
    name: string,
    inputs: object,
    make: () => TernaryNetwork | Promise<TernaryNetwork>,
  ): Promise<TernaryNetwork> {
    const path = join(this.folder, "networks", `${name}.safetensors`);
    const key = JSON.stringify(inputs);
    if (existsSync(path)) {
      const saved = readNetwork(readFileSync(path));
      if (saved.metadata[INPUTS] === key) return saved;
    }
    this.#onPoint(`networks/${name}`);
    const network = await make();
    network.metadata[INPUTS] = key;
    this.#write(path, writeNetwork(network));
    return network;
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

function readPoint<Result>(path: string): Point<Result> | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Not ours, or damaged by hand: measured again.
    return null;
  }
}
