/** A search at the command line: checkpoint beside the output, log, time limit, Ctrl-C and progress, for every rule. */
import { existsSync } from "node:fs";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { writeFileAtomic } from "../../../recordings/files/atomic.ts";
import { readCheckpointFile } from "../../data/checkpoint-node.ts";
import { type EngineMaker, search } from "../../search/index.ts";
import { breathe, interruptSignal } from "../common/interrupt.ts";
import { StepLog } from "./log.ts";
import type { SearchScreen } from "./screen.ts";
import { type CommonOptions, layerNames, type Searched, type TaskOptions } from "./task.ts";

/** Between checkpoints on disk. Milliseconds. */
const CHECKPOINT_EVERY = 1000;

/** The file that a search with this output is resumed from. */
export function checkpointPath({ out }: Pick<CommonOptions, "out">): string {
  return out.replace(/\.safetensors$/, ".checkpoint.safetensors");
}

/** Says so where `--resume` finds no checkpoint yet, and where there is one that nobody asked for. */
export function announceResume(options: CommonOptions): void {
  const checkpoint = checkpointPath(options);
  const isThere = existsSync(checkpoint);
  if (options.resume && !isThere)
    process.stderr.write(`there is no checkpoint ${checkpoint} yet: the search begins anew\n`);
  if (isThere && !options.resume)
    process.stderr.write(`${checkpoint} is there: --resume goes on from it, this search begins anew\n`);
}

/** A hint for messages: how to resume a search that was cut off. */
export function goesOnFrom(checkpoint: string): string {
  return `the same command with --resume goes on from ${checkpoint}`;
}

/**
 * Runs a search to its end, or until Ctrl-C or the time limit end it after the step at hand. Ctrl-C before the first step,
 * and a second one at any time, ends the program at once.
 */
export async function runSearch(
  network: TernaryNetwork,
  options: CommonOptions,
  task: TaskOptions,
  engines: EngineMaker,
  screen: SearchScreen,
): Promise<Searched> {
  const { fitness, family, rounds, order, budget, rule, neighbours, neighbourhoods, seed } = options;
  const checkpoint = new CheckpointOnDisk(checkpointPath(options));
  // Bad paths are refused before signals are handled, which keeps a program alive.
  const resume = options.resume ? checkpoint.read() : undefined;
  const log = options.log === undefined ? null : new StepLog(options.log, resume !== undefined);
  const clock = new StepClock();
  const signal = interruptSignal(
    "stopping after this step; Ctrl-C again ends at once",
    () =>
      checkpoint.isWritten ? `stopped; ${goesOnFrom(checkpoint.path)}` : "stopped before the first step",
    () => !clock.isRunning,
  );
  let isCut = false;
  screen.start();
  try {
    const result = await search(network, {
      ...{ fitness, family, rounds, order, budget, rule, neighbours, neighbourhoods, seed },
      ...task,
      layers: layerNames(options),
      engines,
      resume,
      shouldStop: () => {
        clock.start();
        isCut = signal.aborted || clock.seconds >= (options.seconds ?? Number.POSITIVE_INFINITY);
        // Now, because a second Ctrl-C may end the program while the found network is measured.
        if (isCut) checkpoint.flush();
        return isCut;
      },
      onCheckpoint: (make) => checkpoint.offer(make),
      onProgress: async (progress) => {
        clock.lap();
        log?.write(progress, clock.lapped);
        screen.step(progress, clock.lapped);
        await breathe();
      },
    });
    return { ...result, seconds: clock.lapped, isWhole: !isCut };
  } finally {
    screen.stop();
  }
}

/** Seconds since the first step began; the scores before and after the steps are not counted. */
class StepClock {
  #start: number | undefined;
  /** Seconds when the latest step had ended. */
  lapped = 0;

  get isRunning(): boolean {
    return this.#start !== undefined;
  }

  /** Starts the clock, unless it runs. */
  start(): void {
    this.#start ??= performance.now();
  }

  get seconds(): number {
    return this.#start === undefined ? 0 : (performance.now() - this.#start) / 1000;
  }

  lap(): void {
    this.lapped = this.seconds;
  }
}

/** The checkpoint on disk, which is written now and then. */
class CheckpointOnDisk {
  readonly path: string;
  #latest: (() => Uint8Array) | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;
  /** True once this search has written a checkpoint to `path`. */
  isWritten = false;

  constructor(path: string) {
    this.path = path;
  }

  /** The bytes to resume from; undefined if there are none yet. @throws {@link CorruptFile} on another file */
  read(): Uint8Array | undefined {
    const bytes = readCheckpointFile("search", this.path) ?? undefined;
    this.isWritten = bytes !== undefined;
    return bytes;
  }

  offer(make: () => Uint8Array): void {
    this.#latest = make;
    if (performance.now() - this.#writtenAt >= CHECKPOINT_EVERY) this.flush();
  }

  /** Writes the latest checkpoint, unless it is on disk. */
  flush(): void {
    if (!this.#latest) return;
    writeFileAtomic(this.path, this.#latest());
    this.#latest = undefined;
    this.#writtenAt = performance.now();
    this.isWritten = true;
  }
}
