/** Tests of frames to learn from, of recordings and of labelled episodes. */

import { expect, test } from "vitest";
import { type Env, make } from "../../env/index.ts";
import { TeacherPolicy } from "../../policies/expert/teacher.ts";
import { RandomPolicy } from "../../policies/random.ts";
import { CROP_BYTES, cropPanel } from "../../policies/ternary/crop.ts";
import type { Episode } from "../../recordings/episode.ts";
import { makeRecordedEnv, replay } from "../../recordings/player.ts";
import { Recorder } from "../../recordings/recorder.ts";
import { type CarExamples, frameCount, joinExamples } from "../../src/data/examples.ts";
import { framesOfRecording } from "../../src/data/recorded-frames.ts";
import { labelEpisode } from "../../src/episodes/labelled-frames.ts";
import { recordEpisodes } from "../../src/episodes/record.ts";

type CarEnv = Env<Uint8Array, Float32Array>;

async function recorded(seed: number): Promise<Episode> {
  const policy = new RandomPolicy();
  for await (const episode of recordEpisodes({
    policy,
    driver: { kind: "random", name: "random" },
    seeds: [seed],
  }))
    return episode;
  throw new Error("no episode");
}

const frame = ({ inputs }: CarExamples, i: number) => inputs.subarray(i * CROP_BYTES, (i + 1) * CROP_BYTES);

test("a recording gives every second frame with the action driven on it", async () => {
  const episode = await recorded(5);
  const env = (await makeRecordedEnv(episode)) as CarEnv;
  const data = framesOfRecording(episode, env);
  expect(frameCount(data)).toBe(Math.ceil(episode.rewards.length / 2));
  for (const { index, observation, action } of replay(episode, env as Env<Uint8Array, Float32Array>)) {
    if (index > 40) break;
    if (index % 2 === 1) continue;
    expect(frame(data, index / 2)).toEqual(cropPanel(observation));
    expect(data.targets.slice((index / 2) * 3, (index / 2) * 3 + 3)).toEqual(Float32Array.from(action));
  }
});

test("discrete actions become the controls that they stand for", async () => {
  // Regression: all labels were [0, 0, 0], so that a network which learnt from them stood still.
  const recorder = new Recorder(await make("CarRacing-v3", { continuous: false }), {
    driver: { kind: "human", name: "keys" },
  });
  recorder.reset({ seed: 3 });
  for (const action of [3, 1, 2, 4, 0]) recorder.step(action);
  recorder.close();
  const episode = recorder.episode()!;
  const env = (await makeRecordedEnv(episode)) as CarEnv;
  const controls = [0, 0.2, 0, 0.6, 0, 0, -0.6, 0, 0, 0, 0, 0.8, 0, 0, 0];
  expect(framesOfRecording(episode, env, { every: 1 }).targets).toEqual(Float32Array.from(controls));
  const corrected = { ...episode, corrections: [[1, 2] as const] };
  const { targets } = framesOfRecording(corrected, env, { every: 1 });
  expect(targets).toEqual(Float32Array.from([0.6, 0, 0]));
});

test("recordings made with reuseObservations give each action the frame before it", async () => {
  // The replay drew every frame over the last one, so that actions were learnt on the frames after them.
  const episodes = [];
  for (const reuseObservations of [false, true]) {
    const recorder = new Recorder(await make("CarRacing-v3", { reuseObservations }), {
      driver: { kind: "human", name: "keys" },
    });
    recorder.reset({ seed: 3 });
    for (let step = 0; step < 8; step++) recorder.step(new Float32Array([0.5, 1, 0]));
    recorder.close();
    episodes.push(recorder.episode()!);
  }
  const [plain, reused] = episodes;
  expect(reused).toEqual(plain);
  const environment = { ...reused.environment, kwargs: { reuseObservations: true } };
  const frames = async (episode: Episode) =>
    framesOfRecording(episode, (await makeRecordedEnv(episode)) as CarEnv, { every: 1 });
  expect(await frames({ ...reused, environment })).toEqual(await frames(plain));
});

test("a teacher's label is its action in the state that a frame shows", async () => {
  const env = (await make("CarRacing-v3")) as unknown as CarEnv;
  const teacher = new TeacherPolicy();
  const { examples, reward } = labelEpisode(new RandomPolicy(), env, { teacher, seed: 6, every: 5 });
  const episode = await recorded(6);
  // The same drive by hand.
  let { observation } = env.reset({ seed: 6 });
  teacher.reset(env);
  for (let step = 0; step < 60; step++) {
    if (step % 5 === 0) {
      expect(frame(examples, step / 5)).toEqual(cropPanel(observation));
      const wanted = Float32Array.from(teacher.act());
      expect(examples.targets.slice((step / 5) * 3, (step / 5) * 3 + 3)).toEqual(wanted);
    }
    observation = env.step(episode.actions.slice(step * 3, step * 3 + 3) as Float32Array).observation;
  }
  expect(reward).toBeCloseTo(
    episode.rewards.reduce((sum, one) => sum + one, 0),
    9,
  );
});

test("joining keeps frames and targets in order", () => {
  const set = (value: number, count: number): CarExamples => ({
    task: "car",
    inputs: new Uint8Array(count * CROP_BYTES).fill(value),
    targets: new Float32Array(count * 3).fill(value),
  });
  const joined = joinExamples([set(1, 2), set(2, 3)]);
  expect(frameCount(joined)).toBe(5);
  expect([...joined.targets]).toEqual([...Array(6).fill(1), ...Array(9).fill(2)]);
  expect(joined.inputs[2 * CROP_BYTES - 1]).toBe(1);
  expect(joined.inputs[2 * CROP_BYTES]).toBe(2);
});

test("only the person's steps of a corrected episode are learnt from", async () => {
  const episode = { ...(await recorded(5)), corrections: [[10, 16] as const, [30, 31] as const] };
  const env = (await makeRecordedEnv(episode)) as CarEnv;
  const all = framesOfRecording({ ...episode, corrections: undefined }, env);
  for (const teacher of [undefined, new TeacherPolicy()]) {
    const data = framesOfRecording(episode, env, { teacher });
    const kept = [10, 12, 14, 30];
    expect(frameCount(data)).toBe(kept.length);
    for (const [i, step] of kept.entries()) {
      expect(frame(data, i)).toEqual(frame(all, step / 2));
      expect(data.targets.slice(3 * i, 3 * i + 3)).toEqual(episode.actions.slice(3 * step, 3 * step + 3));
    }
  }
});
