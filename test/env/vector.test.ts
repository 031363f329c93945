import { expect, test } from "vitest";
import { InvalidAction, InvalidOption, ResetNeeded } from "../../env/errors.ts";
import { CarRacing, make, SyncVectorEnv, type VectorEnv } from "../../env/index.ts";
import { WorkerVectorEnv } from "../../env/node.ts";
import { CountingEnv } from "./counting-env.ts";

const steps = (observations: ArrayLike<number>) => Array.from(observations).filter((_, i) => i % 2 === 0);
const draws = (observations: ArrayLike<number>) => Array.from(observations).filter((_, i) => i % 2 === 1);

test("next-step: the step after an end resets, with reward 0 and its action ignored", () => {
  const env = new SyncVectorEnv([new CountingEnv(2), new CountingEnv(3)]);
  expect(String(env.observationSpace)).toBe("Box(0.0, 1000000.0, (2, 2), float64)");
  env.reset({ seed: 1 });
  expect(steps(env.step([1, 2]).observations)).toEqual([1, 1]);
  const second = env.step([1, 2]);
  expect([second.terminations, [...second.rewards], steps(second.observations)]).toEqual([
    [true, false],
    [1, 2],
    [2, 2],
  ]);
  const third = env.step([1, 2]);
  expect([third.terminations, [...third.rewards], steps(third.observations)]).toEqual([
    [false, true],
    [0, 2],
    [0, 3],
  ]);
  expect(steps(env.step([1, 2]).observations)).toEqual([1, 0]);
});

test("same-step: the ending step returns the next episode's observation and keeps the last one in info", () => {
  const env = new SyncVectorEnv([new CountingEnv(2), new CountingEnv(3)], { autoresetMode: "same-step" });
  env.reset({ seed: 1 });
  env.step([1, 2]);
  const second = env.step([1, 2]);
  expect([second.terminations, steps(second.observations)]).toEqual([
    [true, false],
    [0, 2],
  ]);
  expect((second.infos[0].finalObs as Float64Array)[0]).toBe(2);
  expect(second.infos[0].finalInfo).toEqual({});
  expect(second.infos[1]).toEqual({});
  expect(steps(env.step([1, 2]).observations)).toEqual([1, 0]);
});

test("disabled: ended environments are reset by a mask", () => {
  const env = new SyncVectorEnv([new CountingEnv(1), new CountingEnv(5)], { autoresetMode: "disabled" });
  expect(() => env.reset({ mask: [true, false] })).toThrow(ResetNeeded);
  env.reset();
  env.step([0, 0]);
  expect(() => env.step([0, 0])).toThrow("environment 0 has ended; reset it with a mask");
  expect(steps(env.reset({ mask: [true, false] }).observations)).toEqual([0, 1]);
  expect(steps(env.step([0, 0]).observations)).toEqual([1, 2]);
});

test("one seed counts up, a list gives each its own", () => {
  const env = new SyncVectorEnv([1, 2, 3].map(() => new CountingEnv(5)));
  const counted = draws(env.reset({ seed: 7 }).observations);
  expect(draws(env.reset({ seed: [9, 8, 7] }).observations)[2]).toBe(counted[0]);
  expect(draws(env.reset({ seed: [7n, 8n, 9n] }).observations)).toEqual(counted);
  expect(new Set(counted).size).toBe(3);
});

test("observations are copies", () => {
  const env = new SyncVectorEnv([new CountingEnv(9)]);
  const { observations } = env.reset();
  env.step([0]);
  expect(observations[0]).toBe(0);
});

test("wrong use is refused by name", async () => {
  expect(() => new SyncVectorEnv([])).toThrow("at least one environment");
  expect(() => new SyncVectorEnv([new CountingEnv(1)], { autoresetMode: "never" as never })).toThrow(
    InvalidOption,
  );
  const discrete = await CarRacing.create({ continuous: false, observations: false });
  const continuous = await CarRacing.create({ observations: false });
  expect(() => new SyncVectorEnv([discrete, continuous])).toThrow(
    "expected equal spaces, got Box(0, 255, (96, 96, 3), uint8), Box(",
  );
  const env = new SyncVectorEnv([new CountingEnv(1), new CountingEnv(1)]);
  expect(() => env.step([0, 0])).toThrow(ResetNeeded);
  env.reset();
  expect(() => env.step([0])).toThrow(InvalidAction);
  expect(() => env.reset({ seed: [1] })).toThrow("expected a seed or 2 seeds, got 1");
  expect(() => env.reset({ seed: [1, -1] })).toThrow("seed: expected a whole number from 0 up");
  expect((env.envs[0] as CountingEnv).resets).toBe(1);
  expect(() => env.reset({ mask: [true] })).toThrow("a mask of 2, got [true]");
  expect(() => env.reset({ mask: "no" as never })).toThrow(`a mask of 2, got "no"`);
  expect(() => env.reset({ seed: null as never })).toThrow("expected a seed or 2 seeds, got null");
  expect(() => env.reset(null as never)).toThrow(
    "an object with seed, mask, options, such as { seed: 7 }, got null",
  );
});

test.each([[[0, 0]], [[0, Number.NaN, 0]], [[0, "1", 0]], [[0, null, 0]], ["abc"], [null]])(
  "the action %j beside a good one is refused, and no environment is stepped",
  async (wrong) => {
    const options = { observations: false };
    const single = () => make("CarRacing-v3", options);
    const vectors: VectorEnv<Uint8Array, unknown>[] = [
      new SyncVectorEnv<Uint8Array, unknown>([(await single()) as never, (await single()) as never]),
      await WorkerVectorEnv.create<Uint8Array>({ id: "CarRacing-v3", options }, { numEnvs: 2, workers: 1 }),
    ];
    const good = [0, 1, 0];
    for (const env of vectors) {
      const alone = await single();
      env.reset({ seed: 40 });
      alone.reset({ seed: 40 });
      expect(() => env.step([good, wrong])).toThrow(InvalidAction);
      expect(() => env.step([good, wrong])).toThrow("expected 3 numbers for environment 1, got");
      expect(env.step([good, good]).rewards[0]).toBe(alone.step(good).reward);
      env.close();
    }
  },
);

test("CarRacing in a vector gives the same results as alone", async () => {
  const alone = await make("CarRacing-v3", { observations: false });
  const env = new SyncVectorEnv([
    await make("CarRacing-v3", { observations: false }),
    await make("CarRacing-v3", { observations: false }),
  ]);
  env.reset({ seed: 40 });
  alone.reset({ seed: 41 });
  for (let k = 0; k < 60; k++) {
    const action = [Math.sin(k / 9), 0.5, 0];
    const { rewards } = env.step([[0, 1, 0], action]);
    expect(rewards[1]).toBe(alone.step(action).reward);
  }
  env.close();
  expect(() => env.envs[0].reset()).toThrow("closed");
});
