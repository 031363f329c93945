/** MNIST generation on a small part of the real images. */
import { expect, test } from "vitest";
import { loadMnist, subset } from "../../src/data/mnist.ts";
import { trainMnist } from "../../src/train/generate.ts";

test("a 90 % sparse ternary network learns digits from 3,000 images", async () => {
  const { train, validation, test: held } = loadMnist();
  const data = {
    train: subset(train, 0, 3000),
    validation: subset(validation, 0, 500),
    test: subset(held, 0, 1000),
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

test("sets that do not fit together are refused in one line", async () => {
  const set = { images: new Uint8Array(784), labels: new Uint8Array(1) };
  const data = { train: set, validation: set, test: set };
  const empty = { images: new Uint8Array(0), labels: new Uint8Array(0) };
  await expect(trainMnist({ ...data, train: empty })).rejects.toThrow(/^train images: expected 784 bytes/);
  const mixed = { images: new Uint8Array(784), labels: new Uint8Array(2) };
  await expect(trainMnist({ ...data, test: mixed })).rejects.toThrow(/^test images: .* got 784 bytes for 2/);
  await expect(trainMnist(data, { sparsity: 100 })).rejects.toThrow(/^a sparsity is a percentage from 0/);
});
