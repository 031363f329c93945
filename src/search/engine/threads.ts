/**
 * Delta evaluation on several threads of one machine. Each keeps the maps of its own share of the inputs and counts
 * the sums of that share for all candidates; the calling thread takes the first share itself, waits for the others
 * and adds up. Sums are whole numbers, so the result is the same for any number of threads. Calls take turns through
 * shared memory and return like those of a DeltaEngine; a share of a quick call, some 20 µs of work, is the least
 * that is worth it.
 */

import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { InvalidOption, WorkerLost } from "../../../env/errors.ts";
import { isGone, LOOK_AFTER, looksFor, startThread, toShared, waitWhile } from "../../../env/thread-node.ts";
import { layerIndex, type TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { Swap } from "../../../policies/ternary/swap.ts";
import { countExamples, type Examples } from "../../data/examples.ts";
import { DeltaEngine } from "./delta-engine.ts";
import type { Measure } from "./fitness.ts";
import { type Candidate, FitnessEngine, type InputRange } from "./fitness-engine.ts";
import {
  ANSWERED,
  APPLY,
  ASKED,
  CANDIDATE_WORDS,
  COMMAND,
  CONTROL_WORDS,
  COUNT,
  CREATE,
  type CreateMessage,
  DROP,
  ENGINE,
  type EngineSetup,
  FAILED,
  FROM,
  LAYER,
  MEASURE,
  MOST_CANDIDATES,
  measures,
  rangeOf,
  SUM,
  SUMS,
  shareOf,
  TO,
} from "./thread-protocol.ts";

/** Arguments of a command: what to write in words of control. */
type Words = Readonly<Record<number, number>>;

/** Threads that engines share: started once, as each takes a while. */
export class EngineThreads {
  /** The caller's thread included. */
  readonly count: number;
  readonly #threads: { worker: Worker; port: MessagePort }[] = [];
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4));
  readonly #candidates = new Int32Array(new SharedArrayBuffer(MOST_CANDIDATES * CANDIDATE_WORDS * 4));
  readonly #sums: Float64Array;
  readonly #looks: number;
  #engines = 0;

  private constructor(count: number) {
    this.count = count;
    this.#looks = looksFor(count);
    this.#sums = new Float64Array(new SharedArrayBuffer(count * MOST_CANDIDATES * 8));
  }

  /** @param count threads, the caller's included. @throws {@link InvalidOption} unless a whole number from 1 up */
  static async start(count: number): Promise<EngineThreads> {
    if (!Number.isInteger(count) || count < 1)
      throw new InvalidOption(`workers: expected a whole number from 1 up, got ${count}`);
    const threads = new EngineThreads(count);
    try {
      await Promise.all(Array.from({ length: count - 1 }, (_, i) => threads.#startThread(i + 1)));
    } catch (error) {
      await threads.close();
      throw error;
    }
    return threads;
  }

  async #startThread(share: number): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const workerData: EngineSetup = {
      share,
      shares: this.count,
      control: this.#control,
      candidates: this.#candidates,
      sums: this.#sums,
      port: port2,
    };
    const worker = startThread("./thread", import.meta.url, { workerData, transferList: [port2] });
    this.#threads.push({ worker, port: port1 });
    await new Promise<void>((resolve, reject) => {
      worker.once("message", () => resolve());
      worker.once("error", reject);
    });
    // A caller that forgets close() is not kept running.
    worker.unref();
  }

  /** As `DeltaEngine.create`. */
  async engine(network: TernaryNetwork, data: Examples, layers: readonly string[]): Promise<FitnessEngine> {
    const size = countExamples(data);
    // Each share needs an input.
    if (this.count === 1 || size <= 8 * this.count) return DeltaEngine.create(network, data, layers);
    const engine = new ThreadedEngine(network, data, this, this.#engines++);
    const shared = { ...data, inputs: toShared(data.inputs) };
    const message: CreateMessage = { network, data: shared, layers, totalWeight: engine.totalWeight };
    for (const { port } of this.#threads) port.postMessage(message);
    await engine.create(shareOf(data, size, 0, this.count), layers);
    return engine;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  /** @internal Gives a command; `answers` waits for it. */
  ask(command: number, engine: number, words: Words = {}): void {
    const control = this.#control;
    control[COMMAND] = command;
    control[ENGINE] = engine;
    for (const word in words) control[word] = words[word];
    Atomics.add(control, ASKED, 1);
    Atomics.notify(control, ASKED);
  }

  /** @internal Waits until all threads have obeyed; returns what one of them threw. */
  answers(): Error | null {
    const control = this.#control;
    const all = Math.imul(control[ASKED], this.count - 1); // both counts wrap around
    for (let done = 0; (done = Atomics.load(control, ANSWERED)) !== all; ) {
      const changed = waitWhile(control, ANSWERED, done, { looks: this.#looks, timeout: LOOK_AFTER });
      if (!changed && this.#threads.some(({ worker }) => isGone(worker)))
        return new WorkerLost("a search thread ended without an answer (killed or out of memory)");
    }
    if (Atomics.exchange(control, FAILED, 0) === 0) return null;
    const messages = this.#threads.map(({ port }) => receiveMessageOnPort(port)?.message);
    return new Error(`a search thread failed: ${messages.find((message) => message !== undefined)}`);
  }

  /** @internal Adds to `totals` what the threads counted. */
  addSums(totals: Float64Array): void {
    for (let share = 1; share < this.count; share++) {
      const first = share * MOST_CANDIDATES;
      for (let i = 0; i < totals.length; i++) totals[i] += this.#sums[first + i];
    }
  }

  /** @internal */
  writeCandidates(candidates: readonly Candidate[]): void {
    candidates.forEach(([a, b], i) => {
      const at = i * CANDIDATE_WORDS;
      this.#candidates[at] = a.index;
      this.#candidates[at + 1] = a.change;
      this.#candidates[at + 2] = b ? b.index : 0;
      this.#candidates[at + 3] = b ? b.change : 0;
    });
  }

  /** @internal */
  writeSwap({ remove, add, sign, removedSign }: Swap): void {
    this.#candidates.set([remove, add, sign, removedSign]);
  }
}

/** An engine whose inputs are shared out; made by `EngineThreads.engine`. */
class ThreadedEngine extends FitnessEngine {
  readonly #threads: EngineThreads;
  readonly #id: number;
  #own!: DeltaEngine;

  constructor(network: TernaryNetwork, data: Examples, threads: EngineThreads, id: number) {
    super(network, data);
    this.#threads = threads;
    this.#id = id;
  }

  async create(share: Examples, layers: readonly string[]): Promise<void> {
    // Refused here first, with its own class of error, before the threads are asked.
    for (const layer of layers) layerIndex(this.network.architecture, layer);
    await this.#together(CREATE, {}, async () => {
      this.#own = await DeltaEngine.create(this.network, share, layers, this.totalWeight);
    });
  }

  sum(measure: Measure, [from, to]: InputRange): number {
    const words = { [MEASURE]: measures.indexOf(measure), [FROM]: from, [TO]: to };
    const own = () => Float64Array.of(this.#own.sum(measure, this.#ownRange([from, to])));
    return this.#added(SUM, words, own)[0];
  }

  sums(
    measure: Measure,
    layer: string,
    candidates: readonly Candidate[],
    [from, to]: InputRange,
  ): Float64Array {
    const words = {
      [MEASURE]: measures.indexOf(measure),
      [LAYER]: layerIndex(this.network.architecture, layer),
      [FROM]: from,
      [TO]: to,
    };
    const result = new Float64Array(candidates.length);
    for (let first = 0; first < candidates.length; first += MOST_CANDIDATES) {
      const some = candidates.slice(first, first + MOST_CANDIDATES);
      this.#threads.writeCandidates(some);
      const own = () => this.#own.sums(measure, layer, some, this.#ownRange([from, to]));
      result.set(this.#added(SUMS, { ...words, [COUNT]: some.length }, own), first);
    }
    return result;
  }

  async apply(swap: Swap): Promise<void> {
    this.#threads.writeSwap(swap);
    const words = { [LAYER]: layerIndex(this.network.architecture, swap.layer) };
    await this.#together(APPLY, words, () => this.#own.apply(swap));
  }

  override close(): void {
    this.#threads.ask(DROP, this.#id);
    this.#own.close();
    this.#threads.answers();
  }

  /** The sums that all shares come to. */
  #added(command: number, words: Words, own: () => Float64Array): Float64Array {
    this.#threads.ask(command, this.#id, words);
    let totals: Float64Array;
    let failure: Error | null;
    try {
      totals = own();
    } finally {
      failure = this.#threads.answers();
    }
    if (failure) throw failure;
    this.#threads.addSums(totals);
    return totals;
  }

  async #together(command: number, words: Words, own: () => Promise<void>): Promise<void> {
    this.#threads.ask(command, this.#id, words);
    let failure: Error | null;
    try {
      await own();
    } finally {
      failure = this.#threads.answers();
    }
    if (failure) throw failure;
  }

  #ownRange(range: InputRange): InputRange {
    return rangeOf(range, 0, this.#threads.count, this.#own.size);
  }
}
