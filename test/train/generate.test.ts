/** MNIST generation on a small part of the real images. */
import { expect, test } from "vitest";
import { loadMnist, subset } from "../../src/data/mnist.ts";
import { trainMnist } from "../../src/train/generate.ts";

test("a 90 % sparse ternary network learns digits from 3,000 images", async () => {
  const { train, validation, test: held } = loadMnist();
  const data = { train: subset(train, 0, 3000), validation, test: subset(held, 0, 2000) };
  const result = await trainMnist(data, { epochs: 6 });
  expect(Object.values(result.network.weights).map((w) => w.filter((v) => v !== 0).length)).toEqual([
    40, 1280, 1568,
  ]);
  // Chance is 0.1; 280 steps reach some 0.9.
  expect(result.validation).toBeGreaterThan(0.75);
  expect(result.test).toBeGreaterThan(0.75);
  expect(result.train).toBeGreaterThan(0.75);
});
