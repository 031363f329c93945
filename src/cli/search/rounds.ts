/** `tritrack search` of a network that drives, in rounds: it drives, the teacher labels, swaps are searched (src/search/drive). */

import { readFileSync } from "node:fs";
import { InvalidOption } from "../../../env/errors.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { CarExamples } from "../../data/examples.ts";

import type { Helpers } from "../../search/helpers.ts";
import type { Drives } from "../../search/rounds/drives.ts";
import type { DriveEvent, DriveFitness } from "../../search/rounds/options.ts";
import { framesByRecording } from "../common/car-frames.ts";
import { breathe, exitOnInterrupt } from "../common/interrupt.ts";
import { percent } from "../common/output.ts";
import { startProgress } from "../common/progress.ts";
import { StepLog } from "./log.ts";
import { checkpointPath, goesOnFrom } from "./run.ts";
import { type CarOptions, layerNames, type Searched } from "./task.ts";

/** Drives given out at once where nobody knows how many machines there are. */
const AT_ONCE = 32;

/**
 * Whether this search goes in rounds of driving; with a rule of its own it is the generic one, on fixed frames and
 * tracks, which knows no "imitation".
 */
export function goesInRounds({ fitness, rule }: Pick<CarOptions, "fitness" | "rule">): boolean {
  const inRounds = ["imitation", "reward", "both"].includes(fitness);
  if (rule !== undefined && (fitness as string) === "imitation")
    throw new InvalidOption("--fitness imitation goes in rounds and takes no --rule");
  return inRounds && rule === undefined;
}

export async function searchDriver(
  network: TernaryNetwork,
  options: CarOptions,
  { engines, pool }: Helpers,
): Promise<Searched> {
  const [{ driveSearch }, { fewerTracks, WARM_UP }, { pooledDrives }, { writeFileAtomic }] =
    await Promise.all([
      import("../../search/rounds/rounds.ts"),
      import("../../search/rounds/plan.ts"),
      import("../../search/rounds/pooled-drives.ts"),
      import("../../../recordings/files/atomic.ts"),
    ]);
  const { family, seed, rounds, episodes, demos, log, seconds: limit } = options;
  const checkpoint = checkpointPath(options);
  let isSaved = options.resume ?? false;
  // At once: every step that was made lies on disk.
  exitOnInterrupt(() => (isSaved ? `stopped; ${goesOnFrom(checkpoint)}` : "stopped before the first step"));
  const progress = startProgress(`search ${options.fitness}`, 100, "%");
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  // The time limit is for the steps: what comes before them and after them is not counted.
  let firstStep = Number.POSITIVE_INFINITY;
  let isCut = false;
  const lines = log === undefined ? null : new StepLog(log, options.resume);
  let done = 0;
  let before = 0;
  let best = Number.NaN;
  const show = (what: string) =>
    progress.update(
      Math.floor(100 * done),
      `${Number.isNaN(best) ? "" : `reward ${best.toFixed(1)}, `}${what}`,
    );
  try {
    const found = await driveSearch(network, {
      fitness: options.fitness as DriveFitness,
      rounds,
      warmUp: options.init === "random" ? WARM_UP : 0,
      layers: layerNames(options),
      family,
      seed,
      demonstrations: demos === undefined ? undefined : await recorded(demos),
      tracks: fewerTracks(options.tracks, episodes),
      drives: shown(pooledDrives(pool), show, options.redis === undefined ? options.workers : AT_ONCE),
      engines,
      resume: options.resume ? readFileSync(checkpoint) : undefined,
      shouldStop: () => {
        firstStep = Math.min(firstStep, elapsed());
        isCut = limit !== undefined && elapsed() - firstStep >= limit;
        return isCut;
      },
      // Seconds of search lie between two: each is worth the disk.
      onCheckpoint: (make) => {
        writeFileAtomic(checkpoint, make());
        isSaved = true;
      },
      onProgress: async (now) => {
        const { event, events, neighbours, accepted } = now;
        lines?.append(events, { ...event, totals: { neighbours, accepted } }, elapsed());
        done = now.done;
        const rate = event.kind === "sweep" ? event.neighbours / (elapsed() - before) : 0;
        before = elapsed();
        if (event.kind === "start") best = event.reward;
        if (event.kind === "round") {
          if (event.reward !== undefined) best = event.reward;
          else if (event.race?.won) best += event.race.gain;
          process.stderr.write(`${roundLine(event)}\n`);
        }
        const speed = rate > 0 ? `, ${Number(rate.toPrecision(3))} a second` : "";
        show(`${eventNote(event)}; ${neighbours} neighbours${speed}, ${accepted} accepted`);
        await breathe();
      },
    });
    return { ...found, seconds: elapsed(), isWhole: !isCut };
  } finally {
    progress.stop();
  }
}

async function recorded(folder: string): Promise<CarExamples[]> {
  const sets: CarExamples[] = [];
  for await (const set of framesByRecording(folder)) sets.push(set);
  return sets;
}

/** The same drives, seed by seed, so that progress moves and Ctrl-C is seen. */
function shown(drives: Drives, show: (what: string) => void, together: number): Drives {
  const inParts = async <Result>(
    what: string,
    seeds: readonly number[],
    drive: (seeds: readonly number[]) => Promise<Result[]>,
  ) => {
    const results: Result[] = [];
    for (let i = 0; i < seeds.length; i += together) {
      show(`${what} ${i + 1} of ${seeds.length}`);
      results.push(...(await drive(seeds.slice(i, i + together))));
      await breathe();
    }
    return results;
  };
  return {
    rewards: (networks, seeds) =>
      Promise.all(
        networks.map((network) =>
          inParts("drive", seeds, async (part) => (await drives.rewards([network], part))[0]),
        ),
      ),
    frames: (driver, seeds) =>
      inParts(driver ? "frames of drive" : "demonstration", seeds, (part) => drives.frames(driver, part)),
  };
}

function eventNote(event: DriveEvent): string {
  if (event.kind === "start") return `action accuracy ${percent(event.accuracy)}`;
  if (event.kind === "frames") return `round ${event.round}: ${event.frames} frames`;
  if (event.kind === "sweep") return `round ${event.round}, ${event.layer}: loss ${event.loss.toFixed(4)}`;
  return `round ${event.round} done`;
}

/** How a round ended, in a line. */
export function roundLine({ round, accuracy, reward, race }: DriveEvent & { kind: "round" }): string {
  const outcome = race ? raceNote(race) : `reward ${reward!.toFixed(1)}`;
  return `round ${round}: ${outcome}; action accuracy ${percent(accuracy)}`;
}

function raceNote({
  candidates,
  gain,
  error,
  tracks,
  won,
}: NonNullable<(DriveEvent & { kind: "round" })["race"]>): string {
  if (candidates === 0) return "all that was found agrees less with the teacher, not kept";
  if (tracks === 0) return "found nothing better on the tracks that go worst, not kept";
  if (tracks === 1) return `gain ${gain.toFixed(1)} on a single track, which shows nothing: not kept`;
  return `gain ${gain.toFixed(1)} ± ${error.toFixed(1)} on ${tracks} tracks, ${won ? "kept" : "not kept"}`;
}
