import { expect, test } from "vitest";
import { CROP_BYTES } from "../../../policies/ternary/crop.ts";
import { architectures, mnistArchitecture } from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { pickExamples, sliceExamples } from "../../../src/data/examples.ts";
import { loadMnist } from "../../../src/data/mnist-node.ts";
import { measureNetwork } from "../../../src/search/engine/delta-engine.ts";
import type { SearchOptions } from "../../../src/search/options.ts";
import { MOST_WHOLE } from "../../../src/search/rules/rotation.ts";
import { dataFingerprint, search } from "../../../src/search/search.ts";
import { carData } from "../search-data.ts";

const mnist = loadMnist();
const data = sliceExamples(mnist.train, 0, MOST_WHOLE + 1000);
const validation = sliceExamples(mnist.validation, 0, 1000);
const network = randomNetwork(mnistArchitecture, 90, 1);

test("batches of digits are learnt from a random network; a killed search resumes to the same bits; a budget ends it", async () => {
  const options: SearchOptions = { data, validation, layers: ["fc"], neighbours: 200, budget: 1200, seed: 4 };
  const checkpoints: Uint8Array[] = [];
  const whole = await search(network, { ...options, onCheckpoint: (make) => void checkpoints.push(make()) });
  expect(whole.before.validation).toBeLessThan(0.25);
  expect(whole.after.validation).toBeGreaterThan(0.5);
  expect(whole.after.train).toBe(await measureNetwork(whole.network, data, "accuracy"));
  expect(whole.neighbours).toBeGreaterThanOrEqual(1200);
  expect(whole.neighbours - whole.log.at(-1)!.neighbours).toBeLessThan(1200);

  const resumed = await search(network, { ...options, resume: checkpoints[1] });
  expect(resumed.network.weights).toEqual(whole.network.weights);
  expect(resumed.after).toEqual(whole.after);
  expect(resumed.log).toEqual(whole.log.slice(2));
  // The best on the validation images is the result, not the last.
  expect(whole.after.validation).toBe(Math.max(...whole.log.map((step) => step.validation!)));
  await expect(search(network, { ...options, data: validation, resume: checkpoints[1] })).rejects.toThrow();
  await expect(search(network, { ...options, family: "free", resume: checkpoints[1] })).rejects.toThrow(
    "the checkpoint is of another search",
  );
});

test("inputs are picked with all that belongs to them, and another byte is another fingerprint", () => {
  const frames = carData(9, 2);
  const picked = pickExamples(frames, [4, 0]);
  expect(picked.targets).toEqual(
    Float32Array.of(...frames.targets.subarray(12, 15), ...frames.targets.subarray(0, 3)),
  );
  expect(picked.weights).toEqual(Uint8Array.of(frames.weights![4], frames.weights![0]));
  expect(picked.inputs.subarray(CROP_BYTES)).toEqual(frames.inputs.subarray(0, CROP_BYTES));
  const digits = pickExamples(validation, [3]);
  // Files are read as Buffers, and `new Buffer` would print a warning.
  expect(Buffer.isBuffer(validation.labels)).toBe(true);
  expect(digits.labels).toEqual(Uint8Array.of(validation.labels[3]));
  const changed = { ...frames, inputs: frames.inputs.slice() };
  changed.inputs[1000] ^= 1;
  expect(dataFingerprint(changed)).not.toBe(dataFingerprint(frames));
  expect(dataFingerprint({ ...frames, targets: frames.targets.slice() })).toBe(dataFingerprint(frames));
});

test("a layer without a zero or a nonzero weight is refused before the work", async () => {
  const full = randomNetwork(architectures.mnist, { "1.0": 90, "2.0": 90, fc: 100 }, 1);
  await expect(search(full, { data, layers: ["fc"] })).rejects.toThrow('layer "fc" has no first neighbour');
  await expect(search(network, { data, budget: 0 })).rejects.toThrow(
    "budget: expected a whole number from 1 up, got 0",
  );
});
