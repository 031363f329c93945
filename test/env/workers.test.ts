/** Tests that vectors on any number of threads give the same results as environments stepped one after another. */
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { Env } from "../../env/api.ts";
import {
  ClosedEnvironment,
  InvalidAction,
  InvalidOption,
  ResetNeeded,
  WorkerLost,
} from "../../env/errors.ts";
import { make, NO_ACTION, SyncVectorEnv, type VectorEnv } from "../../env/index.ts";
import { WorkerVectorEnv, type WorkerVectorOptions } from "../../env/node.ts";
import { Random } from "../../env/random.ts";
import makeStacked from "./stacked-env.ts";

const STACKED = { module: new URL("./stacked-env.ts", import.meta.url).href };
const open: VectorEnv<Uint8Array, number[]>[] = [];

afterEach(() => {
  for (const env of open.splice(0)) env.close();
});

async function onThreads(options: WorkerVectorOptions) {
  const env = await WorkerVectorEnv.create<Uint8Array, number[]>(STACKED, options);
  open.push(env);
  return env;
}

/** Equal results. Observations are compared as bytes: element by element takes a hundred times as long. */
function expectSame<Result extends { observations: Uint8Array }>(actual: Result, expected: Result): void {
  const { observations, ...rest } = actual;
  const { observations: expectedObservations, ...expectedRest } = expected;
  expect(Buffer.compare(observations, expectedObservations)).toBe(0);
  expect(rest).toEqual(expectedRest);
}

test.each([
  [1, "next-step" as const],
  [2, "same-step" as const],
  [3, "next-step" as const],
])("%i threads give what one after another gives, %s", async (workers, autoresetMode) => {
  const numEnvs = 4;
  const made = await Promise.all(Array.from({ length: numEnvs }, (_, i) => makeStacked(i)));
  const sync = new SyncVectorEnv(made as Env<Uint8Array, number[]>[], { autoresetMode });
  const threads = await onThreads({ numEnvs, workers, autoresetMode });
  fc.assert(
    fc.property(fc.nat(2 ** 31), (seed) => {
      const random = new Random(seed);
      expectSame(threads.reset({ seed }), sync.reset({ seed }));
      // Episodes last 12 steps in the first environment, 5 more in each next one.
      for (let k = 0; k < 30; k++) {
        const actions = made.map(() => [random.uniform(-1, 1), random.uniform(0, 1), 0]);
        expectSame(threads.step(actions), sync.step(actions));
      }
    }),
    { numRuns: 5 },
  );
  sync.close();
});

test("a step begun is taken later, and masks reset ended environments", async () => {
  const numEnvs = 3;
  const threads = await onThreads({ numEnvs, workers: 2, autoresetMode: "disabled" });
  const made = await Promise.all([0, 1, 2].map((i) => makeStacked(i)));
  const sync = new SyncVectorEnv(made as Env<Uint8Array, number[]>[], { autoresetMode: "disabled" });
  const actions = Array.from({ length: numEnvs }, () => [0, 1, 0]);
  expectSame(threads.reset({ seed: [5, 2n ** 60n, 7] }), sync.reset({ seed: [5, 2n ** 60n, 7] }));
  for (let ended = false; !ended; ) {
    threads.stepAsync(actions);
    expect(() => threads.stepAsync(actions)).toThrow("a step is under way");
    const step = sync.step(actions);
    expectSame(threads.stepWait(), step);
    ended = step.truncations.includes(true);
  }
  expect(() => threads.step(actions)).toThrow(ResetNeeded);
  const mask = [true, false, false];
  expectSame(threads.reset({ mask }), sync.reset({ mask }));
  expectSame(threads.step(actions), sync.step(actions));
});

test("steps without an action pass through vectors to their environments", async () => {
  const options = { observations: false, frameSkip: 2, infoExtras: true };
  const made = await Promise.all([0, 1, 2].map(() => make("CarRacing-v3", options)));
  const alone = await make("CarRacing-v3", options);
  const source = { id: "CarRacing-v3", options };
  const vectors: VectorEnv<Uint8Array, unknown>[] = [
    new SyncVectorEnv<Uint8Array, unknown>(made as never[]),
    await WorkerVectorEnv.create<Uint8Array>(source, { numEnvs: 3, workers: 2 }),
  ];
  const drive = [0.3, 1, 0];
  const steps = [
    [drive, drive, drive],
    [drive, NO_ACTION, NO_ACTION],
    [NO_ACTION, drive, NO_ACTION],
    [drive, drive, drive],
  ];
  alone.reset({ seed: 12 });
  const expected = steps.map((actions) => alone.unwrapped.step(actions[2] as number[]));
  expect(expected.map(({ reward }) => reward === 0)).toEqual([false, true, true, false]);
  for (const vector of vectors) {
    vector.reset({ seed: 10 });
    for (const [k, actions] of steps.entries()) {
      const { rewards, infos } = vector.step(actions);
      expect([rewards[2], infos[2]]).toEqual([expected[k].reward, expected[k].info]);
    }
    expect(() => vector.step([null, drive, drive])).toThrow("expected 3 numbers for environment 0, got null");
    vector.close();
  }
});

test("copies are the caller's to keep; without, the next step overwrites them", async () => {
  const actions = [[0, 1, 0]];
  const copied = await onThreads({ numEnvs: 1, workers: 1 });
  const { observations } = copied.reset({ seed: 1 });
  const kept = observations.slice();
  copied.step(actions);
  expect(observations).toEqual(kept);
  const shared = await onThreads({ numEnvs: 1, workers: 1, copy: false });
  const first = shared.reset({ seed: 1 }).observations;
  expect(first).toEqual(kept);
  expect(shared.step(actions).observations).toBe(first);
  expect(first).not.toEqual(kept);
});

test("errors keep their class and leave the vector usable", async () => {
  const threads = await onThreads({ numEnvs: 2, workers: 2 });
  expect(() => threads.step([[], []])).toThrow(ResetNeeded);
  threads.reset({ seed: 1 });
  expect(() => threads.step([[0, 1, 0]])).toThrow("expected 2 actions, one for each environment, got 1");
  expect(() => threads.step([[0, 1, 0], [0]])).toThrow("expected 3 numbers for environment 1, got [0]");
  const endless = [
    [0, 1, 0],
    [0, Infinity, 0],
  ];
  expect(() => threads.step(endless)).toThrow(InvalidAction);
  expect(() => threads.step(endless)).toThrow("three finite numbers");
  expect(() => threads.reset({ options: { randomise: true } })).toThrow(InvalidOption);
  expect(() => threads.reset({ seed: [1] })).toThrow("expected a seed or 2 seeds, got 1");
  const actions = [
    [0, 1, 0],
    [0, 1, 0],
  ];
  expect(threads.step(actions).terminations).toEqual([false, false]);
  threads.close();
  threads.close();
  expect(() => threads.step(actions)).toThrow(ClosedEnvironment);
});

test("a thread that ends without an answer is an error, and so is a call after it", async () => {
  const module = new URL("./dying-env.ts", import.meta.url);
  const threads = await WorkerVectorEnv.create<Float64Array, number>({ module }, { numEnvs: 2, workers: 2 });
  threads.reset({ seed: 1 });
  for (let k = 0; k < 2; k++) threads.step([0, 0]);
  expect(() => threads.step([0, 0])).toThrow(
    new WorkerLost(
      "WorkerVectorEnv: the thread of environments 1 to 1 ended without an answer (killed or out of memory); the vector is closed",
    ),
  );
  expect(() => threads.step([0, 0])).toThrow(ClosedEnvironment);
  threads.close();
});

test("an environment whose step takes long is waited for", async () => {
  const module = new URL("./slow-env.ts", import.meta.url);
  const threads = await WorkerVectorEnv.create<Float64Array, number>({ module }, { numEnvs: 2, workers: 2 });
  threads.reset({ seed: 1 });
  // Longer than the interval at which the caller looks whether its threads are still there.
  for (let k = 0; k < 2; k++) expect(threads.step([0, 1]).rewards).toEqual(Float64Array.of(0, 1));
  threads.close();
});

test("a thread that ends while it makes its environments is an error", async () => {
  const module = new URL("./dead-env.ts", import.meta.url);
  await expect(WorkerVectorEnv.create({ module }, { numEnvs: 2, workers: 2 })).rejects.toThrow(WorkerLost);
});

test("discrete actions are numbers", async () => {
  const options = { continuous: false, observations: false };
  const threads = await WorkerVectorEnv.create<Uint8Array, number>(
    { id: "CarRacing-v3", options },
    { numEnvs: 2, workers: 1 },
  );
  const alone = await make("CarRacing-v3", options);
  threads.reset({ seed: 3 });
  alone.reset({ seed: 4 });
  for (let k = 0; k < 30; k++) expect(threads.step([0, k % 5]).rewards[1]).toBe(alone.step(k % 5).reward);
  expect(() => threads.step([0, "gas" as never])).toThrow(
    'expected an action in Discrete(5) for environment 1, got "gas"',
  );
  threads.close();
});

test("wrong arguments are refused before threads start", async () => {
  const id = "CarRacing-v3";
  await expect(WorkerVectorEnv.create({ id }, { numEnvs: 0 })).rejects.toThrow(
    "numEnvs to be a whole number from 1 up, got 0",
  );
  await expect(WorkerVectorEnv.create({ id, options: { fps: 1 } }, { numEnvs: 1 })).rejects.toThrow(
    'takes no option "fps"',
  );
  await expect(WorkerVectorEnv.create({} as never, { numEnvs: 1 })).rejects.toThrow(
    "expected { id, options }",
  );
  const module = new URL("./track-sha256.ts", import.meta.url).href;
  await expect(WorkerVectorEnv.create({ module }, { numEnvs: 1 })).rejects.toThrow(
    "a function as the default",
  );
});
