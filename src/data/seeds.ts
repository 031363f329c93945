/**
 * Lists of seeds: runs of consecutive ones, and how they are written on a command line. Which seeds serve which purpose
 * stands in `tracks.ts`.
 */
import { InvalidOption } from "../../env/errors.ts";

/** `count` consecutive seeds from `first` up. */
export function seedRange(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** The longest list that `parseSeeds` makes: more than anyone evaluates, and short enough for memory. */
const MOST_SEEDS = 1_000_000;

/**
 * Reads seeds and ranges of seeds, both ends included: "20000-20099,5" is 20000 to 20099, then 5.
 * @throws {@link InvalidOption} on anything else, on ranges that run backwards, on seeds from 2^53 up, and on more than
 *   a million seeds
 */
export function parseSeeds(text: string): number[] {
  const seeds: number[] = [];
  for (const part of text.split(",")) {
    const match = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(part);
    if (!match) {
      throw new InvalidOption(`seeds: expected whole numbers and ranges like "20000-20099,5", got "${text}"`);
    }
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) {
      throw new InvalidOption(`seeds: expected numbers below 2^53, got "${part.trim()}"`);
    }
    if (last < first)
      throw new InvalidOption(`seeds: expected a range that runs upwards, got "${part.trim()}"`);
    if (seeds.length + last - first >= MOST_SEEDS) {
      throw new InvalidOption(`seeds: expected at most ${MOST_SEEDS} of them, got "${text}"`);
    }
    for (let seed = first; seed <= last; seed++) seeds.push(seed);
  }
  return seeds;
}
