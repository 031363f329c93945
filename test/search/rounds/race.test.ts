import { expect, test } from "vitest";
import { Random } from "../../../env/random.ts";
import { carArchitecture, type TernaryNetwork } from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { pairedGain } from "../../../src/data/statistics.ts";
import { bestOf, Laps, race } from "../../../src/search/rounds/race.ts";
import { standInEpisodes } from "./stand-in.ts";

const heats = Array.from({ length: 32 }, (_, i) => i);
const finals = Array.from({ length: 80 }, (_, i) => 1000 + i);
const named = (name: string): TernaryNetwork => ({
  ...randomNetwork(carArchitecture, 99, 0),
  metadata: { name },
});
/** Some tracks are hard for all; `gain` by name, and noise of its own a network and track. */
const drives = (gains: Record<string, number>, noise: number) =>
  standInEpisodes(({ metadata: { name } }, seed) => {
    const track = new Random(seed).random();
    const own = new Random(seed * 31 + name.length * 7919).random();
    return 900 - (track > 0.9 ? 300 : 0) + 40 * track + gains[name] + noise * (own - 0.5);
  });

test("the best of several candidates wins when its gain is significant", async () => {
  const driving = drives({ base: 0, good: 4, better: 9, worse: -5 }, 10);
  const laps = (name: string) => new Laps(named(name), driving);
  const base = laps("base");
  const { winner, gain, tracks, error } = await race(
    base,
    ["worse", "good", "better"].map(laps),
    heats,
    finals,
  );
  expect(winner?.network.metadata.name).toBe("better");
  expect(gain).toBeGreaterThan(5);
  expect(gain).toBeGreaterThan(2 * error);
  expect(tracks).toBe(20);
});

test("heats begin on the tracks that the base drives worst, and drop candidates that lose there at once", async () => {
  const driving = drives({ base: 0, worse: -5 }, 0);
  const base = new Laps(named("base"), driving);
  await base.rewards(heats);
  driving.driven.length = 0;
  expect((await race(base, [new Laps(named("worse"), driving)], heats, finals)).winner).toBeNull();
  const rewards = await base.rewards(heats);
  const worst = [...heats].sort((a, b) => rewards[a] - rewards[b] || a - b).slice(0, 8);
  expect(driving.driven).toEqual(worst);
});

test("candidates that are no better seldom win", async () => {
  let wins = 0;
  for (let trial = 0; trial < 60; trial++) {
    const driving = standInEpisodes(
      ({ metadata: { name } }, seed) =>
        100 * new Random(seed + 100_000 * trial + (name === "base" ? 0 : 50_000)).random(),
    );
    const result = await race(
      new Laps(named("base"), driving),
      [new Laps(named("same"), driving)],
      heats,
      finals,
    );
    if (result.winner) wins++;
  }
  // One in twenty at most, of those that win the heat.
  expect(wins).toBeLessThanOrEqual(7);
});

test("the best of many by mean is found without driving all of them on all tracks", async () => {
  const gains = { base: 0, good: 4, better: 9, worse: -20, worst: -30 };
  const driving = drives(gains, 10);
  const laps = Object.keys(gains).map((name) => new Laps(named(name), driving));
  const best = await bestOf(laps, finals);
  expect(best.network.metadata.name).toBe("better");
  // 5 networks on 20 tracks, 3 on 40, 2 on 80.
  expect(driving.driven.length).toBe(5 * 20 + 3 * 20 + 2 * 40);
  expect(driving.driven.filter((seed) => seed === finals[79]).length).toBe(2);
});

test("pairedGain is mean and standard error of the differences", () => {
  expect(pairedGain([3, 5, 10], [1, 2, 6])).toEqual({ mean: 3, error: Math.sqrt(1 / 3) });
});

test("one track shows nothing: no candidate wins on it", async () => {
  const driving = drives({ base: 0, better: 9 }, 0);
  const [base, better] = ["base", "better"].map((name) => new Laps(named(name), driving));
  const { winner, gain, error, tracks } = await race(base, [better], heats, finals.slice(0, 1));
  expect([winner, gain, error, tracks]).toEqual([null, expect.closeTo(9, 9), Number.POSITIVE_INFINITY, 1]);
  expect((await race(base, [better], heats, finals.slice(0, 2))).winner).toBe(better);
});
