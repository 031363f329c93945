/** Tests of an episode in which one can go back: every step shown again equals the one driven, to the last bit. */
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { type Driver, hashObservation } from "../../recordings/episode.ts";
import { makeRecordedEnv, verify } from "../../recordings/player.ts";
import { Timeline } from "../../src/web/page/run/timeline.ts";
import { WORLDS } from "../../src/web/page/run/worlds.ts";

const DRIVER: Driver = { kind: "policy", name: "sine" };
const STEPS = 170;
let run: Timeline;
const action = new Float32Array(3);

function drive(steps: number, gain = 1, corrected = false): void {
  for (let i = 0; i < steps; i++) {
    action.set([gain * Math.sin(run.steps / 15), run.steps < 90 ? 0.6 : 0, run.steps > 120 ? 0.3 : 0]);
    run.advance(action, corrected);
  }
}

/** Everything that a moment of the timeline shows. */
function look() {
  const { steps, reward, seconds, ending, observation } = run;
  const last = new Float32Array(3);
  run.lastAction(last);
  return {
    steps,
    reward,
    seconds,
    ending,
    last,
    frame: hashObservation(observation),
    state: run.car.bodyState(),
  };
}

beforeEach(async () => {
  run = await Timeline.create(WORLDS.scored);
  run.begin(5);
});

test("any step is reached again as it was, in any order", () => {
  const moments = [look()];
  for (let i = 0; i < STEPS; i++) {
    drive(1);
    moments.push(look());
  }
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: STEPS }), { minLength: 1, maxLength: 6 }), (steps) => {
      for (const step of steps) {
        run.seek(step);
        expect(look()).toEqual(moments[step]);
      }
    }),
    { numRuns: 15 },
  );
  run.seek(1e9);
  expect(run.steps).toBe(STEPS);
  expect(run.mismatch).toBe(null);
});

test("its recording replays in Node, corrections included", async () => {
  drive(60);
  drive(7, -1, true);
  drive(40);
  drive(3, -1, true);
  const episode = run.episode(DRIVER);
  expect(episode).toMatchObject({ seed: 5, end: "interrupted", driver: DRIVER });
  expect(episode.corrections).toEqual([
    [60, 67],
    [107, 110],
  ]);
  const env = await makeRecordedEnv(episode);
  verify(episode, env);
  env.close();
  run.seek(62);
  expect(run.wasCorrected).toBe(true);
  run.seek(70);
  expect(run.wasCorrected).toBe(false);
});

test("an episode of ten minutes holds a bounded number of snapshots, and every step of it is reached again", async () => {
  const long = await Timeline.create(WORLDS.free, false);
  long.begin(5);
  const states = new Map<number, Float32Array>();
  const idle = Float32Array.of(0.1, 0.02, 0);
  let most = 0;
  while (long.ending === null) {
    long.advance(idle);
    most = Math.max(most, long.snapshots);
    if (long.steps % 1777 === 0) states.set(long.steps, long.car.bodyState());
  }
  expect(long.steps).toBe(30_000);
  expect(most).toBe(64);
  for (const step of [...states.keys()].reverse()) {
    long.seek(step);
    expect(long.car.bodyState()).toEqual(states.get(step));
  }
  expect(long.snapshots).toBeLessThanOrEqual(64);
  long.close();
});

test("driving on from an earlier step drops the later steps, and keeps the earlier ones", async () => {
  drive(STEPS);
  const before = run.episode(DRIVER);
  run.seek(80);
  drive(30, 0.2);
  const episode = run.episode(DRIVER);
  expect(run.length).toBe(110);
  expect(episode.rewards.slice(0, 80)).toEqual(before.rewards.slice(0, 80));
  expect(episode.actions.slice(0, 240)).toEqual(before.actions.slice(0, 240));
  expect(episode.actions.slice(240)).not.toEqual(before.actions.slice(240, 330));
  const env = await makeRecordedEnv(episode);
  verify(episode, env);
  env.close();
});

test("a recording plays and seeks, and one that does not replay is noticed", () => {
  drive(STEPS);
  const { frame, reward } = look();
  const episode = run.episode(DRIVER);
  run.load(episode);
  expect(run).toMatchObject({ steps: 0, length: STEPS, reward: 0 });
  run.seek(130);
  run.seek(60);
  while (run.replay());
  expect(look()).toMatchObject({ steps: STEPS, reward, frame, ending: null });
  expect(run.mismatch).toBe(null);

  const rewards = episode.rewards.slice();
  rewards[100] += 1e-9;
  run.load({ ...episode, rewards });
  run.seek(99);
  expect(run.mismatch).toBe(null);
  run.seek(STEPS);
  expect(run.mismatch).toBe(100);
});

test("the step limit and the edge of the playfield end it, and only at its end is it ended", async () => {
  const action = Float32Array.of(0, 0, 0);
  for (let i = 0; i < 1000; i++) run.advance(action);
  expect(run.ending).toBe("time");
  expect(run.episode(DRIVER).end).toBe("truncated");
  run.seek(999);
  expect(run.ending).toBe(null);
  run.replay();
  expect(run.ending).toBe("time");

  run.begin(6);
  while (!run.ending) run.advance(Float32Array.of(0, 1, 0));
  expect(run.ending).toBe("out of bounds");
  expect(run.episode(DRIVER).rewards.at(-1)).toBe(-100);
});

test("a world that this page cannot drive in is refused", async () => {
  const { environment, options } = WORLDS.scored;
  const discrete = { environment: { ...environment, kwargs: { continuous: false } }, options };
  await expect(Timeline.create(discrete)).rejects.toThrow(
    "environment: expected CarRacing-v3 with steer, gas and brake, got CarRacing-v3 with discrete actions",
  );
});
