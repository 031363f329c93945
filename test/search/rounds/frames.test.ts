import { expect, test } from "vitest";
import { make } from "../../../env/index.ts";
import { Random } from "../../../env/random.ts";
import { TeacherPolicy } from "../../../policies/expert/teacher.ts";
import { CROP_BYTES, cropPanel } from "../../../policies/ternary/crop.ts";
import { FramePool, frameWeight, shownSpeed } from "../../../src/search/rounds/frames.ts";

/** Frames whose first bytes tell them apart. */
function numbered(from: number, count: number) {
  const inputs = new Uint8Array(count * CROP_BYTES);
  for (let i = 0; i < count; i++) inputs[i * CROP_BYTES] = from + i;
  return {
    task: "car" as const,
    inputs,
    targets: new Float32Array(count * 3).map((_, i) => (i % 3 === 0 ? (from + i / 3) / 255 : 0)),
  };
}

test("a batch is half of the latest frames, half of those before, none twice, its targets beside it", () => {
  const pool = new FramePool();
  pool.add([numbered(0, 50), numbered(50, 30)]);
  const older = pool.size;
  pool.add([numbered(80, 40)]);
  const draw = (seed: number, size: number) => pool.draw(new Random(seed), size, older, [1, 2, 3]);
  const { inputs, targets, weights, outputWeights } = draw(1, 60);
  const ids = Array.from(weights!, (_, i) => inputs[i * CROP_BYTES]);
  expect(new Set(ids).size).toBe(60);
  expect(ids.filter((id) => id >= 80).length).toBe(30);
  expect(Array.from(weights!, (_, i) => Math.round(targets[i * 3] * 255))).toEqual(ids);
  expect(outputWeights).toEqual([1, 2, 3]);
  expect(Buffer.compare(draw(1, 60).inputs, inputs)).toBe(0);
  expect(Buffer.compare(draw(2, 60).inputs, inputs)).not.toBe(0);
  // Fewer latest frames than half a batch: all of them; and never more than there are.
  expect(draw(1, 100).weights!.length).toBe(100);
  expect(draw(1, 500).weights!.length).toBe(120);
});

test("the speed is read from the frame's bar; slow frames and hard steering count more", async () => {
  const env = await make("CarRacing-v3");
  const teacher = new TeacherPolicy();
  let { observation } = env.reset({ seed: 3 });
  teacher.reset(env);
  for (let step = 0; step < 150; step++) {
    const { speed } = teacher.label();
    expect(Math.abs(shownSpeed(cropPanel(observation)) - speed)).toBeLessThan(7);
    observation = env.step(teacher.act()).observation;
  }
  const fast = { task: "car", inputs: cropPanel(observation), targets: Float32Array.of(0.1, 1, 0) } as const;
  expect(frameWeight(fast, 0)).toBe(1);
  expect(frameWeight({ ...fast, targets: Float32Array.of(-0.4, 0, 0) }, 0)).toBe(3);
  ({ observation } = env.reset({ seed: 3 }));
  expect(frameWeight({ ...fast, inputs: cropPanel(observation) }, 0)).toBe(10);
  env.close();
});
