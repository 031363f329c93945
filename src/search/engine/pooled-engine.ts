/**
 * An engine that gives large measurements to a pool, in jobs of fixed size: some inputs times some candidates. Small
 * measurements, and those that wait for the one before, stay with the engine that it wraps. Sums are whole numbers, so it
 * makes no difference where they are counted.
 */

import { type Layer, layerIndex } from "../../../policies/ternary/network.ts";
import { writeNetwork } from "../../../policies/ternary/safetensors.ts";
import type { Swap } from "../../../policies/ternary/swap.ts";
import { writeExamples } from "../../data/example-bytes.ts";
import { type Examples, sliceExamples } from "../../data/examples.ts";
import type { BlobName, Pool } from "../../work/pool.ts";
import type { ScoreJob } from "../jobs.ts";
import { candidateBytes } from "./candidates.ts";
import type { Measure } from "./fitness.ts";
import { type Candidate, FitnessEngine, type InputRange } from "./fitness-engine.ts";

/** Inputs of a job, a multiple of 8; with `JOB_CANDIDATES` a second of work or less. */
const JOB_INPUTS = 1024;
/** Candidates of a job. */
const JOB_CANDIDATES = 4096;
/** Inputs times candidates from which a measurement goes to the pool: some tenth of a second on one thread. */
const WORTH_IT = { conv: 2 ** 20, dense: 2 ** 25 };

/** Measures with the help of a pool. */
export class PooledEngine extends FitnessEngine {
  readonly #inner: FitnessEngine;
  readonly #data: Examples;
  readonly #pool: Pool;
  readonly #worthIt: Readonly<Record<Layer["kind"], number>>;
  /** Names of the parts of the data that were shared, by their numbers. */
  readonly #parts = new Map<number, BlobName>();

  /**
   * @param inner an engine on the same network and data
   * @param worthIt inputs times candidates from which a measurement goes to the pool, by kind of layer; results do not
   *   depend on it. Default: WORTH_IT
   */
  constructor(inner: FitnessEngine, data: Examples, pool: Pool, worthIt = WORTH_IT) {
    super(inner.network, data);
    this.#inner = inner;
    this.#data = data;
    this.#pool = pool;
    this.#worthIt = worthIt;
  }

  sum(measure: Measure, range: InputRange): number {
    return this.#inner.sum(measure, range);
  }

  sums(measure: Measure, layer: string, candidates: readonly Candidate[], range: InputRange): Float64Array {
    return this.#inner.sums(measure, layer, candidates, range);
  }

  apply(swap: Swap): Promise<void> {
    return this.#inner.apply(swap);
  }

  override close(): void {
    for (const name of this.#parts.values()) this.#pool.forget(name);
    this.#parts.clear();
    this.#inner.close();
  }

  protected override async manySums(
    measure: Measure,
    layer: string,
    candidates: readonly Candidate[],
    range: InputRange,
  ): Promise<Float64Array> {
    const [from, to] = range;
    const { architecture } = this.network;
    const { kind } = architecture.layers[layerIndex(architecture, layer)];
    if ((to - from) * candidates.length < this.#worthIt[kind])
      return super.manySums(measure, layer, candidates, range);
    const pool = this.#pool;
    // Metadata would only make equal networks different blobs.
    const network = await pool.share(writeNetwork({ ...this.network, metadata: {} }));
    const groups: BlobName[] = [];
    for (let first = 0; first < candidates.length; first += JOB_CANDIDATES)
      groups.push(await pool.share(candidateBytes(candidates.slice(first, first + JOB_CANDIDATES))));
    const jobs: ScoreJob[] = [];
    const common = { kind: "score", measure, layer, totalWeight: this.totalWeight } as const;
    for (let part = Math.floor(from / JOB_INPUTS); part * JOB_INPUTS < to; part++) {
      const data = await this.#sharePart(part);
      const first = part * JOB_INPUTS;
      const inputs = { from: Math.max(from - first, 0), to: Math.min(to - first, JOB_INPUTS) };
      for (const group of groups) jobs.push({ ...common, ...inputs, blobs: [network, data, group] });
    }
    const results = await pool.run(jobs);
    for (const name of new Set([network, ...groups])) await pool.forget(name);
    const totals = new Float64Array(candidates.length);
    jobs.forEach((_, i) => {
      const sums = new Float64Array(new Uint8Array(results[i]).buffer);
      const first = (i % groups.length) * JOB_CANDIDATES;
      for (let j = 0; j < sums.length; j++) totals[first + j] += sums[j];
    });
    return totals;
  }

  async #sharePart(part: number): Promise<BlobName> {
    let name = this.#parts.get(part);
    if (name === undefined) {
      const first = part * JOB_INPUTS;
      name = await this.#pool.share(
        writeExamples(sliceExamples(this.#data, first, Math.min(first + JOB_INPUTS, this.size))),
      );
      this.#parts.set(part, name);
    }
    return name;
  }
}
