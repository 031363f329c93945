/** The rules of CarRacing beside what the golden episodes show: errors, options, snapshots, memory. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { BODY_STATE_SIZE, type CarAction, CarRacing } from "../../env/car-racing/car-racing.ts";
import {
  ClosedEnvironment,
  InvalidAction,
  InvalidOption,
  ResetNeeded,
  TritrackError,
} from "../../env/errors.ts";
import { Random } from "../../env/random.ts";

const PHYSICS = ["exact", "box2d-wasm"] as const;
const headless = { observations: false } as const;

/** Lively but reproducible driving: drawn anew every eighth step, mostly gas. */
function* actions(seed: number): Generator<Float32Array> {
  const random = new Random(seed);
  for (;;) {
    const action = Float32Array.of(random.uniform(-1, 1), random.uniform(0.2, 1), random.uniform(-1.5, 0.5));
    action[2] = Math.max(0, action[2]);
    for (let i = 0; i < 8; i++) yield action;
  }
}

function drive(env: CarRacing, driver: Iterator<CarAction>, steps: number): number[] {
  const trace: number[] = [];
  for (let k = 0; k < steps; k++) {
    const { reward } = env.step(driver.next().value);
    trace.push(reward, env.tileVisitedCount, ...env.bodyState());
  }
  return trace;
}

describe.each(PHYSICS)("physics %s", (physics) => {
  test("a restored snapshot goes on like the uninterrupted run, in the same environment and in another", async () => {
    const env = await CarRacing.create({ ...headless, physics });
    const other = await CarRacing.create({ ...headless, physics });
    env.reset({ seed: 11 });
    other.reset({ seed: 12 });
    const driver = actions(3);
    drive(env, driver, 150);
    // Cloned: a snapshot is plain data and shares nothing that later steps change.
    const snapshot = structuredClone(env.snapshot());
    const following = Array.from({ length: 200 }, () => driver.next().value as Float32Array);
    const goOn = (e: CarRacing) => {
      const trace = drive(e, following[Symbol.iterator](), following.length);
      const marks = structuredClone(e.view.skidMarks);
      e.reset(); // the generator's state is part of a snapshot
      return { trace, marks, track: e.track };
    };
    const uninterrupted = goOn(env);
    expect(uninterrupted.marks.length).toBeGreaterThan(0);
    env.restore(snapshot);
    expect(goOn(env)).toEqual(uninterrupted);
    other.restore(snapshot);
    expect(goOn(other)).toEqual(uninterrupted);
    env.close();
    other.close();
  });

  test("what an environment did before a seeded reset does not matter", async () => {
    const env = await CarRacing.create({ ...headless, physics });
    env.reset({ seed: 5 });
    const first = drive(env, actions(1), 100);
    env.reset({ seed: 6 });
    drive(env, actions(2), 60);
    env.reset({ seed: 5 });
    expect(drive(env, actions(1), 100)).toEqual(first);
    env.close();
  });

  test("2,000 resets do not leak", async () => {
    const env = await CarRacing.create({ ...headless, physics });
    const used = () => process.memoryUsage.rss() / 2 ** 20;
    let before = 0;
    for (let k = 1; k <= 2000; k++) {
      env.reset({ seed: k % 50 });
      env.step([0, 1, 0]);
      if (k === 200) before = used();
    }
    // 1,800 worlds of 300 bodies and fixtures are some 270 MB.
    expect(used() - before).toBeLessThan(60);
    env.close();
  });
});

test("the two engines agree on rewards and tiles for random driving", async () => {
  const envs = await Promise.all(PHYSICS.map((physics) => CarRacing.create({ ...headless, physics })));
  fc.assert(
    fc.property(fc.nat(1_000_000), (seed) => {
      const [exact, box2d] = envs.map((env) => {
        env.reset({ seed });
        const driver = actions(seed);
        const rewards = Array.from({ length: 150 }, () => env.step(driver.next().value).reward);
        return { rewards, tiles: env.tileVisitedCount, body: env.bodyState() };
      });
      expect(box2d.rewards).toEqual(exact.rewards);
      expect(box2d.tiles).toBe(exact.tiles);
      for (let i = 0; i < 2; i++) expect(Math.abs(box2d.body[i] - exact.body[i])).toBeLessThan(0.01);
    }),
    { numRuns: 20 },
  );
});

describe("errors leave the environment usable", () => {
  let env: CarRacing;
  beforeAll(async () => {
    env = await CarRacing.create(headless);
  });

  test("before the first reset", async () => {
    const fresh = await CarRacing.create(headless);
    expect(() => fresh.step([0, 0, 0])).toThrow(ResetNeeded);
    expect(() => fresh.render()).toThrow(ResetNeeded);
    expect(() => fresh.track).toThrow(ResetNeeded);
    expect(() => fresh.bodyState()).toThrow(ResetNeeded);
    expect(() => fresh.snapshot()).toThrow(ResetNeeded);
    fresh.reset({ seed: 1 });
    expect(fresh.step([0, 0, 0]).reward).toBeCloseTo(
      -0.1 + (1000 / (fresh.track.length / 4)) * fresh.tileVisitedCount,
      9,
    );
  });

  test.each([
    [[0, 0], "got [0, 0]"],
    [[0, 0, 0, 0], "got [0, 0, 0, 0]"],
    [[0, Number.NaN, 0], "got [0, NaN, 0]"],
    [[0, 0, Infinity], "got [0, 0, Infinity]"],
    [["left", 0, 0], 'got ["left", 0, 0]'],
    [[0, "1", 0], 'got [0, "1", 0]'],
    [[0n, 1n, 0n], "got [0n, 1n, 0n]"],
    [3, "got 3"],
    [null, "got null"],
    [undefined, "got undefined"],
    ["gas", 'got "gas"'],
    [{ length: 3 }, "got {length: 3}"],
    [Float32Array.of(Number.NaN, 0, 0), "got [NaN, 0, 0]"],
  ])("the continuous action %s", (action, got) => {
    env.reset({ seed: 2 });
    const before = env.bodyState();
    expect(() => env.step(action as CarAction)).toThrow(InvalidAction);
    expect(() => env.step(action as CarAction)).toThrow(
      `three finite numbers (steer -1 to 1, gas 0 to 1, brake 0 to 1), ${got}`,
    );
    expect(env.bodyState()).toEqual(before);
    expect(env.step([0, 1, 0]).terminated).toBe(false);
  });

  test.each([5, -1, 1.5, Number.NaN, [1], "1", null])("the discrete action %j", async (action) => {
    const discrete = await CarRacing.create({ ...headless, continuous: false });
    discrete.reset({ seed: 2 });
    expect(() => discrete.step(action as CarAction)).toThrow(InvalidAction);
    expect(() => discrete.step(action as CarAction)).toThrow("a whole number from 0 to 4");
    expect(discrete.step(3).terminated).toBe(false);
  });

  test("after close", async () => {
    const closed = await CarRacing.create(headless);
    closed.reset({ seed: 1 });
    const snapshot = closed.snapshot();
    closed.close();
    closed.close();
    const calls = [
      () => closed.reset(),
      () => closed.step([0, 0, 0]),
      () => closed.render(),
      () => closed.bodyState(),
      () => closed.restore(snapshot),
    ];
    for (const call of calls) expect(call).toThrow(ClosedEnvironment);
  });

  test("a snapshot of the other engine", async () => {
    const box2d = await CarRacing.create({ ...headless, physics: "box2d-wasm" });
    env.reset({ seed: 3 });
    expect(() => box2d.restore(env.snapshot())).toThrow(
      'a snapshot of physics "box2d-wasm", got one of "exact"',
    );
  });

  test("a broken snapshot or another value; the episode continues unchanged", () => {
    const drive = () => {
      const rewards = Array.from({ length: 30 }, () => env.step([0.2, 1, 0]).reward);
      env.reset();
      return [...rewards, ...env.track];
    };
    env.reset({ seed: 3 });
    const begin = env.snapshot();
    const expected = drive();
    env.step([1, 1, 1]);
    const later = env.snapshot();
    env.restore(begin);
    const wrong = [
      null,
      {},
      "x",
      JSON.parse(JSON.stringify(later)),
      { ...later, physics: new Uint8Array(3) },
    ];
    for (const state of wrong) expect(() => env.restore(state)).toThrow(TritrackError);
    expect(drive()).toEqual(expected);
  });

  test.each([
    [null, "got null"],
    [7, "got 7"],
    [[7], "got 7"],
    [{ sead: 7 }, 'got "sead"'],
    [{ seed: 7, mask: [true] }, 'got "mask"'],
  ])("arguments of reset: %j", (given, got) => {
    env.reset({ seed: 2 });
    const before = env.bodyState();
    expect(() => env.reset(given as object)).toThrow(InvalidOption);
    expect(() => env.reset(given as object)).toThrow(
      `reset: expected an object with seed, options, such as { seed: 7 }, ${got}`,
    );
    expect(env.bodyState()).toEqual(before);
  });

  test("options of reset", () => {
    expect(() => env.reset({ options: null as never })).toThrow("expected options to be an object, got null");
    expect(() => env.reset({ options: { randomise: true } })).toThrow(
      'no option "randomise"; it takes randomize',
    );
    expect(() => env.reset({ options: { randomize: 1 } })).toThrow(
      "randomize: expected true or false, got 1",
    );
    expect(() => env.reset({ seed: -1 })).toThrow("a whole number from 0 up");
  });
});

test.each([
  [{ lap_complete_percent: 0.5 }, 'no option "lap_complete_percent"; it takes continuous, domainRandomize'],
  [{ lapCompletePercent: 95 }, "lapCompletePercent: expected a number from 0 to 1, got 95"],
  [{ lapCompletePercent: "0.9" }, 'lapCompletePercent: expected a number from 0 to 1, got "0.9"'],
  [{ toString: 1 }, 'no option "toString"'],
  [{ continuous: "no" }, 'continuous: expected true or false, got "no"'],
  [{ physics: "planck" }, 'physics: expected "exact" or "box2d-wasm", got "planck"'],
  [{ renderMode: "human" }, 'renderMode: expected "rgb_array", "state_pixels" or null, got "human"'],
])("the options %j are refused", async (options, message) => {
  await expect(CarRacing.create(options as object)).rejects.toThrow(InvalidOption);
  await expect(CarRacing.create(options as object)).rejects.toThrow(message);
});

test("without observations the picture stays black and the physics is the same", async () => {
  const seen = await CarRacing.create();
  const unseen = await CarRacing.create(headless);
  const { observation } = seen.reset({ seed: 4 });
  const blank = unseen.reset({ seed: 4 }).observation;
  expect(observation).toHaveLength(96 * 96 * 3);
  expect(seen.observationSpace.contains(observation)).toBe(true);
  expect(observation.some((byte) => byte > 0)).toBe(true);
  expect(blank.every((byte) => byte === 0)).toBe(true);
  expect(drive(unseen, actions(1), 20)).toEqual(drive(seen, actions(1), 20));
});

test("observations are the caller's to keep", async () => {
  const env = await CarRacing.create();
  const { observation } = env.reset({ seed: 4 });
  const copy = observation.slice();
  const next = env.step([0, 1, 0]).observation;
  expect(next).not.toBe(observation);
  expect(observation).toEqual(copy);
});

test("render gives what the render mode says", async () => {
  const plain = await CarRacing.create();
  plain.reset({ seed: 1 });
  expect(plain.render()).toBeNull();
  const pixels = await CarRacing.create({ renderMode: "state_pixels" });
  const { observation } = pixels.reset({ seed: 1 });
  expect(pixels.render()).toEqual({ width: 96, height: 96, data: observation });
  const video = await CarRacing.create({ renderMode: "rgb_array", ...headless });
  video.reset({ seed: 1 });
  const frame = video.render();
  expect([frame?.width, frame?.height, frame?.data.length]).toEqual([600, 400, 720_000]);
  expect(frame?.data.some((byte) => byte > 0)).toBe(true);
});

test("a body state has the columns of the golden episodes", async () => {
  const env = await CarRacing.create(headless);
  env.reset({ seed: 1 });
  env.step([-0.3, 0.05, 0.25]);
  const state = env.bodyState();
  expect(state).toHaveLength(BODY_STATE_SIZE);
  expect(BODY_STATE_SIZE).toBe(58);
  // gas, brake, steer of the rear left wheel, steer of the front left one
  expect([...state.slice(6 + 26 + 10, 6 + 26 + 13)]).toEqual([Math.fround(0.05), 0.25, 0]);
  expect(state[6 + 12]).toBe(Math.fround(0.3));
});
