/** A race without a browser: the gap between two cars, the best laps, and opponents that drive as they do elsewhere. */
import { expect, test } from "vitest";
import { TeacherPolicy } from "../../policies/expert/teacher.ts";
import { carArchitecture } from "../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../policies/ternary/policy.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { writeNetwork } from "../../policies/ternary/safetensors.ts";
import { evaluate } from "../../src/episodes/evaluate.ts";
import { NetworkLibrary } from "../../src/web/page/networks/library.ts";
import { driveExpert } from "../../src/web/page/race/experts.ts";
import { gap, Progress } from "../../src/web/page/race/gap.ts";
import { LapBook } from "../../src/web/page/race/lap-book.ts";
import {
  expertOpponent,
  ghostOpponent,
  networkOpponent,
  type Opponent,
} from "../../src/web/page/race/opponents.ts";
import { WORLDS } from "../../src/web/page/run/worlds.ts";
import { type Lap, parseLaps, ranking, withLap, withLaps } from "../../src/web/shared/laps.ts";

/** A car that has `tiles[i]` tiles after step i. */
function progress(tiles: readonly number[]): Progress {
  const made = new Progress();
  for (const [steps, tileVisitedCount] of tiles.entries()) made.note({ steps, car: { tileVisitedCount } });
  return made;
}

test("the gap is the time since the car behind's next tile was the other's", () => {
  const fast = progress([1, 1, 2, 3, 4, 4, 5]);
  const slow = progress([1, 1, 1, 2, 2, 2, 3]);
  // Slow came to its third tile at step 6, fast at 3: since then fast has had two more.
  expect(gap(slow, fast, 6)).toBe(6 - 4);
  expect(gap(fast, slow, 6)).toBe(-(6 - 4));
  expect(gap(progress([1, 2, 2, 2]), progress([1, 1, 1, 2]), 3)).toBe(1 - 3);
  expect(gap(progress([1]), progress([1]), 0)).toBe(0);
});

const lap = (changes: Partial<Lap>): Lap => ({
  seed: "3",
  driver: "you",
  steps: 900,
  reward: 910,
  scored: false,
  when: "2026-11-23",
  ...changes,
});

test("laps of a track are ranked by reward, then time; a lap that is always the same is kept once", () => {
  const laps = withLaps(
    [],
    [
      lap({ steps: 700, reward: 900 }),
      lap({ seed: "4", reward: 999 }),
      lap({ steps: 650, reward: 930 }),
      lap({ steps: 600, reward: 930 }),
      lap({ steps: 620, reward: 940, driver: "car-90" }),
      lap({ steps: 620, reward: 940, driver: "car-90", when: "2026-11-24" }),
    ],
  );
  expect(ranking(laps, "3", false).map(({ reward, steps, driver }) => [reward, steps, driver])).toEqual([
    [940, 620, "car-90"],
    [930, 600, "you"],
    [930, 650, "you"],
    [900, 700, "you"],
  ]);
});

test("laps by different rules are ranked apart", () => {
  const laps = withLaps([], [lap({ reward: 930 }), lap({ reward: 910, scored: true })]);
  expect(ranking(laps, "3", false).map(({ reward }) => reward)).toEqual([930]);
  expect(ranking(laps, "3", true).map(({ reward }) => reward)).toEqual([910]);
});

test("the twenty best laps of a track are kept, and other tracks keep theirs", () => {
  let laps = [lap({ seed: "9" })];
  for (let steps = 1; steps <= 30; steps++) laps = withLap(laps, lap({ steps }));
  expect(ranking(laps, "3", false).map(({ steps }) => steps)).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  expect(ranking(laps, "9", false)).toHaveLength(1);
});

test("laps that this browser remembers are read back, and invalid ones are left out", () => {
  const laps = [lap({}), lap({ seed: "4" })];
  expect(parseLaps(JSON.stringify(laps))).toEqual(laps);
  expect(parseLaps(null)).toEqual([]);
  expect(parseLaps("not JSON")).toEqual([]);
  expect(parseLaps(JSON.stringify([laps[0], null, 3, { seed: "3" }]))).toEqual([laps[0]]);
  const strange = [
    { seed: "x" },
    { when: "today" },
    { driver: "" },
    { driver: "x".repeat(300) },
    { steps: 0.5 },
  ];
  expect(parseLaps(JSON.stringify(strange.map((change) => ({ ...lap({}), ...change }))))).toEqual([]);
});

test("without a server laps stay in this browser", async () => {
  new LapBook(null).add(lap({}));
  const later = new LapBook(null);
  await later.refresh();
  expect(later.laps).toEqual([lap({})]);
});

async function lapOf(opponent: Opponent, seed: number): Promise<number> {
  await opponent.begin(seed);
  while (!opponent.over) opponent.step();
  return opponent.run.reward;
}

test("the teacher laps here as it does in an evaluation, also a second time", async () => {
  const { rewards } = await evaluate(new TeacherPolicy(), { seeds: [8] });
  const opponent = await expertOpponent("teacher", WORLDS.scored, driveExpert);
  expect([await lapOf(opponent, 8), await lapOf(opponent, 8)]).toEqual([rewards[0], rewards[0]]);
});

test("an expert is not ready, and stands at the start, until its episode is planned", async () => {
  let deliver = () => {};
  const planned = new Promise<void>((resolve) => (deliver = resolve));
  const opponent = await expertOpponent("beginner", WORLDS.scored, async (task) => {
    await planned;
    return driveExpert(task);
  });
  const begun = opponent.begin(8);
  opponent.step();
  expect(opponent).toMatchObject({ ready: false, over: false, run: { steps: 0 } });
  deliver();
  await begun;
  opponent.step();
  expect(opponent).toMatchObject({ ready: true, over: false, run: { steps: 1 } });
});

test("the beginner is slower than the teacher on the same track", async () => {
  const steps = async (name: string) => {
    const opponent = await expertOpponent(name, WORLDS.free, driveExpert);
    await lapOf(opponent, 8);
    return opponent.run.steps;
  };
  expect(await steps("beginner")).toBeGreaterThan(1.3 * (await steps("teacher")));
});

test("a network drives here as it does in an evaluation, and its ghost as the network", async () => {
  const network = randomNetwork(carArchitecture, 90, 5);
  const { rewards } = await evaluate(await TernaryPolicy.create(network), { seeds: [8], maxSteps: 1000 });
  const networks = new NetworkLibrary(new Map());
  const { name } = networks.add("mine.safetensors", writeNetwork(network));
  const opponent = await networkOpponent(name, networks, WORLDS.scored);
  expect(opponent.name).toBe("mine");
  expect(await lapOf(opponent, 8)).toBe(rewards[0]);

  const episode = opponent.run.episode({ kind: "policy", name });
  const ghost = await ghostOpponent("ghost", episode);
  expect(await lapOf(ghost, 8)).toBe(rewards[0]);
});

test("files that are not networks, or do not drive, are refused; no name is used twice", async () => {
  const networks = new NetworkLibrary(new Map());
  expect(networks.names).toHaveLength(1);
  expect(() => networks.add("bad.safetensors", new Uint8Array(4))).toThrow(
    /bad.*expected a safetensors header/,
  );
  const { mnistArchitecture } = await import("../../policies/ternary/network.ts");
  const digits = writeNetwork(randomNetwork(mnistArchitecture, 90, 1));
  expect(() => networks.add("digits.safetensors", digits)).toThrow(
    "digits: expected a network that drives, got one for mnist",
  );
  const bytes = writeNetwork(randomNetwork(carArchitecture, 90, 1));
  expect([networks.add("a.safetensors", bytes).name, networks.add("a.safetensors", bytes).name]).toEqual([
    "a",
    "a (2)",
  ]);
  expect(networks.names).toHaveLength(3);
});
