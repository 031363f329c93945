import { expect, test } from "vitest";
import { CarRacing } from "../../env/car-racing/car-racing.ts";
import { ResetNeeded } from "../../env/errors.ts";
import { RandomPolicy } from "../../policies/random.ts";

const draw = (env: CarRacing, seed: number) => {
  const policy = new RandomPolicy();
  policy.reset(env, seed);
  return Array.from({ length: 50 }, () => [...(policy.act() as Float32Array)]);
};

test("draws inside the action space; the seed decides", async () => {
  const env = await CarRacing.create({ observations: false });
  const actions = draw(env, 3);
  expect(actions.every((action) => env.actionSpace.contains(Float32Array.from(action)))).toBe(true);
  expect(draw(env, 3)).toEqual(actions);
  expect(draw(env, 4)).not.toEqual(actions);
  env.close();
});

test("serves discrete actions as well", async () => {
  const env = await CarRacing.create({ observations: false, continuous: false });
  const policy = new RandomPolicy<number>();
  policy.reset(env, 0);
  const drawn = new Set(Array.from({ length: 100 }, () => policy.act()));
  expect([...drawn].sort()).toEqual([0, 1, 2, 3, 4]);
  env.close();
});

test("acting before reset is refused", () => {
  expect(() => new RandomPolicy().act()).toThrow(ResetNeeded);
});
