/**
 * Races on driving reward: candidates against the network they would replace, paired by track because tracks differ more
 * than networks do. First comes sequential halving (Karnin et al. 2013) on the tracks that the network itself drives worst,
 * where there is most to gain; then the last candidate must win significantly on tracks that had no say in proposing it.
 */
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { mean, pairedGain } from "../../data/statistics.ts";
import type { EpisodeSource } from "./episodes.ts";

/** Tracks of the first heat; every further heat has half the candidates. */
const HEAT = 8;
/** Tracks that each look at the final adds. */
const LOOK = 20;
/** Looks at the final at most. */
const LOOKS = 4;
/** Tracks on which networks are first compared by their means. */
export const FIRST_LOOK = 20;
/**
 * One in twenty of the candidates that are no better reaches a paired t of this at any of four looks (Pocock 1977,
 * one-sided). A final whose gain is below zero at the second look or later is over.
 */
const SIGNIFICANT = 2.07;

/** Driving rewards of one network by track; each track is driven once. */
export class Laps {
  /** The network that drives. */
  readonly network: TernaryNetwork;
  readonly #episodes: EpisodeSource;
  readonly #rewards = new Map<number, number>();

  constructor(network: TernaryNetwork, episodes: EpisodeSource) {
    this.network = network;
    this.#episodes = episodes;
  }

  /** Rewards on tracks, in their order. */
  async rewards(seeds: readonly number[]): Promise<number[]> {
    const missing = seeds.filter((seed) => !this.#rewards.has(seed));
    if (missing.length > 0) {
      const [driven] = await this.#episodes.rewards([this.network], missing);
      missing.forEach((seed, i) => {
        this.#rewards.set(seed, driven[i]);
      });
    }
    return seeds.map((seed) => this.#rewards.get(seed)!);
  }

  /** The tracks, the worst driven first. */
  async worstFirst(seeds: readonly number[]): Promise<number[]> {
    const rewards = await this.rewards(seeds);
    return [...seeds.keys()].sort((a, b) => rewards[a] - rewards[b] || a - b).map((i) => seeds[i]);
  }
}

/** The outcome of a race. */
export interface RaceResult {
  /** The candidate that won; null for none. */
  winner: Laps | null;
  /** Mean gain in reward over the base on the tracks of the final; 0 without a final. */
  gain: number;
  /** Standard error of the gain; infinite on a single track, 0 without a final. */
  error: number;
  /** Tracks of the final that were driven. */
  tracks: number;
}

/**
 * Races candidates against a network.
 * @param base the network that stands
 * @param heats tracks of the halving
 * @param finals tracks of the final: no candidate may have been made or compared on them
 */
export async function race(
  base: Laps,
  candidates: readonly Laps[],
  heats: readonly number[],
  finals: readonly number[],
): Promise<RaceResult> {
  // Without a candidate the base need not drive.
  const best = candidates.length > 0 && (await halve(base, candidates, await base.worstFirst(heats)));
  if (!best) return { winner: null, gain: 0, error: 0, tracks: 0 };
  for (let look = 1; ; look++) {
    const seeds = finals.slice(0, look * LOOK);
    const { mean: gain, error } = pairedGain(await best.rewards(seeds), await base.rewards(seeds));
    const won = gain > 0 && gain >= SIGNIFICANT * error;
    const over = look === LOOKS || seeds.length >= finals.length || (look > 1 && gain <= 0);
    if (won || over) return { winner: won ? best : null, gain, error, tracks: seeds.length };
  }
}

/**
 * The network with the highest mean by successive halving: all drive the first tracks, the better half twice as many,
 * and so on; the winner has driven them all. The first of equal ones wins.
 */
export async function bestOf(candidates: readonly Laps[], tracks: readonly number[]): Promise<Laps> {
  let left = [...candidates];
  for (let count = Math.min(FIRST_LOOK, tracks.length); ; count = Math.min(2 * count, tracks.length)) {
    const means = new Map<Laps, number>();
    for (const candidate of left) {
      const rewards = await candidate.rewards(tracks.slice(0, count));
      means.set(candidate, mean(rewards));
    }
    left.sort((a, b) => means.get(b)! - means.get(a)!);
    if (count === tracks.length) return left[0];
    left = left.slice(0, Math.max(2, Math.ceil(left.length / 2)));
  }
}

/** The candidate that gains most on the worst tracks; null where none gains anything. */
async function halve(
  base: Laps,
  candidates: readonly Laps[],
  tracks: readonly number[],
): Promise<Laps | null> {
  let left = [...candidates];
  for (let count = HEAT; left.length > 0; count = Math.min(2 * count, tracks.length)) {
    const seeds = tracks.slice(0, count);
    const own = await base.rewards(seeds);
    const gains = new Map<Laps, number>();
    for (const candidate of left) gains.set(candidate, pairedGain(await candidate.rewards(seeds), own).mean);
    left = left.filter((candidate) => gains.get(candidate)! > 0);
    left.sort((a, b) => gains.get(b)! - gains.get(a)!);
    if (left.length <= 1 || count === tracks.length) break;
    left = left.slice(0, Math.ceil(left.length / 2));
  }
  return left[0] ?? null;
}
