/**
 * Tracks by purpose. A seed makes a track, and every track has at most one purpose: networks learn from it, or networks
 * are chosen on it, or scores are reported on it. All commands take their tracks from this file, so that no score is
 * reported on a track that had a say in the network.
 *
 * Every purpose has a range of its own, some have one for each of the first rounds. Tracks that do not fit into it lie
 * in the far region: purpose number p has the 10^12 seeds from (p + 1) * 10^12 up, and round r of it has the 10^6 seeds
 * from (p + 1) * 10^12 + r * 10^6 up. Far seeds of two purposes or of two rounds are therefore never equal, for any
 * number of rounds and tracks that `tracks` allows.
 */
import { InvalidOption } from "../../env/errors.ts";
import { seedRange } from "./seeds.ts";

/** Use of a track: networks learn from it, are chosen on it, or are only measured on it. */
export type TrackUse = "learn" | "choose" | "report";

/** The range of a purpose below the far region. */
interface Range {
  use: TrackUse;
  /** The purpose in words, for messages. */
  about: string;
  /** First seed of round 0, whether or not that round lies in the range. */
  first: number;
  /** Seeds from the first one of a round to the first one of the next. Default: 0, for purposes without rounds. */
  step?: number;
  /** First and last round that the range has room for. Default: round 0 alone. */
  rounds?: readonly [number, number];
  /** Tracks of each round that lie in the range. */
  size: number;
}

const RANGES = {
  /** The teacher, or whoever demonstrates. */
  demonstrations: { use: "learn", about: "demonstrations are driven on it", first: 0, size: 1000 },
  /** Drives of a network in a round of training or search, which the teacher labels. */
  rounds: {
    ...{ use: "learn", about: "networks drive it to learn from it" },
    ...{ first: 0, step: 1000, rounds: [1, 12], size: 1000 },
  },
  /**
   * The constants of the expert and the teacher were found on tracks 11000 to 13059. Those below 13000 belong to rounds
   * 11 and 12 as well, where networks learn from the teacher in any case.
   */
  tuning: { use: "choose", about: "the expert was tuned on it", first: 13_000, size: 100 },
  /** Heats of the race after a round of search. */
  heats: {
    ...{ use: "choose", about: "networks race on it" },
    ...{ first: 13_000, step: 100, rounds: [1, 9], size: 100 },
  },
  /** Driving reward that a search without rounds climbs. */
  climbedReward: { use: "choose", about: "networks race on it", first: 14_000, size: 1000 },
  /** The final of the race after a round of search. */
  finals: {
    ...{ use: "choose", about: "networks race on it" },
    ...{ first: 15_000, step: 100, rounds: [0, 9], size: 100 },
  },
  /** Frames on which no round of search may lower action accuracy. Training reports on them as its validation. */
  guards: { use: "choose", about: "networks are chosen on its frames", first: 16_000, size: 1000 },
  /** Frames on which action accuracy is only reported. */
  testFrames: { use: "report", about: "test frames are driven on it", first: 18_000, size: 1000 },
  /** Driving reward by which the best of several networks is chosen. */
  validation: { use: "choose", about: "networks are chosen on it", first: 19_000, size: 1000 },
  /** Driving reward of the published scores. */
  tests: { use: "report", about: "it is kept for tests", first: 20_000, size: 100 },
  /** Frames of the paper's figures and of the quickstart's last evaluation. */
  unseenFrames: { use: "report", about: "test frames are driven on it", first: 21_000, size: 1000 },
} satisfies Record<string, Range>;

/** A purpose that tracks serve. */
export type TrackPurpose = keyof typeof RANGES;

/** All purposes. */
export const TRACK_PURPOSES = Object.keys(RANGES) as TrackPurpose[];

/** Far seeds of one purpose, and of one round of it. */
const FAR = 1e12;
const FAR_ROUND = 1e6;
/** Tracks of one round, and rounds, at most: both fit into the far region. */
const MOST = 1e6;

/** The tracks of the published scores, as `parseSeeds` reads them. */
export const TEST_SEEDS = "20000-20099";
/** The tracks on which training chooses the best of its rounds, as `parseSeeds` reads them. */
export const VALIDATION_SEEDS = "19000-19039";
/** Tracks from here up to 10^12 have no purpose: anyone may evaluate on them. */
const FREE_FROM = 22_000;

/**
 * The first tracks of a purpose; more of them begin with the same ones.
 * @param count how many, 0 to 10^6
 * @param round for purposes that have rounds: a whole number from 0 up to, but not including, 10^6. Default: 0.
 * @throws {@link InvalidOption} on more tracks or rounds than that
 */
export function tracks(purpose: TrackPurpose, count: number, round = 0): number[] {
  if (!(Number.isInteger(count) && count >= 0 && count <= MOST))
    throw new InvalidOption(`tracks of a round: expected a whole number from 0 to ${MOST}, got ${count}`);
  if (!(Number.isInteger(round) && round >= 0 && round < MOST))
    throw new InvalidOption(`round: expected a whole number from 0 to ${MOST - 1}, got ${round}`);
  const { first, step = 0, rounds = [0, 0], size }: Range = RANGES[purpose];
  const near = round >= rounds[0] && round <= rounds[1] ? Math.min(count, size) : 0;
  const far = (TRACK_PURPOSES.indexOf(purpose) + 1) * FAR + round * FAR_ROUND;
  return [...seedRange(first + round * step, near), ...seedRange(far, count - near)];
}

/** The purpose that a track serves, with its use; null for a track that anyone may use. */
export function purposeOf(seed: number): { purpose: TrackPurpose; use: TrackUse; about: string } | null {
  const purpose = seed < FAR ? TRACK_PURPOSES.find((name) => isNear(name, seed)) : farPurpose(seed);
  return purpose ? { purpose, use: RANGES[purpose].use, about: RANGES[purpose].about } : null;
}

function isNear(purpose: TrackPurpose, seed: number): boolean {
  const { first, step = 0, rounds = [0, 0], size }: Range = RANGES[purpose];
  const round = step === 0 ? 0 : Math.floor((seed - first) / step);
  const place = seed - first - round * step;
  return round >= rounds[0] && round <= rounds[1] && place >= 0 && place < size;
}

function farPurpose(seed: number): TrackPurpose | undefined {
  return TRACK_PURPOSES[Math.floor(seed / FAR) - 1];
}

/**
 * Checks tracks that a score is to be reported on.
 * @param name of the option, for the message
 * @param chosen validation tracks that this network is chosen on; other validation tracks may be reported on
 * @throws {@link InvalidOption} if anything is learnt from or chosen on one of them
 */
export function checkReported(name: string, seeds: readonly number[], chosen: readonly number[]): void {
  const chosenOn = new Set(chosen);
  for (const seed of seeds) {
    const { purpose, use, about } = purposeOf(seed) ?? {};
    const had = chosenOn.has(seed) ? RANGES.validation.about : about;
    if (chosenOn.has(seed) || (use !== undefined && use !== "report" && purpose !== "validation"))
      throw new InvalidOption(
        `${name}: expected tracks that nothing is learnt from or chosen on, ${TEST_SEEDS} or from ${FREE_FROM} up, got ${seed} (${had})`,
      );
  }
}

/**
 * Checks tracks that a network is to be chosen on.
 * @param name of the option, for the message
 * @throws {@link InvalidOption} if one of them serves anything but validation
 */
export function checkChosen(name: string, seeds: readonly number[]): void {
  for (const seed of seeds) {
    const found = purposeOf(seed);
    if (found && found.purpose !== "validation")
      throw new InvalidOption(
        `${name}: expected tracks of no other purpose, 19000-19999 or from ${FREE_FROM} up, got ${seed} (${found.about})`,
      );
  }
}

/**
 * Checks a track that somebody recorded and that networks are to learn from.
 * @param name of the recording, for the message
 * @param kept tracks that this network is chosen or reported on
 * @throws {@link InvalidOption} if networks are chosen or reported on the track
 */
export function checkLearnt(name: string, seed: number, kept: readonly number[] = []): void {
  const { use, about } = purposeOf(seed) ?? {};
  const isKept = kept.includes(seed);
  if (!isKept && use !== "choose" && use !== "report") return;
  const why = use === "choose" || use === "report" ? about : "this command chooses or reports on it";
  throw new InvalidOption(
    `${name}: expected a track to learn from, 0-12999 or from ${FREE_FROM} up, got ${seed} (${why}); leave the recording out`,
  );
}
