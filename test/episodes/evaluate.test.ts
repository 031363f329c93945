import { describe, expect, test } from "vitest";
import { InvalidOption } from "../../env/errors.ts";
import { make } from "../../env/registry.ts";
import { ExpertPolicy } from "../../policies/expert/expert.ts";
import { RandomPolicy } from "../../policies/random.ts";
import { parseSeeds } from "../../src/data/seeds.ts";
import { type EpisodeResult, evaluate, summarize } from "../../src/episodes/evaluate.ts";

describe("parseSeeds", () => {
  test.each([
    ["7", [7]],
    ["3-6", [3, 4, 5, 6]],
    ["20000-20002,5", [20000, 20001, 20002, 5]],
    [" 1 - 2 , 9 ", [1, 2, 9]],
  ])("%j is %j", (text, seeds) => expect(parseSeeds(text)).toEqual(seeds));

  test.each([
    ["", /whole numbers and ranges/],
    ["a", /got "a"/],
    ["1,", /whole numbers and ranges/],
    ["-5", /whole numbers and ranges/],
    ["1.5", /whole numbers and ranges/],
    ["1-2-3", /whole numbers and ranges/],
    ["9-3", /runs upwards, got "9-3"/],
    ["0-9999999", /at most 1000000/],
    ["99999999999999999999", /below 2\^53/],
  ])("%j is refused", (text, message) => {
    expect(() => parseSeeds(text)).toThrow(InvalidOption);
    expect(() => parseSeeds(text)).toThrow(message);
  });
});

test("an evaluation equals a loop written by hand, and itself", async () => {
  const seeds = [40001, 40000];
  const env = await make("CarRacing-v3", { observations: false });
  const rewards: number[] = [];
  let steps = 0;
  for (const seed of seeds) {
    const policy = new ExpertPolicy();
    env.reset({ seed });
    policy.reset(env);
    for (let sum = 0, running = true; running; ) {
      const { reward, terminated, truncated } = env.step(policy.act());
      sum += reward;
      steps++;
      running = !terminated && !truncated;
      if (!running) rewards.push(sum);
    }
  }
  env.close();
  const told: EpisodeResult[] = [];
  const run = () => evaluate(new ExpertPolicy(), { seeds, onProgress: (result) => told.push(result) });
  const evaluation = await run();
  expect(evaluation).toMatchObject({ policy: "expert", seeds, episodes: 2, laps: 2, steps, rewards });
  expect(told.map(({ seed, reward }) => [seed, reward])).toEqual(seeds.map((seed, i) => [seed, rewards[i]]));
  expect(await run()).toEqual(evaluation);
});

test("scores are the mean and the population standard deviation", () => {
  const results = [2, 4, 4, 4, 5, 5, 7, 9].map((reward, seed) => ({
    seed,
    reward,
    steps: 10,
    lap: reward > 4,
  }));
  expect(summarize("x", results)).toMatchObject({ mean: 5, sd: 2, min: 2, max: 9, laps: 4, steps: 80 });
});

test("maxSteps truncates, and the lap then does not count", async () => {
  const { steps, laps, episodes } = await evaluate(new RandomPolicy(), { seeds: [1, 2], maxSteps: 30 });
  expect({ steps, laps, episodes }).toEqual({ steps: 60, laps: 0, episodes: 2 });
});

test("the policy sees frames unless it looks at none", async () => {
  const seen: number[] = [];
  const policy = {
    name: "looker",
    observes: undefined as boolean | undefined,
    reset: () => {},
    act: (observation: Uint8Array) => {
      seen.push(Math.max(...observation));
      return new Float32Array(3);
    },
  };
  await evaluate(policy, { seeds: [1], maxSteps: 1 });
  policy.observes = false;
  await evaluate(policy, { seeds: [1], maxSteps: 1 });
  expect(seen[0]).toBeGreaterThan(0);
  expect(seen[1]).toBe(0);
});

test.each([
  ["no seeds", { seeds: [] }],
  ["no steps", { seeds: [1], maxSteps: 0 }],
  ["an unknown environment option", { seeds: [1], envOptions: { speed: 3 } as object }],
])("%s is refused", async (_, options) => {
  await expect(evaluate(new RandomPolicy(), options)).rejects.toThrow(InvalidOption);
});
