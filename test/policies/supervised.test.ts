/** Tests when a supervised learner drives and when its teacher does. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CarRacingEnv, make } from "../../env/index.ts";
import { SupervisedPolicy } from "../../policies/expert/supervised.ts";
import { TeacherPolicy } from "../../policies/expert/teacher.ts";
import type { Policy } from "../../policies/policy.ts";
import { runEpisode } from "../../src/episodes/evaluate.ts";

let env: CarRacingEnv;
beforeAll(async () => {
  env = await make("CarRacing-v3", { observations: false });
});
afterAll(() => env.close());

/** A learner that always does the same. */
const stubborn = (...action: number[]): Policy => ({
  name: "stubborn",
  observes: false,
  reset() {},
  act: () => Float32Array.from(action),
});

test.each([
  ["stands", [0, 0, 1], 10],
  ["drives straight off the road", [0, 0.3, 0], 100],
])("brings back a learner that %s", (_, action, gain) => {
  const alone = runEpisode(env, stubborn(...action), 21);
  const supervised = runEpisode(env, new SupervisedPolicy(stubborn(...action), new TeacherPolicy()), 21);
  expect(alone.reward).toBeLessThan(150);
  expect(supervised.reward).toBeGreaterThan(alone.reward + gain);
});

test("leaves a learner alone that finds its way", () => {
  const learner = new TeacherPolicy({ pace: 70 });
  const supervised = new SupervisedPolicy(learner, new TeacherPolicy());
  expect(runEpisode(env, supervised, 22)).toEqual(runEpisode(env, learner, 22));
});

test("the teacher drives its share of the turns", () => {
  const drive = (teacherShare: number) =>
    runEpisode(env, new SupervisedPolicy(stubborn(0, 0.3, 0), new TeacherPolicy(), { teacherShare }), 23);
  expect(drive(1)).toEqual(runEpisode(env, new TeacherPolicy(), 23));
  expect(drive(0.5).reward).toBeGreaterThan(drive(0).reward);
  expect(drive(0.5)).toEqual(drive(0.5));
  expect(() => drive(1.5)).toThrow("teacherShare: expected 0 to 1, got 1.5");
});
