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
import { CANDIDATE_WORDS, writeCandidates } from "./candidates.ts";
import { DeltaEngine } from "./delta-engine.ts";
import { type Measure, measures } from "./fitness.ts";
import { type Candidate, FitnessEngine, type InputRange } from "./fitness-engine.ts";
import {
  ANSWERED,
  APPLY,
  ASKED,
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
  rangeOf,
  SUM,
  SUMS,
  shareOf,
  TO,
} from "./thread-protocol-node.ts";

/** Arguments of a command: values by word of control. */
type Words = Readonly<Record<number, number>>;

/** Threads that engines share; they are started once, because that takes a while. */
export class EngineThreads {
  /** Number of threads, with the caller's. */
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

  /**
   * Starts threads.
   * @param count threads with the caller's, 1 or more
   * @throws {@link InvalidOption} on another count
   */
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
    const worker = startThread("./thread-node", import.meta.url, { workerData, transferList: [port2] });
    this.#threads.push({ worker, port: port1 });
    await new Promise<void>((resolve, reject) => {
      worker.once("message", () => resolve());
      worker.once("error", reject);
    });
    // A caller that forgets close() is not kept running.
    worker.unref();
  }

  /**
   * Makes an engine that shares its inputs out; see `DeltaEngine.create`.
   * @throws {@link InvalidOption} on data of another task, or layers that are not there
   */
  async engine(network: TernaryNetwork, data: Examples, layers: readonly string[]): Promise<FitnessEngine> {
    const size = countExamples(data);
    // Every share needs an input.
    if (this.count === 1 || size <= 8 * this.count) return DeltaEngine.create(network, data, layers);
    const engine = new ThreadedEngine(network, data, this, this.#engines++);
    const shared = { ...data, inputs: toShared(data.inputs) };
    const message: CreateMessage = { network, data: shared, layers, totalWeight: engine.totalWeight };
    for (const { port } of this.#threads) port.postMessage(message);
    await engine.create(shareOf(data, size, 0, this.count), layers);
    return engine;
  }

  /** Ends the threads; engines that are left throw from then on. */
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

  /** @internal Waits until all threads have obeyed. @returns an error if one of them failed */
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

  /** @internal Adds the threads' sums to `totals`. */
  addSums(totals: Float64Array): void {
    for (let share = 1; share < this.count; share++) {
      const first = share * MOST_CANDIDATES;
      for (let i = 0; i < totals.length; i++) totals[i] += this.#sums[first + i];
    }
  }

  /** @internal Hands candidates to the threads. */
  writeCandidates(candidates: readonly Candidate[]): void {
    writeCandidates(candidates, this.#candidates);
  }

  /** @internal Hands a swap to the threads. */
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
    // Refused here with its own class of error, before the threads are asked.
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

  /** The sums of all shares: the threads count theirs while `own` counts this thread's. */
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

  /** Has the threads obey a command while `own` does this thread's part. */
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
