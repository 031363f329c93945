/**
 * What a search for driving does in which round: the figures that worked, in one place. Round 0 searches on
 * demonstrations alone; in every later round the network drives first.
 */
import { tracks } from "../../data/tracks.ts";
import type { MostSingles } from "../rules/pairs.ts";

/** Tracks by purpose, and how many; data/tracks.ts says which. Tests are driven on seeds 20000 to 20099, which are not here. */
export const TRACKS = {
  /** The teacher's demonstrations. */
  demonstrations: tracks("demonstrations", 24),
  /** The network's own drives in round r, from 1 up. */
  round: (round: number) => tracks("rounds", 20, round),
  /** Heats and final of the race after round r. */
  heats: (round: number) => tracks("heats", 32, round),
  finals: (round: number) => tracks("finals", 80, round),
  /** Frames whose action accuracy no new network may lower, and frames that are only reported on. */
  accuracy: tracks("guards", 4),
  accuracyTest: tracks("testFrames", 4),
  /** Driving reward that is reported, and by which rounds are chosen where none is raced. */
  validation: tracks("validation", 80),
};

/** The same tracks, so many at most for any purpose, and for the drives of a round. */
export function fewerTracks(most = Number.POSITIVE_INFINITY, drives = most): typeof TRACKS {
  const few = (seeds: readonly number[]) => seeds.slice(0, most);
  return {
    demonstrations: few(TRACKS.demonstrations),
    round: (round) => TRACKS.round(round).slice(0, drives),
    heats: (round) => few(TRACKS.heats(round)),
    finals: (round) => few(TRACKS.finals(round)),
    accuracy: few(TRACKS.accuracy),
    accuracyTest: few(TRACKS.accuracyTest),
    validation: few(TRACKS.validation),
  };
}

/** Frames kept of the drives of one round, so that memory grows by 100 MB a round at the most. */
export const FRAMES_KEPT = 5000;

export interface SweepPlan {
  layer: string;
  singles: MostSingles;
  pairs: number;
}

export interface CyclePlan {
  /** Frames of the batch. */
  frames: number;
  /** How much squared errors of steer, gas and brake count. */
  outputWeights: [steer: number, gas: number, brake: number];
  sweeps: SweepPlan[];
}

/**
 * Squared errors of steering beside gas and brake, by round: four times as much, then less and less, since a network that
 * holds the road loses by its speed. Brakes are seldom used, and wrong ones cost most.
 */
const STEER_WEIGHTS = [8, 8, 6, 4];
const GAS_WEIGHT = 2;
const BRAKE_WEIGHT = 10;

const fc2: SweepPlan = { layer: "fc2", singles: { removals: 300, additions: 300 }, pairs: 1000 };

/** What a layer is worth in a quick sweep, … */
const quickSweeps: Record<string, SweepPlan> = {
  "2.0": { layer: "2.0", singles: { removals: 4000, additions: 4000 }, pairs: 1500 },
  fc1: { layer: "fc1", singles: { removals: 5000, additions: 8000 }, pairs: 6000 },
  fc2,
};

/** … and in a thorough one: all removals of 2.0 and fc1, of the additions an eighth and a third. */
const thoroughSweeps: Record<string, SweepPlan> = {
  "1.0": { layer: "1.0", singles: { removals: 150, additions: 150 }, pairs: 150 },
  "2.0": { layer: "2.0", singles: { removals: 6000, additions: 6000 }, pairs: 2500 },
  fc1: { layer: "fc1", singles: { removals: 6000, additions: 20_000 }, pairs: 10_000 },
  fc2,
};

/** Cycles of round 0 for a network that knows nothing. */
export const WARM_UP = 8;
/** Cycles of every other round. */
const CYCLES = 3;

/**
 * @param warmUp cycles of round 0; the first half of them is quick: small batches, the layers near the output
 * @param layers that may be searched
 */
export function cyclesOf(round: number, warmUp: number, layers: readonly string[]): CyclePlan[] {
  const steer = STEER_WEIGHTS[Math.min(round, STEER_WEIGHTS.length - 1)];
  const outputWeights: CyclePlan["outputWeights"] = [steer, GAS_WEIGHT, BRAKE_WEIGHT];
  const ours = (names: string[]) => names.filter((name) => layers.includes(name));
  if (round > 0) {
    const sweeps = ours(["2.0", "fc1", "fc2"]).map((name) => thoroughSweeps[name]);
    return Array.from({ length: CYCLES }, () => ({ frames: 9000, outputWeights, sweeps }));
  }
  return Array.from({ length: warmUp }, (_, cycle) => {
    const quick = cycle < warmUp / 2;
    // A swap of 1.0 costs as much as forty of 2.0: it has its turn every second time.
    const thorough = cycle % 2 === 1 ? ["1.0", "2.0", "fc1", "fc2"] : ["2.0", "fc1", "fc2"];
    const sweeps = quick
      ? ours(["fc2", "fc1", "2.0", "fc1", "fc2"]).map((name) => quickSweeps[name])
      : ours(thorough).map((name) => thoroughSweeps[name]);
    return { frames: quick ? 3000 : 6000, outputWeights, sweeps };
  });
}
