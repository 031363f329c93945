/** A search with progress, a time limit, and a checkpoint beside the output that Ctrl-C leaves behind. */
import { existsSync } from "node:fs";
import { InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { MAX_NETWORK_BYTES } from "../../../policies/ternary/safetensors.ts";
import { readBoundedFile } from "../../../recordings/files/file-source.ts";
import type { EngineMaker, FitnessName, SearchProgress } from "../../search/index.ts";
import { breathe, interruptSignal } from "../common/interrupt.ts";
import { startProgress } from "../common/progress.ts";
import { StepLog } from "./log.ts";
import { type CommonOptions, layerNames, type Searched, type Sets } from "./task.ts";

/** Between checkpoints on disk, and between looks at a step that goes on. Milliseconds. */
const CHECKPOINT_EVERY = 1000;
const SHOW_EVERY = 1000;

export function checkpointPath({ out }: Pick<CommonOptions, "out">): string {
  return out.replace(/\.safetensors$/, ".checkpoint.safetensors");
}

/** Refuses `--resume` before the work where there is nothing to go on from; says so where there is and nobody asked. */
export function checkResume(options: CommonOptions): void {
  const checkpoint = checkpointPath(options);
  const isThere = existsSync(checkpoint);
  if (options.resume && !isThere) throw new InvalidOption(`there is no checkpoint ${checkpoint}`);
  if (isThere && !options.resume)
    process.stderr.write(`${checkpoint} is there: --resume goes on from it, this search begins anew\n`);
}

export function goesOnFrom(checkpoint: string): string {
  return `the same command with --resume goes on from ${checkpoint}`;
}

export async function runSearch(
  network: TernaryNetwork,
  sets: Sets,
  options: CommonOptions,
  engines: EngineMaker,
): Promise<Searched> {
  const [{ search }, { writeFileAtomic }] = await Promise.all([
    import("../../search/index.ts"),
    import("../../../recordings/files/atomic.ts"),
  ]);
  const { fitness, family, rounds, order, budget, rule, neighbours, neighbourhoods, seed } = options;
  const { seconds: limit } = options;
  const checkpoint = checkpointPath(options);
  // What may fail for a bad path comes before the timer and the handlers of signals, which keep a program alive.
  const resume = options.resume ? readBoundedFile(checkpoint, MAX_NETWORK_BYTES) : undefined;
  const log = options.log === undefined ? null : new StepLog(options.log, options.resume);
  const signal = interruptSignal("stopping after this step; Ctrl-C again ends at once");
  const progress = startProgress(`search ${fitness}`, 100, "%");
  // A step of an early layer takes a minute: what is known is shown meanwhile too.
  let shown: [done: number, note: string] = [0, "first step"];
  const timer = setInterval(() => progress.update(...shown), SHOW_EVERY);
  // Of the search's steps: the scores before and after them are measured apart.
  let start = Number.POSITIVE_INFINITY;
  const elapsed = () => Math.max(0, performance.now() - start) / 1000;
  let latest: (() => Uint8Array) | null = null;
  let written = Number.NEGATIVE_INFINITY;
  let counted = 0;
  let seconds = 0;
  const result = await search(network, {
    ...sets,
    fitness,
    family,
    rounds,
    order,
    budget,
    rule,
    neighbours,
    neighbourhoods,
    seed,
    layers: layerNames(options),
    engines,
    resume,
    shouldStop: () => {
      start = Math.min(start, performance.now());
      return signal.aborted || (limit !== undefined && elapsed() >= limit);
    },
    onCheckpoint: (make) => {
      latest = make;
      if (performance.now() - written < CHECKPOINT_EVERY) return;
      writeFileAtomic(checkpoint, make());
      written = performance.now();
    },
    onProgress: async (now) => {
      seconds = elapsed();
      log?.write(now, seconds);
      counted += now.step.neighbours;
      const share = Math.max(
        now.done,
        elapsed() / (limit ?? Infinity),
        now.neighbours / (budget ?? Infinity),
      );
      shown = [Math.min(100, Math.floor(100 * share)), note(now, counted / elapsed(), fitness)];
      progress.update(...shown);
      await breathe();
    },
  }).finally(() => {
    clearInterval(timer);
    progress.stop();
  });
  if (signal.aborted && latest) writeFileAtomic(checkpoint, (latest as () => Uint8Array)());
  return { ...result, seconds, isWhole: !signal.aborted };
}

/** The layer at hand, what the search has reached, and how fast. */
function note(
  { step, neighbours, accepted }: SearchProgress,
  perSecond: number,
  fitness: FitnessName,
): string {
  const best = `${fitness === "loss" ? "loss" : "best"} ${(step.reward ?? step.measure).toFixed(4)}`;
  const rate = Number(perSecond.toPrecision(3));
  return `${step.layerName}: ${best}, ${neighbours} neighbours, ${rate} a second, ${accepted} accepted`;
}
