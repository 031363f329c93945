import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CarRacing } from "../../env/car-racing/car-racing.ts";
import { InvalidOption, ResetNeeded } from "../../env/errors.ts";
import { CarModel } from "../../policies/expert/car-model.ts";
import { ExpertPolicy } from "../../policies/expert/expert.ts";
import { racingLine } from "../../policies/expert/racing-line.ts";
import { refineLine } from "../../policies/expert/refine.ts";
import { Road, SimulatedLap } from "../../policies/expert/simulated-lap.ts";
import { TeacherPolicy } from "../../policies/expert/teacher.ts";
import { runEpisode } from "../../src/episodes/evaluate.ts";

let env: CarRacing;
beforeAll(async () => {
  env = await CarRacing.create({ observations: false });
});
afterAll(() => env.close());

/** Drives `steps` of an episode with an action for each step. */
function driveWith(steps: number, action: (step: number) => ArrayLike<number>): void {
  for (let step = 0; step < steps; step++) env.step(action(step));
}

describe("the racing line", () => {
  test("stays within its half width and is no faster than its pace", () => {
    env.reset({ seed: 30001 });
    const { track } = env;
    const line = racingLine(track, { halfWidth: 4, pace: 60 });
    expect(line.length).toBe(track.length / 4);
    let widest = 0;
    for (let i = 0; i < line.length; i++) {
      widest = Math.max(widest, Math.hypot(line.x[i] - track[4 * i + 2], line.y[i] - track[4 * i + 3]));
    }
    // Bends are cut to the full, and no farther.
    expect(widest).toBeGreaterThan(3.9);
    expect(widest).toBeLessThanOrEqual(4 + 1e-9);
    expect(Math.max(...line.speed)).toBe(60);
  });

  test("is a faster lap than the centre line, in the point mass model that it is made by", () => {
    env.reset({ seed: 30002 });
    const time = (halfWidth: number) => {
      const { length, step, speed } = racingLine(env.track, { halfWidth, pace: 100 });
      return speed.reduce((sum, v, i) => sum + (2 * step[i]) / (v + speed[(i + 1) % length]), 0);
    };
    expect(time(5.5)).toBeLessThan(0.95 * time(0));
  });
});

describe("the car model", () => {
  test.each([
    ["a start on full gas", 60, () => [0, 1, 0]],
    ["weaving", 100, (step: number) => [0.05 * Math.sin(step / 9), 0.4, 0]],
    ["braking in a bend", 70, (step: number) => (step < 60 ? [0, 0.6, 0] : [-0.1, 0, 0.1])],
  ])("does as the physics does: %s", (_, steps, action) => {
    env.reset({ seed: 30005 });
    const model = new CarModel();
    model.start(env.track);
    for (let step = 0; step < steps; step++) {
      env.step(action(step));
      for (let wheel = 0; wheel < 4; wheel++) model.onGrass[wheel] = env.bodyState()[15 + 13 * wheel] === 0;
      model.step(Float32Array.from(action(step)));
    }
    model.look();
    const [x, y, , vx, vy, turning] = env.bodyState();
    const { motion } = model;
    expect(motion.speed).toBeGreaterThan(10);
    expect(Math.abs(motion.speed - Math.hypot(vx, vy))).toBeLessThan(0.3);
    expect(Math.abs(motion.turning - turning)).toBeLessThan(0.05);
    expect(Math.hypot(motion.x - x, motion.y - y)).toBeLessThan(0.5);
  });

  test("laps in the time of the real lap, and refining makes both shorter", () => {
    env.reset({ seed: 30006 });
    const track = env.track.slice();
    const options = { halfWidth: 4, pace: 100 };
    const planned = (line: ReturnType<typeof racingLine>) => {
      const lap = new SimulatedLap(new Road(track), track);
      expect(lap.driveTo(line.length - 2, line)).toBe(true);
      return lap.steps;
    };
    const plain = planned(racingLine(track, options));
    const line = racingLine(track, options);
    refineLine(track, line, 7, 100);
    const refined = planned(line);
    expect(refined).toBeLessThan(plain - 5);
    const { steps } = runEpisode(env, new ExpertPolicy({ halfWidth: 4 }), 30006);
    expect(Math.abs(steps - refined)).toBeLessThanOrEqual(4);
  });
});

describe("the expert", () => {
  test.each([30010, 30011, 30012])("finishes the lap of seed %i with more than 920", (seed) => {
    const { reward, lap } = runEpisode(env, new ExpertPolicy(), seed);
    expect(lap).toBe(true);
    expect(reward).toBeGreaterThan(920);
  });

  test("keeps to a slower pace if given one", () => {
    const expert = new ExpertPolicy({ pace: 50 });
    env.reset({ seed: 30013 });
    expert.reset(env);
    let fastest = 0;
    for (let step = 0; step < 400; step++) {
      env.step(expert.act());
      const [, , , vx, vy] = env.bodyState();
      fastest = Math.max(fastest, Math.hypot(vx, vy));
    }
    expect(fastest).toBeGreaterThan(48);
    expect(fastest).toBeLessThan(52);
  });

  test.each([
    ["bad pace", { pace: 5 }],
    ["no pace at all", { pace: Number.NaN }],
    ["a line off the road", { halfWidth: 7 }],
  ])("%s is refused", (_, options) => {
    expect(() => new ExpertPolicy(options)).toThrow(InvalidOption);
  });

  test("needs an environment that shows its state, and a reset", () => {
    const blind = { unwrapped: {} } as unknown as CarRacing;
    expect(() => new ExpertPolicy().reset(blind)).toThrow(InvalidOption);
    expect(() => new ExpertPolicy().act()).toThrow(ResetNeeded);
  });
});

describe("the teacher", () => {
  test.each([30014, 30015])("finishes the lap of seed %i with more than 880", (seed) => {
    const { reward, lap } = runEpisode(env, new TeacherPolicy(), seed);
    expect(lap).toBe(true);
    expect(reward).toBeGreaterThan(880);
  });

  test("never locks the wheels, which would teach a learner to stop", () => {
    const teacher = new TeacherPolicy();
    env.reset({ seed: 30016 });
    teacher.reset(env);
    let hardest = 0;
    for (let step = 0; step < 400; step++) {
      const action = teacher.act();
      hardest = Math.max(hardest, action[2]);
      env.step(action);
    }
    expect(hardest).toBeGreaterThan(0.3);
    expect(hardest).toBeLessThan(0.9);
  });
});

describe.each([
  ["expert", (options = {}) => new ExpertPolicy(options)],
  ["teacher", (options = {}) => new TeacherPolicy(options)],
])("the %s as labeller", (_, make) => {
  test("changes nothing by answering", () => {
    const driver = make();
    const drive = (label: boolean) => {
      env.reset({ seed: 30020 });
      driver.reset(env);
      driveWith(120, (step) => {
        if (label) driver.label();
        return [Math.sin(step / 9), 0.5, 0];
      });
      return [...env.bodyState(), ...driver.act()];
    };
    expect(drive(true)).toEqual(drive(false));
  });

  test("gives the action that it would drive itself", () => {
    const driver = make();
    env.reset({ seed: 30021 });
    driver.reset(env);
    for (let step = 0; step < 60; step++) {
      const label = [...driver.label().action];
      const action = driver.act();
      expect([...action]).toEqual(label);
      env.step(action);
    }
  });

  test("measures the distance from the line", () => {
    const driver = make({ halfWidth: 0 });
    env.reset({ seed: 30022 });
    driver.reset(env);
    expect(driver.label().distance).toBeLessThan(3.1);
    // Straight on, the car leaves the road.
    driveWith(250, () => [0, 0.5, 0]);
    expect(driver.label().distance).toBeGreaterThan(10);
  });

  test.each([
    ["driven straight off the road", (): number[] => [0, 0.6, 0]],
    [
      "spun on full lock",
      (step: number): number[] => [step < 60 ? 0 : 1, step < 90 ? 1 : 0, step < 60 ? 0 : 0.5],
    ],
  ])("brings back a car %s", (_mistake, mistake) => {
    const driver = make();
    env.reset({ seed: 30023 });
    driver.reset(env);
    driveWith(150, mistake);
    let back = false;
    for (let step = 0; step < 400 && !back; step++) {
      const { action, distance } = driver.label();
      expect(env.actionSpace.contains(Float32Array.from(action))).toBe(true);
      env.step(action);
      const [, , , vx, vy] = env.bodyState();
      back = distance < 2 && Math.hypot(vx, vy) > 40;
    }
    expect(back).toBe(true);
  });
});
