import { expect, test, vi } from "vitest";
import type { Env, EnvSpec } from "../../env/api.ts";
import { CarRacing } from "../../env/car-racing/car-racing.ts";
import { InvalidOption, ResetNeeded, UnregisteredEnv } from "../../env/errors.ts";
import { make, register, registeredIds, spec } from "../../env/registry.ts";
import { OrderEnforcing } from "../../env/wrappers/order-enforcing.ts";
import { TimeLimit } from "../../env/wrappers/time-limit.ts";
import { CountingEnv } from "./counting-env.ts";

test("CarRacing-v3 is made as Gymnasium makes it", async () => {
  const env = await make("CarRacing-v3", { observations: false, lapCompletePercent: 0.9 });
  expect(env).toBeInstanceOf(TimeLimit);
  expect((env as unknown as TimeLimit<unknown, unknown>).env).toBeInstanceOf(OrderEnforcing);
  expect(env.unwrapped).toBeInstanceOf(CarRacing);
  expect(env.spec).toEqual({
    id: "CarRacing-v3",
    kwargs: { observations: false, lapCompletePercent: 0.9 },
    maxEpisodeSteps: 1000,
    rewardThreshold: 900,
  });
  expect(() => env.step([0, 0, 0])).toThrow(ResetNeeded);
  expect(() => env.render()).toThrow(ResetNeeded);
  env.reset({ seed: 1 });
  for (let k = 1; k <= 1000; k++) expect(env.step([0, 0, 0]).truncated).toBe(k === 1000);
  env.close();
});

test("unknown ids and options are refused by name, and the known ones are listed", async () => {
  await expect(make("CarRacing-v9")).rejects.toThrow(UnregisteredEnv);
  await expect(make("CarRacing-v9")).rejects.toThrow(
    'no environment "CarRacing-v9" is registered; known: CarRacing-v3',
  );
  expect(() => spec("Nothing-v0")).toThrow(UnregisteredEnv);
  await expect(make("CarRacing-v3", { speed: 2 } as object)).rejects.toThrow(InvalidOption);
  await expect(make("CarRacing-v3", { speed: 2 } as object)).rejects.toThrow(
    'takes no option "speed"; it takes continuous',
  );
});

test("registered environments are made with their kwargs, wrappers and limits", async () => {
  register({
    id: "test/Counting-v0",
    entryPoint: ({ length = 7, ...others }) => {
      expect(others).toEqual({});
      return new CountingEnv(length as number);
    },
    kwargs: { length: 5 },
    maxEpisodeSteps: 3,
  });
  expect(registeredIds()).toContain("test/Counting-v0");
  expect(spec("test/Counting-v0").kwargs).toEqual({ length: 5 });

  const env = await make("test/Counting-v0");
  expect((env.unwrapped as CountingEnv).length).toBe(5);
  env.reset({ seed: 0 });
  expect([1, 2, 3].map(() => env.step(0).truncated)).toEqual([false, false, true]);

  const free = await make("test/Counting-v0", { length: 4, maxEpisodeSteps: null });
  expect(free.spec).toEqual({
    id: "test/Counting-v0",
    kwargs: { length: 4 },
    maxEpisodeSteps: null,
    rewardThreshold: null,
  });
  free.reset();
  expect([1, 2, 3, 4].map(() => free.step(0).truncated)).toEqual([false, false, false, false]);

  const short = await make("test/Counting-v0", { maxEpisodeSteps: 1 });
  short.reset();
  expect(short.step(0).truncated).toBe(true);
});

test("a spec makes the environment again, other options over its own", async () => {
  const first = await make("CarRacing-v3", { observations: false, continuous: false, maxEpisodeSteps: 30 });
  const again = await make(first.spec as EnvSpec, { lapCompletePercent: 0.5 });
  expect(again.spec).toEqual({
    ...first.spec,
    kwargs: { observations: false, continuous: false, lapCompletePercent: 0.5 },
  });
  expect(again.actionSpace).toEqual(first.actionSpace);
  expect((await make(spec("CarRacing-v3"))).spec).toEqual(spec("CarRacing-v3"));
});

test("impossible registrations are refused", () => {
  const entryPoint = () => new CountingEnv(1) as Env;
  expect(() => register({ id: "no version", entryPoint })).toThrow('an id like "Name-v1"');
  expect(() => register({ id: "None-v0" } as never)).toThrow('a function as the entryPoint of "None-v0"');
  expect(registeredIds()).not.toContain("None-v0");
});

test.each([null, "rgb_array", 7])("options %j are refused", async (options) => {
  await expect(make("CarRacing-v3", options as never)).rejects.toThrow("make: expected an object of options");
  await expect(CarRacing.create(options as never)).rejects.toThrow("expected options to be an object");
});

test("an id that is taken is replaced, with a warning", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const id = "test/Twice-v0";
  register({ id, entryPoint: () => new CountingEnv(1) as Env });
  expect(warn).not.toHaveBeenCalled();
  register({ id, entryPoint: () => new CountingEnv(2) as Env });
  expect(warn.mock.calls).toEqual([[`register: "${id}" was registered already; it is replaced`]]);
  expect(((await make(id)).unwrapped as CountingEnv).length).toBe(2);
  warn.mockRestore();
});

test.each([0, 1.5, Number.NaN])("a limit of %s steps is refused", async (maxEpisodeSteps) => {
  await expect(make("CarRacing-v3", { observations: false, maxEpisodeSteps })).rejects.toThrow(
    "a whole number from 1 up",
  );
});
