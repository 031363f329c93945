/** Options of CarRacing that Gymnasium does not have. All are off by default: the golden tests run without them. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { CarRacing, type CarRacingOptions, type InfoExtras } from "../../env/car-racing/car-racing.ts";
import { EPISODE_AT, STATE_AT } from "../../env/car-racing/core/layout.ts";
import { MaxAndSkip } from "../../env/wrappers/max-and-skip.ts";
import { loadCommitted } from "../golden.ts";

const headless = { observations: false } as const;

async function replayed(name: string, options: CarRacingOptions): Promise<CarRacing> {
  const golden = loadCommitted(name);
  const env = await CarRacing.create({ ...golden.kwargs, ...options });
  env.reset({ seed: golden.seed });
  return env;
}

test("frameSkip repeats an action, adds the rewards up and draws the last step", async () => {
  const every = await CarRacing.create();
  const fourth = await CarRacing.create({ frameSkip: 4 });
  every.reset({ seed: 3 });
  fourth.reset({ seed: 3 });
  for (let k = 0; k < 10; k++) {
    const action = [Math.sin(k) / 2, 0.6, 0];
    const steps = [0, 1, 2, 3].map(() => every.step(action));
    const skipped = fourth.step(action);
    expect(skipped.reward).toBe(steps.reduce((sum, { reward }) => sum + reward, 0));
    expect(skipped.observation).toEqual(steps[3].observation);
    expect(fourth.bodyState()).toEqual(every.bodyState());
  }
});

test("frameSkip stops where the episode ends, and draws that step", async () => {
  const golden = loadCommitted("offroad-5");
  const env = await replayed("offroad-5", { frameSkip: 5 });
  const once = await replayed("offroad-5", {});
  let last = env.step(golden.action(0));
  while (!last.terminated) last = env.step(golden.action(0));
  let end = once.step(golden.action(0));
  while (!end.terminated) end = once.step(golden.action(0));
  expect(golden.steps % 5).not.toBe(0);
  expect(last.info).toEqual({ lapFinished: false });
  expect(last.observation).toEqual(end.observation);
  expect(env.bodyState()).toEqual(once.bodyState());
});

test("drawObservations off gives the last picture again until the episode ends", async () => {
  const golden = loadCommitted("offroad-5");
  const env = await replayed("offroad-5", {});
  const { observation } = env.step(golden.action(0));
  env.drawObservations = false;
  for (let k = 1; k < golden.steps - 1; k++) expect(env.step(golden.action(k)).observation).toBe(observation);
  const last = env.step(golden.action(golden.steps - 1));
  expect(last.terminated).toBe(true);
  expect(last.observation).not.toEqual(observation);
});

/** Drives on along the centre line, without regard to speed limits, from a snapshot that lacks a few tiles. */
async function finishWithGaps(options: CarRacingOptions): Promise<boolean> {
  const golden = loadCommitted("driver-late-10");
  const env = await replayed("driver-late-10", { ...headless, ...options });
  for (let k = 0; k < golden.steps - 60; k++) env.step(golden.action(k));
  // Simulates a cut corner: tiles far behind the car count as not visited.
  const state = env.snapshot();
  const view = new DataView(state.core.buffer);
  const episode = EPISODE_AT - STATE_AT;
  const visited = view.getInt32(episode + 80, true) - STATE_AT;
  for (let tile = 50; tile < 53; tile++) view.setUint8(visited + tile, 0);
  view.setInt32(episode + 36, env.tileVisitedCount - 3, true);
  env.restore(state);
  let finished = false;
  for (let k = golden.steps - 60; k < golden.steps; k++) {
    finished ||= env.step(golden.action(k)).info.lapFinished === true;
  }
  // Straight on, over the start line.
  for (let k = 0; k < 30; k++) finished ||= env.step([0, 0.1, 0]).info.lapFinished === true;
  return finished;
}

test("a car that missed tiles finishes its lap only with completionFix", async () => {
  expect(await finishWithGaps({})).toBe(false);
  expect(await finishWithGaps({ completionFix: true })).toBe(true);
});

test("randomStart begins at a tile drawn from the generator, the same for the same seed", async () => {
  const env = await CarRacing.create({ ...headless, randomStart: true, infoExtras: true });
  const starts = [1, 2, 3, 1].map((seed) => {
    const { info } = env.reset({ seed });
    const [x, y] = env.bodyState();
    const points = env.track;
    const start = [...Array(points.length / 4).keys()].find(
      (i) => Math.hypot(points[4 * i + 2] - x, points[4 * i + 3] - y) < 1,
    );
    expect(start).toBeDefined();
    expect((info as unknown as InfoExtras).progress).toBe(0);
    return start;
  });
  expect(new Set(starts).size).toBe(3);
  expect(starts[3]).toBe(starts[0]);
});

test("direction turns the car round, and random draws either way", async () => {
  const headings = async (direction: CarRacingOptions["direction"]) => {
    const env = await CarRacing.create({ ...headless, direction });
    return [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      env.reset({ seed });
      return Math.round((env.bodyState()[2] - env.track[1]) / Math.PI);
    });
  };
  expect(await headings("forward")).toEqual(Array(8).fill(0));
  expect(await headings("backward")).toEqual(Array(8).fill(1));
  expect(new Set(await headings("random"))).toEqual(new Set([0, 1]));
});

test("infoExtras tells speed, grass, progress and the lap", async () => {
  const golden = loadCommitted("driver-8");
  const env = await replayed("driver-8", { ...headless, infoExtras: true });
  let last = 0;
  for (let k = 0; k < golden.steps; k++) {
    const { info, terminated } = env.step(golden.action(k));
    const extras = info as unknown as InfoExtras;
    const [, , , vx, vy] = golden.state.subarray(58 * (k + 1), 58 * (k + 1) + 5);
    expect(extras.speed).toBeCloseTo(Math.hypot(vx, vy), 9);
    expect(extras.wheelsOnGrass).toEqual(
      [0, 1, 2, 3].map((w) => golden.state[58 * (k + 1) + 6 + 13 * w + 9] === 0),
    );
    expect(extras.tilesVisited).toBe(golden.tiles[k + 1]);
    expect(extras.lapFinished).toBe(terminated);
    if (k > 20 && !terminated && extras.progress > 0.02) expect(extras.progress).toBeGreaterThanOrEqual(last);
    last = extras.progress > 0.98 ? 0 : extras.progress;
  }
  expect(env.visited.reduce((sum, v) => sum + v, 0)).toBe(golden.tiles[golden.steps]);
});

test.each([
  [{ frameSkip: 0 }, "frameSkip: expected a whole number from 1 to 1000, got 0"],
  [{ direction: "left" }, 'direction: expected "forward", "backward", "random", got "left"'],
  [{ completionFix: 1 }, "completionFix: expected true or false, got 1"],
])("the options %j are refused", async (options, message) => {
  await expect(CarRacing.create(options as object)).rejects.toThrow(message);
});

test("reuseObservations draws every picture into the same array", async () => {
  const own = await CarRacing.create();
  const reused = await CarRacing.create({ reuseObservations: true });
  const first = own.reset({ seed: 5 }).observation;
  const { observation } = reused.reset({ seed: 5 });
  expect(observation).toEqual(first);
  const next = own.step([0, 1, 0]).observation;
  expect(reused.step([0, 1, 0]).observation).toBe(observation);
  expect(observation).toEqual(next);
  expect(observation).not.toEqual(first);
});

test("reuseObservations: every step returns the same record, without changes that a wrapper made to it", async () => {
  const env = await CarRacing.create({ reuseObservations: true, observations: false });
  env.reset({ seed: 5 });
  const first = env.step([0, 1, 0]);
  first.truncated = true;
  const next = env.step([0, 1, 0]);
  expect(next).toBe(first);
  expect(next).toMatchObject({ truncated: false, terminated: false, info: {} });
});

test("reuseObservations: steps put less than a kilobyte on the heap, numbers that the engine boxes", async () => {
  const env = await CarRacing.create({ reuseObservations: true });
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const action = [0.1, 0.3, 0];
  const grown: number[] = [];
  // The first rounds compile; a collection in the middle of one makes it negative.
  for (let round = 0; round < 12; round++) {
    env.reset({ seed: 5 });
    for (let k = 0; k < 100; k++) env.step(action);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let k = 0; k < 200; k++) env.step(action);
    grown.push((process.memoryUsage().heapUsed - before) / 200);
  }
  expect(Math.min(...grown.filter((bytes) => bytes > 0))).toBeLessThan(1000);
});

test("MaxAndSkip takes the same maximum where the environment reuses its observations", async () => {
  const own = new MaxAndSkip(await CarRacing.create(), 2);
  const reused = new MaxAndSkip(await CarRacing.create({ reuseObservations: true }), 2);
  own.reset({ seed: 5 });
  reused.reset({ seed: 5 });
  const action = [0.3, 1, 0];
  const { observation } = own.step(action);
  expect(reused.step(action).observation).toEqual(observation);
});

test("renderMap shows every tile, kerbs, field and the car where they are", async () => {
  const env = await CarRacing.create(headless);
  env.reset({ seed: 8 });
  const { width, height, data } = env.renderMap({ width: 500, height: 300 });
  expect([width, height, data.length]).toEqual([500, 300, 450_000]);
  const colors = new Map<string, { count: number; x: number; y: number }>();
  for (let i = 0; i < data.length; i += 3) {
    const key = [...data.subarray(i, i + 3)].join(" ");
    const seen = colors.get(key) ?? { count: 0, x: 0, y: 0 };
    colors.set(key, {
      count: seen.count + 1,
      x: seen.x + ((i / 3) % width),
      y: seen.y + Math.floor(i / 3 / width),
    });
  }
  const area = (key: string) => colors.get(key)?.count ?? 0;
  const road = area("102 102 102") + area("104 104 104") + area("107 107 107");
  // A pixel's side in world units, from the road's area: length of the track (3.5 a tile) times its width.
  const { points, quads } = { points: env.track, quads: env.scene.quads };
  const xs = Array.from(quads).filter((_, i) => i % 2 === 0);
  const ys = Array.from(quads).filter((_, i) => i % 2 === 1);
  const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const zoom = Math.min(500 / (right - left + 40), 300 / (top - bottom + 40));
  const length = (points.length / 4) * 3.5;
  expect(road / (length * (80 / 6) * zoom ** 2)).toBeCloseTo(1, 1);
  expect(area("255 0 0")).toBeGreaterThan(0);
  expect(area("255 255 255")).toBeGreaterThan(0);
  expect(area("102 204 102") / area("102 230 102")).toBeGreaterThan(2);
  const car = colors.get("204 0 0")!;
  const [x, y] = env.bodyState();
  expect(Math.abs(car.x / car.count - (250 + (x - (left + right) / 2) * zoom))).toBeLessThan(3);
  expect(Math.abs(car.y / car.count - (150 - (y - (bottom + top) / 2) * zoom))).toBeLessThan(3);
  expect(() => env.renderMap({ width: 0 })).toThrow("expected width to be a whole number from 1 up, got 0");
});

test("verbose prints what Gymnasium prints, retries included", async () => {
  // gymnasium.make("CarRacing-v3", verbose=True) of Gymnasium 1.4.0 on seeds 7 and 36.
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line) => void lines.push(line));
  try {
    for (const verbose of [true, false]) {
      const env = await CarRacing.create({ ...headless, verbose });
      env.reset({ seed: 7 });
      env.reset({ seed: 36 });
      env.close();
    }
  } finally {
    log.mockRestore();
  }
  expect(lines).toEqual([
    "Track generation: 1267..1587 -> 320-tiles track",
    "Track generation: 1169..1469 -> 300-tiles track",
    "retry to generate track (normal if there are not manyinstances of this message)",
    "Track generation: 1131..1422 -> 291-tiles track",
  ]);
});
