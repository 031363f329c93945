/**
 * The plan of a search in rounds: its tracks, batches and sweeps, with the figures that worked, in one place. Round 0
 * searches on demonstrations alone; in every later round the network drives first.
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

/**
 * The same tracks, but fewer of them.
 * @param most tracks for each purpose at most. Default: no limit
 * @param episodes tracks on which the network drives in a round, at most. Default: `most`
 */
export function fewerTracks(most = Number.POSITIVE_INFINITY, episodes = most): typeof TRACKS {
  const few = (seeds: readonly number[]) => seeds.slice(0, most);
  return {
    demonstrations: few(TRACKS.demonstrations),
    round: (round) => TRACKS.round(round).slice(0, episodes),
    heats: (round) => few(TRACKS.heats(round)),
    finals: (round) => few(TRACKS.finals(round)),
    accuracy: few(TRACKS.accuracy),
    accuracyTest: few(TRACKS.accuracyTest),
    validation: few(TRACKS.validation),
  };
}

/** Frames kept of one round, so that memory grows by 100 MB a round at most. */
export const FRAMES_KEPT = 5000;

/** One sweep over one layer. */
export interface SweepPlan {
  /** Name of the layer. */
  layer: string;
  /** Single changes that are scored, at most. */
  singles: MostSingles;
  /** Pairs that are judged; the last group may take them beyond. */
  pairs: number;
}

/** Sweeps on one batch of frames. */
export interface CyclePlan {
  /** Frames of the batch. */
  frames: number;
  /** Weights of the squared errors of steer, gas and brake, whole numbers from 0 up. */
  outputWeights: [steer: number, gas: number, brake: number];
  /** Sweeps in their order. */
  sweeps: SweepPlan[];
}

/**
 * Weights of squared errors of steering, by round; the last holds for all that follow. Beside gas, errors of steering count
 * four times as much at first and then less, because a network that holds the road loses by its speed.
 */
const STEER_WEIGHTS = [8, 8, 6, 4];
/** Weight of squared errors of gas. */
const GAS_WEIGHT = 2;
/** Weight of squared errors of brake, which is seldom used and costs most when it is wrong. */
const BRAKE_WEIGHT = 10;

const fc2: SweepPlan = { layer: "fc2", singles: { removals: 300, additions: 300 }, pairs: 1000 };

/** Sweep sizes per layer for quick cycles. */
const quickSweeps: Record<string, SweepPlan> = {
  "2.0": { layer: "2.0", singles: { removals: 4000, additions: 4000 }, pairs: 1500 },
  fc1: { layer: "fc1", singles: { removals: 5000, additions: 8000 }, pairs: 6000 },
  fc2,
};

/** Sweep sizes per layer for thorough cycles: all removals of 2.0 and fc1, an eighth and a third of their additions. */
const thoroughSweeps: Record<string, SweepPlan> = {
  "1.0": { layer: "1.0", singles: { removals: 150, additions: 150 }, pairs: 150 },
  "2.0": { layer: "2.0", singles: { removals: 6000, additions: 6000 }, pairs: 2500 },
  fc1: { layer: "fc1", singles: { removals: 6000, additions: 20_000 }, pairs: 10_000 },
  fc2,
};

/** Cycles of round 0 for a random network. */
export const WARM_UP = 8;
/** Cycles of every other round. */
const CYCLES = 3;

/**
 * The cycles of a round.
 * @param round its number; 0 is the search on demonstrations alone
 * @param warmUp cycles of round 0; the first half of them is quick, with small batches and the layers near the output
 * @param layers names of the layers that may be searched
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
    // A swap of 1.0 costs as much as forty of 2.0, so 1.0 is searched every second time.
    const thorough = cycle % 2 === 1 ? ["1.0", "2.0", "fc1", "fc2"] : ["2.0", "fc1", "fc2"];
    const sweeps = quick
      ? ours(["fc2", "fc1", "2.0", "fc1", "fc2"]).map((name) => quickSweeps[name])
      : ours(thorough).map((name) => thoroughSweeps[name]);
    return { frames: quick ? 3000 : 6000, outputWeights, sweeps };
  });
}
