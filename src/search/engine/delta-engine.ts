/**
 * Delta evaluation: measures first neighbours without a full forward pass. An engine keeps a network's maps and sums for a
 * set of inputs, and `kernels/delta.as.ts` works out what a swap would change. Results equal a full pass bit for bit.
 *
 * Memory grows with the inputs and with how early the first searched layer lies: a car frame needs about 95 kB from
 * `1.0` on, 25 kB from `2.0`, 3 kB from `fc1`; an image of MNIST 31, 29 and 7 kB.
 */

import { describe } from "../../../env/describe.ts";
import { InvalidOption } from "../../../env/errors.ts";
import { instantiateKernel } from "../../../env/wasm.ts";
import { inferBatch } from "../../../policies/ternary/forward.ts";
import {
  checkNetwork,
  fanIn,
  layerIndex,
  type TernaryNetwork,
  unitValue,
} from "../../../policies/ternary/network.ts";
import { type ForwardKernel, Program } from "../../../policies/ternary/program.ts";
import { applySwap, type Swap } from "../../../policies/ternary/swap.ts";
import { actionBins, BRAKE_CUT, GAS_CUT, STEER_CUT } from "../../data/actions.ts";
import { countExamples, type Examples } from "../../data/examples.ts";
import { integerTarget, type Measure, measureOutputs, OUTPUT_WEIGHTS, TEMPERATURE } from "./fitness.ts";
import {
  asCandidate,
  type Candidate,
  FitnessEngine,
  type InputRange,
  lossGrid,
  weightOf,
} from "./fitness-engine.ts";
import kernelCode from "./kernels/delta.wasm.ts";

interface DeltaKernel extends ForwardKernel {
  evaluate(
    layers: number,
    count: number,
    k: number,
    candidates: number,
    n: number,
    fitness: number,
    scores: number,
    from: number,
    to: number,
  ): void;
  evaluateKept(layers: number, count: number, fitness: number, from: number, to: number): number;
  refresh(layers: number, count: number, k: number, candidate: number, from: number, to: number): void;
}

/** Candidates handed to the kernel at once: enough to share the cost of reading a block's maps from memory. */
const CHUNK = 4096;
const LANES = 8;

/** The kernel of an engine that was closed, to be used again: fresh memory is fetched page by page, which takes longer. */
let spare: WeakRef<DeltaKernel> | undefined;

/** Measures first neighbours on this thread; made by `DeltaEngine.create`. */
export class DeltaEngine extends FitnessEngine {
  readonly #data: Examples;
  readonly #keepFrom: number;
  /** Undefined once the engine is closed. */
  #kernel: DeltaKernel | undefined;
  #program!: Program;
  #fitness!: Record<Measure, number>;
  #candidates = 0;
  #scores = 0;

  private constructor(network: TernaryNetwork, data: Examples, keepFrom: number, totalWeight?: number) {
    super(network, data, totalWeight);
    this.#data = data;
    this.#keepFrom = keepFrom;
  }

  /**
   * Makes an engine.
   * @param network is searched in place: `apply` changes its weights
   * @param data inputs and answers of the network's task
   * @param layers names of the layers that neighbours will be asked of; later layers come with an earlier one
   * @param totalWeight see FitnessEngine
   * @throws {@link InvalidOption} on data of another task, and without a layer
   */
  static async create(
    network: TernaryNetwork,
    data: Examples,
    layers: readonly string[],
    totalWeight?: number,
  ): Promise<DeltaEngine> {
    const { architecture } = network;
    if (data.task !== architecture.task)
      throw new InvalidOption(
        `data: expected examples of task ${architecture.task} as the network is, got ${data.task}`,
      );
    if (layers.length === 0) throw new InvalidOption("layers: expected at least one, got none");
    const keepFrom = Math.min(...layers.map((name) => layerIndex(architecture, name)));
    const engine = new DeltaEngine(network, data, keepFrom, totalWeight);
    await engine.#build();
    return engine;
  }

  /** Lays everything out, at first and when a layer has outgrown int16. */
  async #build(): Promise<void> {
    this.close();
    const kernel = spare?.deref() ?? (await instantiateKernel<DeltaKernel>(kernelCode));
    spare = undefined;
    this.#kernel = kernel;
    const blocks = Math.ceil(this.size / LANES);
    this.#program = new Program(kernel, this.network, {
      lanes: LANES,
      blocks,
      keepFrom: this.#keepFrom,
      deltas: true,
    });
    this.#candidates = this.#program.arena.allocate(CHUNK * 24);
    this.#scores = this.#program.arena.allocate(CHUNK * 8);
    this.#layOutFitness();
    const bytes = this.#data.inputs.length / this.size;
    for (let i = 0; i < this.size; i++) {
      this.#program.pack(
        this.#data.inputs.subarray(i * bytes, (i + 1) * bytes),
        Math.floor(i / LANES),
        i % LANES,
      );
      if (i % LANES === LANES - 1 || i === this.size - 1) this.#program.forward(Math.floor(i / LANES));
    }
  }

  override close(): void {
    // Held weakly, so that its memory does not outlive the search in a long-lived process.
    if (this.#kernel) spare = new WeakRef(this.#kernel);
    this.#kernel = undefined;
  }

  /** Writes the kernel's `Fitness` records and what they point to. */
  #layOutFitness(): void {
    const { arena, blocks, outputs } = this.#program;
    const data = this.#data;
    const rows = data.task === "car" ? 3 : 1;
    const outputWeights = (data.task === "car" && data.outputWeights) || OUTPUT_WEIGHTS;
    const unit = unitValue(this.network);
    const labels = arena.allocate(blocks * rows * LANES * 4);
    const targets = arena.allocate(data.task === "car" ? blocks * rows * LANES * 4 : 0);
    const weights = arena.allocate(blocks * LANES * 4);
    const records = { accuracy: arena.allocate(64), loss: arena.allocate(64), margin: arena.allocate(64) };
    const labelView = arena.ints(labels, blocks * rows * LANES).fill(data.task === "car" ? 9 : -1);
    const targetView = arena.ints(targets, data.task === "car" ? labelView.length : 0);
    const weightView = arena.ints(weights, blocks * LANES);
    for (let i = 0; i < this.size; i++) {
      weightView[i] = weightOf(data, i);
      if (data.task === "mnist") {
        labelView[i] = data.labels[i];
        continue;
      }
      const action = data.targets.subarray(i * 3, i * 3 + 3);
      const bins = actionBins(action[0], action[1], action[2]);
      for (let o = 0; o < 3; o++) {
        const at = (Math.floor(i / LANES) * 3 + o) * LANES + (i % LANES);
        labelView[at] = bins[o];
        targetView[at] = integerTarget(action[o], unit);
      }
    }
    const view = new DataView(arena.memory.buffer);
    // The kernel's numbers of the measures; only classes have margins.
    const kinds = data.task === "car" ? { accuracy: 2, loss: 3 } : { accuracy: 0, loss: 1, margin: 4 };
    for (const [name, kind] of Object.entries(kinds)) {
      const measure = name as Measure;
      const [steerCut, gasCut, brakeCut] = [STEER_CUT, GAS_CUT, BRAKE_CUT].map((cut) =>
        Math.floor(cut * unit),
      );
      const head = [kind, outputs, labels, targets, weights, steerCut, gasCut, brakeCut, unit];
      head.forEach((value, i) => {
        view.setInt32(records[measure] + i * 4, value, true);
      });
      view.setFloat32(records[measure] + 36, 1 / (TEMPERATURE * unit), true);
      outputWeights.forEach((value, i) => {
        view.setInt32(records[measure] + 40 + i * 4, value, true);
      });
      view.setFloat64(records[measure] + 56, lossGrid(this.network, data, this.totalWeight), true);
    }
    this.#fitness = records;
  }

  sum(measure: Measure, range: InputRange): number {
    const { layers, records } = this.#program;
    const [from, to] = this.#blocks(range);
    return this.#kernel!.evaluateKept(layers, records.length, this.#fitness[measure], from, to);
  }

  sums(measure: Measure, layer: string, candidates: readonly Candidate[], range: InputRange): Float64Array {
    const k = layerIndex(this.network.architecture, layer);
    if (k < this.#keepFrom)
      throw new InvalidOption(
        `layer: expected one that this engine was made for, or a later one, got ${describe(layer)}`,
      );
    this.#program.updateReaders(k + 1);
    const { arena, layers, records } = this.#program;
    const result = new Float64Array(candidates.length);
    const [from, to] = this.#blocks(range);
    const fitness = this.#fitness[measure];
    for (let first = 0; first < candidates.length; first += CHUNK) {
      const n = Math.min(CHUNK, candidates.length - first);
      this.#writeCandidates(k, candidates, first, n);
      const scores = new Float64Array(arena.memory.buffer, this.#scores, n).fill(0);
      this.#kernel!.evaluate(layers, records.length, k, this.#candidates, n, fitness, this.#scores, from, to);
      result.set(scores, first);
    }
    return result;
  }

  /** Writes `n` candidates of layer k, from `first` on, as the kernel's records. */
  #writeCandidates(k: number, candidates: readonly Candidate[], first: number, n: number): void {
    const width = fanIn(this.network.architecture.layers[k]);
    const table = this.#program.arena.ints(this.#candidates, n * 6);
    for (let i = 0; i < n; i++) {
      const [a, b] = candidates[first + i];
      const unit = Math.floor(a.index / width);
      table[i * 6] = unit;
      table[i * 6 + 1] = this.#program.offset(k, a.index);
      table[i * 6 + 2] = a.change;
      table[i * 6 + 3] = b ? Math.floor(b.index / width) : unit;
      table[i * 6 + 4] = b ? this.#program.offset(k, b.index) : 0;
      table[i * 6 + 5] = b ? b.change : 0;
    }
  }

  async apply(swap: Swap): Promise<void> {
    applySwap(this.network, swap);
    const k = layerIndex(this.network.architecture, swap.layer);
    const width = fanIn(this.network.architecture.layers[k]);
    const unit = Math.floor(swap.add / width);
    if (this.#outgrows(k, unit, width)) {
      await this.#build();
      return;
    }
    this.#program.setWeights(k);
    this.#writeCandidates(k, [asCandidate(swap)], 0, 1);
    this.#program.updateReaders(k + 1);
    const { layers, records, blocks } = this.#program;
    this.#kernel!.refresh(layers, records.length, k, this.#candidates, 0, blocks);
  }

  /** True if sums of a neighbour might no longer fit the integers of the layer. */
  #outgrows(k: number, unit: number, width: number): boolean {
    const weights = this.network.weights[this.network.architecture.layers[k].name];
    let nonzeros = 0;
    for (let i = unit * width; i < (unit + 1) * width; i++) if (weights[i] !== 0) nonzeros++;
    const largest = (nonzeros + 1) * unitValue(this.network, k - 1);
    if (this.#program.records[k].bits === 16) return largest > 32767;
    if (largest >= 2 ** 31) checkNetwork(this.network);
    return false;
  }

  #blocks([from, to]: InputRange): [number, number] {
    return [from / LANES, Math.ceil(to / LANES)];
  }
}

/**
 * A measure of a network by one full forward pass, for sets that are only reported on.
 * @throws {@link InvalidOption} on data that do not belong together or have no such measure
 */
export async function measureNetwork(
  network: TernaryNetwork,
  data: Examples,
  measure: Measure,
): Promise<number> {
  countExamples(data);
  return measureOutputs(await inferBatch(network, data.inputs), unitValue(network), data, measure);
}
