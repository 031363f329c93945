/** MNIST generation on a small part of the real images. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sliceExamples } from "../../src/data/examples.ts";
import { loadMnist } from "../../src/data/mnist-node.ts";
import { type MnistOptions, trainMnist } from "../../src/train/generate.ts";
import { bands } from "./synthetic-digits.ts";

test("a 90 % sparse ternary network learns digits from 3,000 images", async () => {
  const { train, validation, test: held } = loadMnist();
  const data = {
    train: sliceExamples(train, 0, 3000),
    validation: sliceExamples(validation, 0, 500),
    test: sliceExamples(held, 0, 1000),
  };
  const result = await trainMnist(data, { epochs: 4 });
  expect(Object.values(result.network.weights).map((w) => w.filter((v) => v !== 0).length)).toEqual([
    40, 1280, 1568,
  ]);
  // Chance is 0.1; 184 steps reach some 0.9.
  expect(result.validation).toBeGreaterThan(0.75);
  expect(result.test).toBeGreaterThan(0.75);
  expect(result.train).toBeGreaterThan(0.75);
});

test("the paper's recipe, killed in its last step, resumes to the same network and curve", async () => {
  const { pixels, labels } = bands(16);
  const set = { task: "mnist", inputs: pixels, labels } as const;
  const data = { train: set, validation: set, test: set };
  const folder = mkdtempSync(join(tmpdir(), "tritrack-"));
  const checkpoint = join(folder, "checkpoint");
  // An epoch is one step; the one checkpoint is at step 100, of Step 4.
  const options: MnistOptions = { recipe: "paper", paperEpochs: { n1: 50, n3: 4, n4: 20 } };
  const whole = await trainMnist(data, options);
  const kill = new Error("killed");
  const killed = trainMnist(data, {
    ...options,
    checkpoint,
    onStep: ({ phase, step }) => {
      if (phase === "binary" && step === 15) throw kill;
    },
  });
  await expect(killed).rejects.toBe(kill);
  const resumed: number[] = [];
  const rest = await trainMnist(data, {
    ...options,
    checkpoint,
    onStep: ({ step }) => {
      resumed.push(step);
    },
  });
  expect(resumed[0]).toBe(11);
  expect(rest).toEqual(whole);
  expect(whole.curve.length).toBe(50 + 36 + 4 + 20);
  expect(whole.curve.map(({ sparsity }) => Math.round(10 * sparsity!) / 10).slice(48, 54)).toEqual([
    0, 0, 2.5, 5, 7.5, 10,
  ]);
  await expect(trainMnist(data, { ...options, checkpoint, seed: 2 })).rejects.toThrow(
    /its seed was 1, now it is 2$/,
  );
  rmSync(folder, { recursive: true });
});

test("sets that do not fit together are refused in one line", async () => {
  const set = { task: "mnist", inputs: new Uint8Array(784), labels: new Uint8Array(1) } as const;
  const data = { train: set, validation: set, test: set };
  const empty = { task: "mnist", inputs: new Uint8Array(0), labels: new Uint8Array(0) } as const;
  await expect(trainMnist({ ...data, train: empty })).rejects.toThrow(/^train images: expected 784 bytes/);
  const mixed = { task: "mnist", inputs: new Uint8Array(784), labels: new Uint8Array(2) } as const;
  await expect(trainMnist({ ...data, test: mixed })).rejects.toThrow(/^test images: .* got 784 bytes for 2/);
  await expect(trainMnist(data, { sparsity: 100 })).rejects.toThrow(
    /^sparsity: expected a percentage from 0 up to/,
  );
});
