// The teacher: laps, recovers, and answers without side effects; the noisy hand around it.
import { beforeAll, describe, expect, test } from "vitest";
import { type CarRacingEnv, make } from "../../env/index.ts";
import { TeacherPolicy } from "../../policies/expert/teacher.ts";
import { NoisyPolicy } from "../../policies/noisy.ts";
import { runEpisode } from "../../src/episodes/evaluate.ts";

let env: CarRacingEnv;
beforeAll(async () => {
  env = await make("CarRacing-v3", { observations: false });
});

describe("TeacherPolicy", () => {
  test.each([11, 12, 13])("laps seed %i", (seed) => {
    const { reward, lap } = runEpisode(env, new TeacherPolicy(), seed);
    expect(lap).toBe(true);
    expect(reward).toBeGreaterThan(900);
  });

  test("stays on the road with an unsteady hand, which the same seed moves the same way", () => {
    const drive = () => runEpisode(env, new NoisyPolicy(new TeacherPolicy(), { noise: 0.3 }), 14);
    const first = drive();
    expect(first.reward).toBeGreaterThan(700);
    expect(drive()).toEqual(first);
    const steady = runEpisode(env, new TeacherPolicy(), 14);
    expect(first.reward).not.toBe(steady.reward);
  });

  test("comes back from the grass", () => {
    const teacher = new TeacherPolicy();
    env.reset({ seed: 15 });
    teacher.reset(env);
    for (let step = 0; step < 60; step++) env.step([0.3, 0.6, 0]);
    expect(teacher.label().distance).toBeGreaterThan(6);
    for (let step = 0; step < 250; step++) env.step(teacher.act());
    expect(teacher.label().distance).toBeLessThan(4);
  });

  test("keeps a car from standing still", () => {
    const teacher = new TeacherPolicy();
    env.reset({ seed: 16 });
    teacher.reset(env);
    expect(teacher.label().action[1]).toBeGreaterThan(0);
  });

  test("asking changes neither the environment nor the next answer", () => {
    const teacher = new TeacherPolicy();
    env.reset({ seed: 17 });
    teacher.reset(env);
    for (let step = 0; step < 80; step++) env.step(teacher.act());
    const state = env.unwrapped.bodyState();
    const first = Float32Array.from(teacher.label().action);
    expect(Float32Array.from(teacher.label().action)).toEqual(first);
    expect(env.unwrapped.bodyState()).toEqual(state);
  });
});

describe("NoisyPolicy", () => {
  test("without noise drives as the policy it wraps", () => {
    const noisy = runEpisode(env, new NoisyPolicy(new TeacherPolicy(), { noise: 0 }), 18);
    expect(noisy).toEqual(runEpisode(env, new TeacherPolicy(), 18));
  });

  test("stays inside the box", () => {
    const policy = new NoisyPolicy(
      { name: "full", reset() {}, act: () => new Float32Array([1, 1, 1]) },
      { noise: 2 },
    );
    env.reset({ seed: 0 });
    policy.reset(env, 0);
    for (let step = 0; step < 500; step++) {
      const [steer, gas, brake] = policy.act(new Uint8Array());
      expect(Math.abs(steer)).toBeLessThanOrEqual(1);
      for (const pedal of [gas, brake]) {
        expect(pedal).toBeGreaterThanOrEqual(0);
        expect(pedal).toBeLessThanOrEqual(1);
      }
    }
  });
});
