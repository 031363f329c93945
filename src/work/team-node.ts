/**
 * A team: threads that work in turns with the thread that started them. The caller asks, does its own part, and waits
 * for the answers; everything that goes back and forth lies in memory that they share. Asking and answering takes
 * microseconds, where messages would take the caller's event loop a turn each. Which part a thread does is up to the
 * callers. Node only.
 */
import {
  MessageChannel,
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  type Worker,
} from "node:worker_threads";
import { TritrackError, WorkerLost } from "../../env/errors.ts";
import { isGone, LOOK_AFTER, looksFor, startThread, waitWhile } from "../../env/thread-node.ts";

/** Words of the control array: turns asked for, answers given (counted over all turns), and whether a thread failed. */
const ASKED = 0;
const ANSWERED = 1;
const FAILED = 2;
const CONTROL_WORDS = 3;

/** Place of a thread in a team; part of the data that it is started with. */
export interface TeamPlace {
  /** Number of the thread, from 1 up: the caller is 0. */
  member: number;
  /** Size of the team, the caller included. */
  members: number;
  /** Control words, shared by the team. */
  control: Int32Array;
  /** Takes the errors of the thread. */
  port: MessagePort;
}

/** An error on its way between threads, where it loses its class. */
interface Failure {
  name: string;
  message: string;
}

/** Threads that take turns; made by `Team.start`. */
export class Team {
  /** Size of the team, the caller included. */
  readonly members: number;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
  readonly #threads: { worker: Worker; port: MessagePort }[] = [];
  readonly #looks: number;
  /** Name of a thread in messages: "a training thread". */
  readonly #name: string;

  private constructor(members: number, name: string) {
    this.members = members;
    this.#name = name;
    this.#looks = looksFor(members);
  }

  /**
   * Starts the threads of a team and waits until all are ready.
   * @param options.name of a thread in messages: "a training thread"
   * @param options.members size of the team, from 1 up, the caller included
   * @param options.file the threads' module without its ending, relative to `from`; it calls `takeTurns`
   * @param options.from `import.meta.url` of the caller
   * @param options.data sent to each thread as `workerData.data`, beside its place
   * @throws the error of a thread that does not start
   */
  static async start(options: {
    name: string;
    members: number;
    file: string;
    from: string;
    data: unknown;
  }): Promise<Team> {
    const { name, members, file, from, data } = options;
    const team = new Team(members, name);
    try {
      await Promise.all(
        Array.from({ length: members - 1 }, (_, i) => team.#startThread(i + 1, file, from, data)),
      );
    } catch (error) {
      await team.close();
      throw error;
    }
    return team;
  }

  async #startThread(member: number, file: string, from: string, data: unknown): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const place: TeamPlace = { member, members: this.members, control: this.#control, port: port2 };
    const worker = startThread(file, from, { workerData: { place, data }, transferList: [port2] });
    this.#threads.push({ worker, port: port1 });
    await new Promise<void>((resolve, reject) => {
      worker.once("error", (error) => reject(asThrown(error)));
      worker.once("exit", () => reject(this.#lost()));
      worker.once("message", () => resolve());
    });
    // A caller that forgets close() is not kept running.
    worker.unref();
    port1.unref();
  }

  /** Begins a turn in all threads; `answers` waits for it. */
  ask(): void {
    Atomics.add(this.#control, ASKED, 1);
    Atomics.notify(this.#control, ASKED);
  }

  /**
   * Waits until all threads have taken their turn, however long that takes.
   * @throws the error of a thread; {@link WorkerLost} if one ended without an answer
   */
  answers(): void {
    const control = this.#control;
    const all = Math.imul(control[ASKED], this.members - 1); // both counts wrap around
    for (let done = 0; (done = Atomics.load(control, ANSWERED)) !== all; ) {
      const hasChanged = waitWhile(control, ANSWERED, done, { looks: this.#looks, timeout: LOOK_AFTER });
      if (!hasChanged && this.#threads.some(({ worker }) => isGone(worker))) throw this.#lost();
    }
    if (Atomics.exchange(control, FAILED, 0) === 0) return;
    const failures = this.#threads.map(
      ({ port }) => receiveMessageOnPort(port)?.message as Failure | undefined,
    );
    throw asThrown(failures.find((failure) => failure !== undefined)!);
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #lost(): WorkerLost {
    return new WorkerLost(`${this.#name} ended without an answer (killed or out of memory)`);
  }
}

/**
 * Takes the turns of one thread of a team, for ever. Called in that thread, when it is ready.
 * @param turn does the thread's part of a turn
 */
export async function takeTurns(
  { members, control, port }: TeamPlace,
  turn: () => void | Promise<void>,
): Promise<never> {
  const looks = looksFor(members);
  parentPort!.postMessage("ready");
  for (let asked = 0; ; asked = (asked + 1) | 0) {
    waitWhile(control, ASKED, asked, { looks });
    try {
      // Awaiting a turn that is over cost a training thread a tenth of its time.
      const ending = turn();
      if (ending) await ending;
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
      port.postMessage({ name, message } satisfies Failure);
      Atomics.store(control, FAILED, 1);
    }
    Atomics.add(control, ANSWERED, 1);
    Atomics.notify(control, ANSWERED);
  }
}

/** Errors lose their class between threads, but not their name: those of this package stay the clear lines they are. */
function asThrown({ name, message }: Failure): Error {
  if (name.endsWith("Error") && name !== TritrackError.name)
    return Object.assign(new Error(message), { name });
  return Object.assign(new TritrackError(message), { name });
}
