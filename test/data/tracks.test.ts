/**
 * Tests that no track serves two purposes in any command or round, and that no score is reported on a track that was
 * learnt from or chosen on.
 */
import { describe, expect, test } from "vitest";
import { InvalidOption } from "../../env/errors.ts";
import { TRACKS as QUICKSTART } from "../../src/cli/quickstart.ts";
import { chooseTracks } from "../../src/data/close-tracks.ts";
import { parseSeeds, seedRange } from "../../src/data/seeds.ts";
import {
  checkChosen,
  checkLearnt,
  checkReported,
  purposeOf,
  TEST_SEEDS,
  TRACK_PURPOSES,
  type TrackPurpose,
  type TrackUse,
  tracks,
  VALIDATION_SEEDS,
} from "../../src/data/tracks.ts";
import { TEST_TRACKS } from "../../src/paper/materials.ts";
import { TRACKS as SEARCH } from "../../src/search/rounds/plan.ts";

const ROUNDS = seedRange(0, 1001);

test("no seed serves twice, for any purpose and rounds 0 to 1000, and each seed's purpose is known", () => {
  const given = new Set<number>();
  const wrong: unknown[] = [];
  for (const purpose of TRACK_PURPOSES)
    for (const round of ROUNDS) {
      // More than any range holds in the early rounds, where ranges lie side by side.
      for (const seed of tracks(purpose, round < 30 ? 1010 : 101, round)) {
        if (given.has(seed) || purposeOf(seed)?.purpose !== purpose) wrong.push({ purpose, round, seed });
        given.add(seed);
      }
    }
  expect(wrong).toEqual([]);
});

/** Tracks of each command by use, one list for each purpose and round. */
const commands: Record<string, Record<TrackUse, number[][]>> = {
  "train car": {
    learn: [tracks("demonstrations", 400), ...ROUNDS.slice(1).map((round) => tracks("rounds", 400, round))],
    choose: [tracks("guards", 4), parseSeeds(VALIDATION_SEEDS)],
    report: [tracks("testFrames", 4), parseSeeds(TEST_SEEDS)],
  },
  "search in rounds": {
    learn: [SEARCH.demonstrations, ...ROUNDS.slice(1).map(SEARCH.round)],
    choose: [SEARCH.accuracy, SEARCH.validation, ...ROUNDS.map(SEARCH.heats), ...ROUNDS.map(SEARCH.finals)],
    report: [SEARCH.accuracyTest, parseSeeds(TEST_SEEDS)],
  },
  "search by a rule": {
    learn: [tracks("rounds", 12, 10)],
    choose: [tracks("climbedReward", 8), tracks("guards", 4)],
    report: [tracks("testFrames", 4), parseSeeds(TEST_SEEDS)],
  },
  quickstart: {
    learn: [QUICKSTART.demonstrations, ...[1, 2].map(QUICKSTART.rounds)],
    choose: [
      QUICKSTART.guard,
      ...ROUNDS.map(QUICKSTART.heats),
      ...ROUNDS.map(QUICKSTART.finals),
      tracks("validation", 16),
    ],
    report: [QUICKSTART.unseen, QUICKSTART.unseenFrames],
  },
  paper: {
    learn: [tracks("demonstrations", 24)],
    choose: [],
    report: [tracks("tests", 20), TEST_TRACKS],
  },
};

test.each(Object.entries(commands))("%s uses each track for one thing", (_, uses) => {
  const seeds = Object.values(uses).flat(2);
  expect(new Set(seeds).size).toBe(seeds.length);
});

test("no command reports on tracks that another learns from or chooses on, or chooses on tracks that another learns from", () => {
  const usedFor = (use: TrackUse) => new Set(Object.values(commands).flatMap((uses) => uses[use].flat()));
  const [learn, choose, report] = (["learn", "choose", "report"] as const).map(usedFor);
  expect([...report].filter((seed) => learn.has(seed) || choose.has(seed))).toEqual([]);
  expect([...choose].filter((seed) => learn.has(seed))).toEqual([]);
  for (const seed of seedRange(11_000, 2060)) expect(choose.has(seed) || report.has(seed)).toBe(false);
});

test("rounds whose tracks never collided with another purpose keep them", () => {
  expect(SEARCH.demonstrations).toEqual(seedRange(0, 24));
  for (const round of [1, 4, 12]) expect(SEARCH.round(round)).toEqual(seedRange(1000 * round, 20));
  for (const round of [1, 9]) expect(SEARCH.heats(round)).toEqual(seedRange(13_000 + 100 * round, 32));
  for (const round of [0, 9]) expect(SEARCH.finals(round)).toEqual(seedRange(15_000 + 100 * round, 80));
  expect(SEARCH.accuracy).toEqual(seedRange(16_000, 4));
  expect(SEARCH.accuracyTest).toEqual(seedRange(18_000, 4));
  expect(SEARCH.validation).toEqual(seedRange(19_000, 80));
  expect([1, 2].map(QUICKSTART.rounds)).toEqual([seedRange(10_000, 16), seedRange(11_000, 16)]);
  expect(tracks("tests", 100)).toEqual(parseSeeds(TEST_SEEDS));
});

test("rounds 16, 18, 19 and 20 of training drive neither validation, test frames nor tests", () => {
  for (const round of [13, 16, 18, 19, 20])
    expect(chooseTracks("rounds", 4, 0, round)).toEqual(seedRange(2e12 + round * 1e6, 4));
});

describe("a track is refused", () => {
  const free = "expected tracks that nothing is learnt from or chosen on, 20000-20099 or from 22000 up";
  test.each<[seed: number, why: string]>([
    [0, "demonstrations are driven on it"],
    [3015, "networks drive it to learn from it"],
    [13_000, "the expert was tuned on it"],
    [13_131, "networks race on it"],
    [14_007, "networks race on it"],
    [15_979, "networks race on it"],
    [16_003, "networks are chosen on its frames"],
    [19_039, "networks are chosen on it"],
    [2e12 + 13e6, "networks drive it to learn from it"],
  ])("%i to report on", (seed, why) => {
    const check = () => checkReported("--seeds", [20_000, seed], parseSeeds(VALIDATION_SEEDS));
    expect(check).toThrow(new InvalidOption(`--seeds: ${free}, got ${seed} (${why})`));
  });

  test.each<[seed: number, why: string]>([
    [5, "demonstrations are driven on it"],
    [13_101, "networks race on it"],
    [18_000, "test frames are driven on it"],
    [20_003, "it is kept for tests"],
  ])("%i to choose on", (seed, why) => {
    expect(() => checkChosen("--validation-seeds", [19_000, seed])).toThrow(
      new InvalidOption(
        `--validation-seeds: expected tracks of no other purpose, 19000-19999 or from 22000 up, got ${seed} (${why})`,
      ),
    );
  });

  test.each<[seed: number, why: string]>([
    [19_002, "networks are chosen on it"],
    [20_003, "it is kept for tests"],
    [30_001, "this command chooses or reports on it"],
  ])("%i to learn from", (seed, why) => {
    expect(() => checkLearnt("mine.episode.json", seed, [30_001])).toThrow(
      new InvalidOption(
        `mine.episode.json: expected a track to learn from, 0-12999 or from 22000 up, got ${seed} (${why}); leave the recording out`,
      ),
    );
  });
});

test("tracks that nothing was learnt from or chosen on are accepted: test tracks, free ones, unused validation tracks", () => {
  checkReported("--seeds", [...parseSeeds("20000-20099,18000,22000,30001,19040-19099"), 1e12 - 1], [19_000]);
  checkChosen("--validation-seeds", parseSeeds("19000-19999,30001"));
  for (const seed of [0, 12_999, 30_001]) checkLearnt("mine.episode.json", seed);
});

test.each<[what: string, purpose: TrackPurpose, count: number, round: number, message: string]>([
  [
    "too many",
    "tests",
    1e6 + 1,
    0,
    "tracks of a round: expected a whole number from 0 to 1000000, got 1000001",
  ],
  ["less than none", "tests", -1, 0, "tracks of a round: expected a whole number from 0 to 1000000, got -1"],
  ["a round too far", "rounds", 1, 1e6, "round: expected a whole number from 0 to 999999, got 1000000"],
  ["half a round", "heats", 1, 0.5, "round: expected a whole number from 0 to 999999, got 0.5"],
])("%s tracks are refused", (_, purpose, count, round, message) => {
  expect(() => tracks(purpose, count, round)).toThrow(new InvalidOption(message));
});
