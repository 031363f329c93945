/** The episode loop, evaluation and recording with any policy in any environment. */
import { expect, test } from "vitest";
import { Box, type Env, type EnvSpec, make } from "../../env/index.ts";
import { Discrete } from "../../env/spaces.ts";
import type { Policy } from "../../policies/policy.ts";
import { RandomPolicy } from "../../policies/random.ts";
import type { Episode } from "../../recordings/episode.ts";
import { makeRecordedEnv, verify } from "../../recordings/player.ts";
import { evaluate, runEpisode } from "../../src/episodes/evaluate.ts";
import { recordEpisodes } from "../../src/episodes/record.ts";
import { episodeSteps } from "../../src/episodes/steps.ts";

/** Counts up to the seed: action 1 is worth 1, the wrong one 0. Its observation is an object, its action a number. */
class Counter implements Env<{ left: number }, number> {
  readonly observationSpace = new Box({ low: 0, high: 9, shape: [1], dtype: "float32" }) as never;
  readonly actionSpace = new Discrete(2);
  readonly metadata = { renderModes: [], renderFps: 50 };
  readonly renderMode = null;
  readonly spec: EnvSpec | null = null;
  readonly unwrapped: Env = this as unknown as Env;
  closed = 0;
  #left = 0;

  reset({ seed = 0 }: { seed?: number | bigint } = {}) {
    this.#left = Number(seed);
    return { observation: { left: this.#left }, info: {} };
  }

  step(action: number) {
    const observation = { left: --this.#left };
    const terminated = this.#left === 0;
    const info = { action, lapFinished: terminated };
    return { observation, reward: action === 1 ? 1 : 0, terminated, truncated: false, info };
  }

  render() {
    return null;
  }

  close() {
    this.closed++;
  }
}

test("a step holds observation, action and the environment's answer, info included", () => {
  const seen: unknown[] = [];
  const policy: Policy<{ left: number }, number> = {
    name: "even",
    reset: (_, seed) => seen.push(seed),
    act: ({ left }) => left % 2,
  };
  expect([...episodeSteps(new Counter(), policy, 2n)]).toEqual([
    {
      ...{ index: 0, observation: { left: 2 }, action: 0, reward: 0, nextObservation: { left: 1 } },
      ...{ terminated: false, truncated: false, info: { action: 0, lapFinished: false } },
    },
    {
      ...{ index: 1, observation: { left: 1 }, action: 1, reward: 1, nextObservation: { left: 0 } },
      ...{ terminated: true, truncated: false, info: { action: 1, lapFinished: true } },
    },
  ]);
  expect(seen).toEqual([2n]);
});

test("any environment is evaluated with any policy, and left open to its owner", async () => {
  const env = new Counter();
  const always = () => 1;
  expect(runEpisode(env, always, 3)).toEqual({ seed: 3, reward: 3, steps: 3, lap: true });
  const evaluation = await evaluate(({ left }) => left % 2, { env, seeds: [4, 5] });
  expect(evaluation).toMatchObject({ rewards: [2, 3], steps: 9, laps: 2, policy: "function" });
  expect(await evaluate(always, { env, seeds: [7], maxSteps: 2 })).toMatchObject({
    ...{ policy: "always", rewards: [2], steps: 2, laps: 0 },
  });
  await expect(evaluate(always, { env, seeds: [7], maxSteps: 0 })).rejects.toThrow(
    "maxSteps: expected a whole number from 1 up, got 0",
  );
  expect(env.closed).toBe(0);
});

test("an environment made by id takes a policy that knows it", async () => {
  const env = (await make("CarRacing-v3", { continuous: false })) as Env<Uint8Array, number>;
  const coast = (frame: Uint8Array) => (frame.length === 96 * 96 * 3 ? 3 : 0);
  expect(await evaluate(coast, { env, seeds: [1], maxSteps: 5 })).toMatchObject({
    steps: 5,
    policy: "coast",
  });
  env.close();
});

test("a plain array drives as the same numbers in a Float32Array do", async () => {
  const numbers = [-0.25, 0.5, 0];
  const drive = (action: ArrayLike<number>) => evaluate(() => action, { seeds: [3], maxSteps: 60 });
  const { rewards } = await drive(numbers);
  expect(rewards).toEqual((await drive(Float32Array.from(numbers))).rewards);
  expect(rewards).not.toEqual((await drive([0, 0, 0])).rewards);
});

test("a function sees each frame", async () => {
  let brightest = 0;
  const look = (frame: Uint8Array) => {
    brightest = Math.max(brightest, ...frame);
    return [0, 0.1, 0];
  };
  expect((await evaluate(look, { seeds: [1], maxSteps: 2 })).policy).toBe("look");
  expect(brightest).toBeGreaterThan(200);
});

test("episodes are recorded with a name for the driver, those that are there are not driven again", async () => {
  const drive = () => [0, 0.1, 0];
  const options = { policy: drive, seeds: [3, 4], envOptions: { domainRandomize: true } };
  const episodes: Episode[] = [];
  for await (const episode of recordEpisodes({
    ...options,
    present: (seed) => (seed === 4 ? episodes[0] : undefined),
  }))
    episodes.push(episode);
  expect(episodes[1]).toBe(episodes[0]);
  expect(episodes[0]).toMatchObject({
    seed: 3,
    driver: { kind: "policy", name: "drive" },
    end: "terminated",
  });
  expect(episodes[0].environment.kwargs).toEqual({ domainRandomize: true });
  const env = await makeRecordedEnv(episodes[0]);
  verify(episodes[0], env as Env<unknown, never> as Env);
  env.close();
  for await (const { driver } of recordEpisodes({ policy: new RandomPolicy(), seeds: [1] }))
    expect(driver).toEqual({ kind: "policy", name: "random" });
});
