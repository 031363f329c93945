/**
 * Several environments stepped side by side on threads (`gymnasium.vector.AsyncVectorEnv` with shared memory). Each thread
 * steps its share of the environments and writes observations, rewards and ends where the caller reads them. The caller's
 * own thread has a share too: as many threads as processors then keep all of them busy, and the caller need not be woken.
 * Results do not depend on the number of threads. Node only.
 */
import { availableParallelism } from "node:os";
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { type Env, type Info, NO_ACTION, type Seed } from "../api.ts";
import * as errors from "../errors.ts";
import { ClosedEnvironment, InvalidOption, ResetNeeded, WorkerLost } from "../errors.ts";
import { type Box, Discrete, type Space, type TypedArray } from "../spaces.ts";
import { isGone, LOOK_AFTER, looksFor, startThread, waitWhile } from "../thread-node.ts";
import { arrayOf, boxObservations } from "../wrappers/array-observations.ts";
import { type EnvSource, makeFrom } from "./env-source.ts";
import { Share } from "./share.ts";
import {
  type AutoresetMode,
  batchSpace,
  checkStep,
  checkVectorReset,
  spreadSeeds,
  type VectorEnv,
  type VectorOptions,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
  vectorOptions,
} from "./vector-env.ts";
import {
  ANSWERED,
  type AnswerMessage,
  ASKED,
  CLOSE,
  COMMAND,
  CONTROL_WORDS,
  EXITED,
  HAS_MESSAGE,
  NO_ACTION_MARK,
  RESET,
  type ResetMessage,
  type SharedArrays,
  type ShareOptions,
  STEP,
  TERMINATED,
  TRUNCATED,
  type WorkerSetup,
} from "./worker-protocol.ts";

/** Options of {@link WorkerVectorEnv.create}. */
export interface WorkerVectorOptions extends VectorOptions {
  /** Number of environments, from 1 up. */
  numEnvs: number;
  /**
   * Number of threads, from 1 up; more than one for each environment are not started. The caller's thread counts, and
   * steps its share in `stepWait`. Default: the number of processors.
   */
  workers?: number;
}

/** A thread beside the caller's. */
interface Thread {
  worker: Worker;
  hasExited: boolean;
  control: Int32Array;
  port: MessagePort;
  first: number;
  end: number;
}

interface Spaces<Action> {
  observation: Box;
  action: Space<Action>;
}

/** A `SyncVectorEnv` on threads, made by {@link WorkerVectorEnv.create}. `close` ends the threads. */
export class WorkerVectorEnv<Observation extends TypedArray = TypedArray, Action = unknown>
  implements VectorEnv<Observation, Action>
{
  readonly numEnvs: number;
  readonly singleObservationSpace: Box;
  readonly observationSpace: Box;
  readonly singleActionSpace: Space<Action>;
  readonly autoresetMode: AutoresetMode;
  readonly #copies: boolean;
  readonly #arrays: SharedArrays;
  readonly #observations: Observation;
  readonly #actionSize: number;
  /** The caller's share: the first environments. */
  #own!: Share;
  #looks = 0;
  readonly #threads: Thread[] = [];
  readonly #ended: boolean[];
  #wasReset = false;
  #isStepping = false;
  #isClosed = false;

  private constructor(spaces: Spaces<Action>, options: WorkerVectorOptions) {
    const { numEnvs } = options;
    const { autoresetMode, copy } = vectorOptions("WorkerVectorEnv", options);
    this.numEnvs = numEnvs;
    this.autoresetMode = autoresetMode;
    this.singleObservationSpace = spaces.observation;
    this.observationSpace = batchSpace(spaces.observation, numEnvs);
    this.singleActionSpace = spaces.action;
    this.#copies = copy;
    this.#actionSize = actionSize(spaces.action);
    const bytes = this.observationSpace.size * this.observationSpace.low.BYTES_PER_ELEMENT;
    const observations = new SharedArrayBuffer(bytes);
    this.#arrays = {
      observations,
      actions: new Float64Array(new SharedArrayBuffer(8 * numEnvs * this.#actionSize)),
      rewards: new Float64Array(new SharedArrayBuffer(8 * numEnvs)),
      ends: new Uint8Array(new SharedArrayBuffer(numEnvs)),
      pending: new Int32Array(new SharedArrayBuffer(4)),
    };
    this.#observations = arrayOf<Observation>(this.observationSpace, observations);
    this.#ended = Array.from({ length: numEnvs }, () => false);
  }

  /**
   * Starts the threads and makes the environments in them.
   *
   * @example const env = await WorkerVectorEnv.create({ id: "CarRacing-v3" }, { numEnvs: 8 });
   * @param source how to make the environments; their observations are Boxes, their actions numbers or arrays of them
   * @throws {@link InvalidOption} on numbers of environments or threads that are not whole ones from 1 up
   * @throws {@link WorkerLost} when a thread ends before its environments are made
   * @throws what making an environment throws
   */
  static async create<Observation extends TypedArray = TypedArray, Action = unknown>(
    source: EnvSource,
    options: WorkerVectorOptions,
  ): Promise<WorkerVectorEnv<Observation, Action>> {
    const { numEnvs, workers = availableParallelism() } = options;
    for (const [name, value] of Object.entries({ numEnvs, workers })) {
      if (Number.isSafeInteger(value) && value > 0) continue;
      throw new InvalidOption(
        `WorkerVectorEnv: expected ${name} to be a whole number from 1 up, got ${value}`,
      );
    }
    // The first environment of the caller's share; all have its spaces.
    const env = await makeFrom(source, 0);
    try {
      const spaces = {
        observation: boxObservations("WorkerVectorEnv", env),
        action: env.actionSpace as Space<Action>,
      };
      const vector = new WorkerVectorEnv<Observation, Action>(spaces, options);
      // A URL object does not survive the way to a thread.
      const sent = "module" in source ? { module: String(source.module) } : source;
      await vector.#start(sent, Math.min(workers, numEnvs), env);
      return vector;
    } catch (error) {
      env.close();
      throw error;
    }
  }

  async #start(source: EnvSource, workers: number, env: Env): Promise<void> {
    const ready: Promise<void>[] = [];
    const looks = looksFor(workers);
    this.#looks = looks;
    const share = (i: number): ShareOptions => ({
      source,
      autoresetMode: this.autoresetMode,
      first: Math.floor((i * this.numEnvs) / workers),
      end: Math.floor(((i + 1) * this.numEnvs) / workers),
      arrays: this.#arrays,
    });
    for (let i = 1; i < workers; i++) {
      const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
      const { port1, port2 } = new MessageChannel();
      const setup: WorkerSetup = { ...share(i), control, looks, port: port2 };
      const worker = startThread("./worker-node", import.meta.url, {
        workerData: setup,
        transferList: [setup.port],
      });
      const { first, end } = setup;
      const thread = { worker, hasExited: false, control, port: port1, first, end };
      this.#threads.push(thread);
      ready.push(
        new Promise((resolve, reject) => {
          worker.once("message", () => resolve());
          worker.once("error", reject);
          worker.once("exit", () => {
            thread.hasExited = true;
            reject(lost(thread));
          });
        }),
      );
    }
    try {
      this.#own = await Share.create(share(0), [env]);
      await Promise.all(ready);
    } catch (error) {
      this.#terminate();
      throw error;
    }
    // A caller that forgets close() is not kept running.
    for (const { worker } of this.#threads) worker.unref();
  }

  reset(given: VectorResetOptions = {}): VectorResetResult<Observation> {
    this.#checkIdle("reset");
    const { seed, mask, options } = checkVectorReset(given, this.numEnvs, this.#wasReset);
    const seeds = spreadSeeds(seed, this.numEnvs);
    const flags = mask && Array.from({ length: this.numEnvs }, (_, i) => Boolean(mask[i]));
    const message = (first: number, end: number): ResetMessage => ({
      seed: seeds.slice(first, end) as (Seed | undefined)[],
      mask: flags?.slice(first, end),
      options,
    });
    for (const { first, end, port } of this.#threads) port.postMessage(message(first, end));
    this.#ask(RESET);
    const infos = this.#wait(() => this.#own.reset(message(0, this.#threads[0]?.first ?? this.numEnvs)));
    for (let i = 0; i < this.numEnvs; i++) if (!mask || mask[i]) this.#ended[i] = false;
    this.#wasReset = true;
    return { observations: this.#result(), infos };
  }

  step(actions: ArrayLike<Action>): VectorStepResult<Observation> {
    this.stepAsync(actions);
    return this.stepWait();
  }

  /**
   * Begins a step and returns at once: the caller may work until it takes the results with `stepWait`.
   * @param actions one action for each environment
   * @throws as `step`
   */
  stepAsync(actions: ArrayLike<Action>): void {
    this.#checkIdle("step");
    checkStep(actions, this, this.#wasReset, this.autoresetMode === "disabled" ? this.#ended : []);
    for (let i = 0; i < this.numEnvs; i++) this.#writeAction(i, actions[i]);
    this.#ask(STEP);
    this.#isStepping = true;
  }

  /**
   * Waits for the results of the step that `stepAsync` began, however long it takes.
   * @throws {@link ResetNeeded} when no step is under way
   * @throws {@link WorkerLost} when a thread has ended without an answer; the vector is closed then
   */
  stepWait(): VectorStepResult<Observation> {
    if (!this.#isStepping) throw new ResetNeeded("stepWait: call stepAsync() first");
    this.#isStepping = false;
    const infos = this.#wait(() => this.#own.step());
    const { rewards, ends } = this.#arrays;
    const terminations = Array.from(ends, (end) => (end & TERMINATED) > 0);
    const truncations = Array.from(ends, (end) => (end & TRUNCATED) > 0);
    for (let i = 0; i < this.numEnvs; i++) this.#ended[i] = terminations[i] || truncations[i];
    return { observations: this.#result(), rewards: rewards.slice(), terminations, truncations, infos };
  }

  /** Closes the environments and ends the threads. */
  close(): void {
    if (this.#isClosed) return;
    if (this.#isStepping) this.stepWait();
    this.#isClosed = true;
    this.#ask(CLOSE);
    this.#wait(() => {
      this.#own.close();
      return [];
    });
  }

  #terminate(): void {
    this.#isClosed = true;
    for (const { worker } of this.#threads) worker.terminate();
    this.#own?.close();
  }

  #checkIdle(call: string): void {
    if (this.#isClosed) throw new ClosedEnvironment("WorkerVectorEnv: it has been closed; create a new one");
    if (this.#isStepping)
      throw new ResetNeeded(`${call}: a step is under way; take its results with stepWait()`);
  }

  #writeAction(env: number, action: Action): void {
    const { actions } = this.#arrays;
    const size = this.#actionSize;
    if (action === NO_ACTION) actions.fill(NO_ACTION_MARK, env * size, (env + 1) * size);
    else if (this.singleActionSpace instanceof Discrete) actions[env] = action as number;
    else actions.set(action as ArrayLike<number>, env * size);
  }

  #ask(command: number): void {
    Atomics.store(this.#arrays.pending, 0, this.#threads.length);
    for (const { control } of this.#threads) {
      control[COMMAND] = command;
      Atomics.add(control, ASKED, 1);
      Atomics.notify(control, ASKED);
    }
  }

  /** Steps the caller's own share and waits for all threads. @returns the infos @throws the first error of any share */
  #wait(own: () => Info[]): Info[] {
    const infos: Info[] = Array.from({ length: this.numEnvs }, () => ({}));
    let failure: unknown;
    try {
      for (const [i, info] of own().entries()) infos[i] = info;
    } catch (error) {
      failure = error;
    }
    const { pending } = this.#arrays;
    for (let left = 0; (left = Atomics.load(pending, 0)) > 0; ) {
      if (!waitWhile(pending, 0, left, { looks: this.#looks, timeout: LOOK_AFTER })) this.#lookForLost();
    }
    for (const { control, port, first } of this.#threads) {
      if (control[HAS_MESSAGE] === 0) continue;
      const message = receiveMessageOnPort(port)?.message as AnswerMessage;
      if ("error" in message) failure ??= rebuild(message.error);
      else for (const [i, info] of message.infos.entries()) infos[first + i] = info;
    }
    if (failure) throw failure;
    return infos;
  }

  /** @throws {@link WorkerLost} where a thread is gone that has not answered; the others are ended too */
  #lookForLost(): void {
    const gone = this.#threads.find(
      (thread) =>
        (thread.hasExited || thread.control[EXITED] === 1 || isGone(thread.worker)) &&
        Atomics.load(thread.control, ANSWERED) !== thread.control[ASKED],
    );
    if (!gone) return;
    this.#terminate();
    throw lost(gone);
  }

  #result(): Observation {
    return this.#copies ? (this.#observations.slice() as Observation) : this.#observations;
  }
}

/** Numbers that an action consists of. */
function actionSize(space: Space): number {
  if (space.shape === null) {
    throw new InvalidOption(
      `WorkerVectorEnv: expected actions that are numbers or arrays of them, got ${space}`,
    );
  }
  return space.shape.reduce((product, n) => product * n, 1);
}

/** An error of a thread, as one of this package's classes where it was one. */
function rebuild({ name, message }: { name: string; message: string }): Error {
  const ErrorClass = (errors as Record<string, new (message: string) => Error>)[name] ?? Error;
  return new ErrorClass(message);
}

function lost({ first, end }: Thread): WorkerLost {
  return new WorkerLost(
    `WorkerVectorEnv: the thread of environments ${first} to ${end - 1} ended without an answer (killed or out of memory); the vector is closed`,
  );
}
