import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Env } from "../../env/api.ts";
import {
  ActionRepeat,
  Autoreset,
  Box,
  type CarRacing,
  ClipAction,
  ClosedEnvironment,
  checkEnv,
  FrameStack,
  GrayscaleObservation,
  InvalidAction,
  InvalidOption,
  MaxAndSkip,
  make,
  OrderEnforcing,
  RecordEpisodeStatistics,
  RescaleAction,
  ResetNeeded,
  ResizeObservation,
  StickyAction,
  TimeAware,
  TimeLimit,
} from "../../env/index.ts";
import { loadCommitted } from "../golden.ts";
import { CountingEnv } from "./counting-env.ts";

/** An environment whose every observation is one picture of Gymnasium's. */
function pictureEnv(): Env<Uint8Array, number> {
  const picture = loadCommitted("sine-0").frames.get(150) as Uint8Array;
  const env = new CountingEnv(10) as unknown as Env<Uint8Array, number>;
  return {
    ...env,
    actionSpace: env.actionSpace,
    unwrapped: env,
    observationSpace: new Box({ low: 0, high: 255, shape: [96, 96, 3], dtype: "uint8" }),
    reset: () => ({ observation: picture, info: {} }),
    step: () => ({ observation: picture, reward: 0, terminated: false, truncated: false, info: {} }),
    render: () => null,
    close: () => {},
  };
}

/** Passes actions of a Box to an environment that notes them. */
function continuousEnv(): { env: Env<Float64Array, ArrayLike<number>>; taken: number[][] } {
  const taken: number[][] = [];
  const inner = new CountingEnv(100);
  const actionSpace = new Box({ low: [-1, 0], high: [1, 10], dtype: "float32" });
  const env = {
    ...inner,
    actionSpace,
    unwrapped: inner,
    reset: inner.reset.bind(inner),
    step(action: ArrayLike<number>) {
      taken.push(Array.from(action));
      return inner.step(0);
    },
    render: () => null,
    close: () => {},
  };
  return { env: env as unknown as Env<Float64Array, ArrayLike<number>>, taken };
}

test("OrderEnforcing refuses step and render before reset", () => {
  const env = new OrderEnforcing(new CountingEnv(3));
  expect(() => env.step(0)).toThrow(ResetNeeded);
  expect(() => env.render()).toThrow(ResetNeeded);
  expect(new OrderEnforcing(new CountingEnv(3), { disableRenderOrderEnforcing: true }).render()).toBeNull();
  env.reset();
  expect(env.step(1).reward).toBe(1);
});

test("TimeLimit counts from each reset", () => {
  const env = new TimeLimit(new CountingEnv(10), 2);
  for (let episode = 0; episode < 2; episode++) {
    env.reset();
    expect([env.step(0).truncated, env.step(0).truncated]).toEqual([false, true]);
    expect(env.elapsedSteps).toBe(2);
  }
});

test("RecordEpisodeStatistics sums each episode and keeps the last ones", () => {
  const env = new RecordEpisodeStatistics(new CountingEnv(3), { bufferLength: 2 });
  for (const action of [1, 2, 3]) {
    env.reset();
    expect(env.step(action).info).toEqual({});
    env.step(action);
    expect(env.step(action).info).toEqual({ episode: { r: 3 * action, l: 3 } });
  }
  expect(env.returnQueue).toEqual([6, 9]);
  expect(env.lengthQueue).toEqual([3, 3]);
});

describe("FrameStack", () => {
  const counts = (stack: ArrayLike<number>) => Array.from(stack).filter((_, i) => i % 2 === 0);

  test("holds the last observations, oldest first, and begins with the reset's", () => {
    const env = new FrameStack(new CountingEnv(10), 3);
    expect(env.observationSpace.shape).toEqual([3, 2]);
    const { observation } = env.reset({ seed: 1 });
    expect(env.observationSpace.contains(observation)).toBe(true);
    expect(observation[1]).toBe(observation[5]);
    expect(counts(env.step(0).observation)).toEqual([0, 0, 1]);
    expect(counts(env.step(0).observation)).toEqual([0, 1, 2]);
    expect(counts(env.step(0).observation)).toEqual([1, 2, 3]);
    expect(counts(env.reset().observation)).toEqual([0, 0, 0]);
  });

  test("can begin with zeros", () => {
    const env = new FrameStack(new CountingEnv(10), 2, { paddingType: "zero" });
    const { observation } = env.reset({ seed: 1 });
    expect([...observation.slice(0, 2)]).toEqual([0, 0]);
    expect(observation[3]).toBeGreaterThan(0);
  });
});

test("MaxAndSkip repeats, sums, and takes the larger of the last two observations", () => {
  const env = new MaxAndSkip(new CountingEnv(6), 4);
  env.reset();
  const first = env.step(2);
  expect([first.reward, first.observation[0], first.terminated]).toEqual([8, 4, false]);
  const second = env.step(2);
  // It ends two steps into the skip: the larger of the observations 3 and 4 that the buffer still holds, as Gymnasium's.
  expect([second.reward, second.observation[0], second.terminated]).toEqual([4, 4, true]);
});

test("ActionRepeat adds rewards up and stops at the end", () => {
  const env = new ActionRepeat(new CountingEnv(5), 3);
  env.reset();
  expect(env.step(1).reward).toBe(3);
  const end = env.step(1);
  expect([end.reward, end.terminated]).toEqual([2, true]);
});

test("ActionRepeat of CarRacing draws only the last repeat, or the one at which the time limit ends the episode", async () => {
  const plain = await make("CarRacing-v3", { maxEpisodeSteps: 10 });
  const repeated = await make("CarRacing-v3", { maxEpisodeSteps: 10 });
  const draws = countDraws(repeated.unwrapped);
  const env = new ActionRepeat(repeated, 4);
  plain.reset({ seed: 2 });
  env.reset({ seed: 2 });
  for (const count of [4, 4, 2]) {
    let last = plain.step([0.2, 0.7, 0]);
    for (let k = 1; k < count; k++) last = plain.step([0.2, 0.7, 0]);
    const result = env.step([0.2, 0.7, 0]);
    expect(result.observation).toEqual(last.observation);
    expect(result.truncated).toBe(count === 2);
  }
  expect(draws()).toBe(3);
  expect(repeated.unwrapped.drawObservations).toBe(true);
});

/** Counts the pictures that steps of the environment draw. */
function countDraws(env: CarRacing): () => number {
  const step = env.step.bind(env);
  let draws = 0;
  let last: Uint8Array | undefined;
  env.step = (action) => {
    const result = step(action);
    if (last && result.observation !== last) draws++;
    else if (!last && env.drawObservations) draws++;
    last = result.observation;
    return result;
  };
  return () => draws;
}

test("GrayscaleObservation gives Gymnasium's bytes", () => {
  const env = new GrayscaleObservation(pictureEnv());
  const sha256 = createHash("sha256").update(env.reset().observation).digest("hex");
  expect(sha256).toBe("2fb139eb3378c82a93d679578a9d8efd7d682b2a1797b588c62d9639d452e626");
  expect(env.step(0).observation).toEqual(env.reset().observation);
  expect(env.observationSpace.shape).toEqual([96, 96]);
  expect(new GrayscaleObservation(pictureEnv(), { keepDim: true }).observationSpace.shape).toEqual([
    96, 96, 1,
  ]);
});

/** sha256 of the same picture after `cv2.resize(…, interpolation=cv2.INTER_AREA)`. */
test.each([
  [96, 96, "c8d1d4d3a6088d35a8d9b99bde45a146593a3562b48cbdbaeaadb1ccf8941c2f"],
  [48, 48, "003d4393046671b2968c4545c201b7b1203365e9d9ee51c9661c22410f830b23"],
  [24, 24, "9eb4f8b922ef62a85c05f07d5561e15926e3748a2ce157e52054f5300e0b2d7f"],
  [32, 64, "a0a0353e0db57001206b2d85696010591d2114990a622328a62755075a9ee5fd"],
  [64, 64, "e1d7c179f27a17b177f782c518b189267512d9ad25f35417bcaf68eba06e70d2"],
  [83, 83, "7ceacd68290ed76205497d3a3f0c77eba7c4546488a42613d725a19b79200c85"],
  [84, 84, "b58b1e01ea4e0d93003f041115374c7f8b5138eac07df04463de6ead747d7d13"],
  [192, 192, "6e184be3331d470a4f3d3b22a15536f8639f8e312a2958c01a665dc63630d009"],
  [97, 128, "5dddadbc45333f92e07c49696267c8f1d55aa617c2a4894db7d3fae6e6c2fea8"],
  [48, 200, "5d60ecfe4de62aae2e55e32966fe39d4fa39611d2eeb7088b143b094162a1a3b"],
  [224, 60, "5d9397649eced1f0fbf4b086fc86ebcb230df3773f47ce9f7e34e2042093eeb0"],
])("ResizeObservation to %i×%i gives OpenCV's bytes", (height, width, expected) => {
  const env = new ResizeObservation(pictureEnv(), [height, width]);
  expect(createHash("sha256").update(env.reset().observation).digest("hex")).toBe(expected);
  expect(env.observationSpace.shape).toEqual([height, width, 3]);
});

test("RescaleAction stretches actions to the bounds inside", () => {
  const { env, taken } = continuousEnv();
  const rescaled = new RescaleAction(env, 0, 1);
  expect(String(rescaled.actionSpace)).toBe("Box(0.0, 1.0, (2,), float32)");
  rescaled.reset();
  for (const action of [
    [0, 0],
    [1, 1],
    [0.5, 0.25],
  ])
    rescaled.step(action);
  expect(taken).toEqual([
    [-1, 0],
    [1, 10],
    [0, 2.5],
  ]);
  expect(() => rescaled.step([1])).toThrow(InvalidAction);
});

test("RescaleAction computes in float32, as Gymnasium's does", () => {
  const { env, taken } = continuousEnv();
  const rescaled = new RescaleAction(env, -0.3, 0.7);
  rescaled.reset();
  const actions = [
    [0.1, 0.2],
    [-0.3, 0.7],
    [0.55, -0.15],
    [0.123, 0.456],
  ];
  for (const action of actions) rescaled.step(action);
  // The float32 actions that gymnasium.wrappers.RescaleAction computes from these.
  expect(taken).toEqual([
    [-0.20000000298023224, 5],
    [-1, 10],
    [0.7000000476837158, 1.5],
    [-0.15399999916553497, 7.560000419616699],
  ]);
});

test("ClipAction leaves actions inside the bounds unchanged", () => {
  const { env, taken } = continuousEnv();
  new ClipAction(env).step([0.1, 1 / 3]);
  expect(taken).toEqual([[0.1, 1 / 3]]);
});

test("ClipAction brings any action inside the bounds", () => {
  const { env, taken } = continuousEnv();
  const clipped = new ClipAction(env);
  expect(clipped.actionSpace.contains([1e9, -1e9])).toBe(true);
  clipped.reset();
  fc.assert(
    fc.property(fc.tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true })), (action) => {
      clipped.step(action);
      expect(env.actionSpace.contains(taken.at(-1))).toBe(true);
    }),
  );
  expect(() => clipped.step([Number.NaN, 0])).toThrow(InvalidAction);
});

test("TimeAware adds the step, or its share of the limit", () => {
  const env = new TimeAware(limited(4), { flatten: false });
  expect([...env.reset().observation.time]).toEqual([0]);
  const { observation } = env.step(0);
  expect([...observation.time]).toEqual([1]);
  expect(env.observationSpace.contains(observation)).toBe(true);
  const share = new TimeAware(limited(4), { flatten: false, normalizeTime: true });
  share.reset();
  expect([...share.step(0).observation.time]).toEqual([0.25]);
});

test("TimeAware makes one flat array of both by default", () => {
  const env = new TimeAware(limited(4));
  env.reset();
  const { observation } = env.step(0);
  expect([...observation].at(-1)).toBe(1);
  expect(env.observationSpace.contains(observation)).toBe(true);
  const pictures = new TimeAware(Object.assign(pictureEnv(), { spec: limited(4).spec }));
  const first = pictures.reset().observation;
  // Bytes and int32 together are int32 in numpy.
  expect(first).toBeInstanceOf(Int32Array);
  expect(first).toHaveLength(96 * 96 * 3 + 1);
});

/** A CountingEnv of 10 steps with a spec, under a limit. */
function limited(steps: number): TimeLimit<Float64Array, number> {
  const env = Object.assign(new CountingEnv(10), {
    spec: { id: "Counting-v0", kwargs: {}, maxEpisodeSteps: null, rewardThreshold: null },
  });
  return new TimeLimit(env, steps);
}

describe("StickyAction", () => {
  function taken(probability: number, seed: number): number[] {
    const inner = new CountingEnv(1e6);
    const env = new StickyAction(inner, probability);
    env.reset({ seed });
    for (let k = 0; k < 400; k++) env.step(k);
    return [...inner.actions];
  }

  test("repeats about as often as it should, the same for the same seed", () => {
    const actions = taken(0.25, 1);
    const repeated = actions.filter((action, k) => action !== k).length;
    expect(repeated).toBeGreaterThan(60);
    expect(repeated).toBeLessThan(140);
    actions.forEach((action, k) => {
      if (action !== k) expect(action).toBe(actions[k - 1]);
    });
    expect(taken(0.25, 1)).toEqual(actions);
    expect(taken(0.25, 2)).not.toEqual(actions);
  });

  test("with probability 0 passes every action", () => {
    expect(taken(0, 1)).toEqual(Array.from({ length: 400 }, (_, k) => k));
  });
});

test("Autoreset resets in the step after the end", () => {
  const inner = new CountingEnv(2);
  const env = new Autoreset(inner);
  env.reset();
  expect(env.step(3).terminated).toBe(false);
  expect(env.step(3).terminated).toBe(true);
  const next = env.step(3);
  expect([next.reward, next.terminated, next.observation[0], inner.resets]).toEqual([0, false, 0, 2]);
  expect(env.step(3).observation[0]).toBe(1);
});

test.each([
  ["FrameStack", () => new FrameStack(new CountingEnv(1), 0)],
  ["MaxAndSkip", () => new MaxAndSkip(new CountingEnv(1), 1)],
  ["ActionRepeat", () => new ActionRepeat(new CountingEnv(1), 0)],
  ["GrayscaleObservation", () => new GrayscaleObservation(new CountingEnv(1) as never)],
  ["ResizeObservation", () => new ResizeObservation(pictureEnv(), [97, 0.5])],
  ["RescaleAction", () => new RescaleAction(continuousEnv().env, 1, 1)],
  ["ClipAction", () => new ClipAction(new CountingEnv(1) as never)],
  ["TimeAware", () => new TimeAware(new CountingEnv(1))],
  ["StickyAction", () => new StickyAction(new CountingEnv(1), 1)],
  ["StickyAction", () => new StickyAction(new CountingEnv(1), 0.5, { repeatActionDuration: [3, 2] })],
])("%s says what it expected", (name, make) => {
  expect(make).toThrow(InvalidOption);
  expect(make).toThrow(`${name}: expected`);
});

type Car = Env<Uint8Array, ArrayLike<number>>;
test.each<[string, (env: Car) => Env<unknown, ArrayLike<number>>]>([
  ["ClipAction", (env) => new ClipAction(env)],
  ["RescaleAction", (env) => new RescaleAction(env, -1, 1)],
  ["StickyAction", (env) => new StickyAction(env, 0.5)],
  ["ActionRepeat", (env) => new ActionRepeat(env, 3)],
  ["MaxAndSkip", (env) => new MaxAndSkip(env, 3)],
  ["FrameStack", (env) => new FrameStack(env, 3)],
  ["TimeAware", (env) => new TimeAware(env)],
  ["RecordEpisodeStatistics", (env) => new RecordEpisodeStatistics(env)],
  ["Autoreset", (env) => new Autoreset(env)],
])("%s lets a wrong action be refused, and the episode goes on", async (_, wrap) => {
  const env = wrap((await make("CarRacing-v3", { observations: false })) as Car);
  expect(() => env.step([0, 0, 0])).toThrow(ResetNeeded);
  env.reset({ seed: 1 });
  for (const wrong of [null, undefined, "abc", 3, {}, [0, 0], [0, Number.NaN, 0], ["a", 0, 0]]) {
    expect(() => env.step(wrong as never)).toThrow(InvalidAction);
  }
  expect(env.step([0, 1, 0]).reward).toBeGreaterThan(0);
  env.close();
  expect(() => env.step([0, 1, 0])).toThrow(ClosedEnvironment);
});

test("any stack of wrappers keeps the contract", () => {
  type Counting = Env<Float64Array, number>;
  const wrappers: ((env: Counting) => Counting)[] = [
    (env) => new OrderEnforcing(env),
    (env) => new TimeLimit(env, 7),
    (env) => new RecordEpisodeStatistics(env),
    (env) => new FrameStack(env, 3),
    (env) => new MaxAndSkip(env, 2),
    (env) => new ActionRepeat(env, 3),
    (env) => new StickyAction(env, 0.3),
    (env) => new Autoreset(env),
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...wrappers), { maxLength: 5 }), (stack) => {
      const inner = new CountingEnv(12);
      const env = stack.reduce((wrapped: Counting, wrap) => wrap(wrapped), inner);
      checkEnv(env);
      expect(env.unwrapped).toBe(inner);
      env.close();
      expect(inner.closes).toBe(1);
    }),
  );
});
