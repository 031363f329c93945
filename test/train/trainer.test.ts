/** The training loop: learns, prunes to exact counts, ends ternary, repeats itself, and shares its work. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CorruptFile, TritrackError } from "../../env/errors.ts";
import { architectures, unitValue } from "../../policies/ternary/network.ts";
import { inferReference } from "../../policies/ternary/reference.ts";
import { layerCounts } from "../../src/data/layer-counts.ts";
import { predict, toTernaryNetwork } from "../../src/train/model.ts";
import { type Phase, type StepReport, Trainer } from "../../src/train/trainer.ts";
import { backend } from "./backend-of-tests.ts";
import { bands } from "./synthetic-digits.ts";

const architecture = architectures.mnist;
const SAMPLES = 96;

const sparse: Phase = {
  epochs: 20,
  batch: 32,
  rate: 1e-2,
  counts: layerCounts(architecture, 90),
  pruneUntil: 0.5,
  fixScalesAt: 0.7,
};

async function train(phase: Phase, { seed = 1, threads = 1, shards = 2 } = {}) {
  const { pixels, labels } = bands(SAMPLES);
  const trainer = await Trainer.create(architecture, { seed, backend, threads, shards });
  const reports: StepReport[] = [];
  const samples = Int32Array.from(labels.keys());
  const objective = { kind: "cross-entropy", labels, temperature: 0.3 } as const;
  await trainer.run(phase, pixels, samples, objective, (report) => {
    reports.push(report);
  });
  return { trainer, reports, pixels, labels };
}

test("a sparse ternary network learns, and is the network that the integers compute", async () => {
  const { trainer, reports, pixels, labels } = await train(sparse);
  expect(reports.length).toBe(60);
  expect(reports[59].nonzeros).toBe(40 + 1280 + 1568);
  const network = toTernaryNetwork(trainer.model, architecture);
  const nonzeros = Object.values(network.weights).map((weights) => weights.filter((w) => w !== 0).length);
  expect(nonzeros).toEqual([40, 1280, 1568]);
  const outputs = predict(trainer.model, architecture, pixels);
  let right = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const row = [...outputs.subarray(10 * i, 10 * i + 10)];
    if (row.indexOf(Math.max(...row)) === labels[i]) right++;
    if (i >= 4) continue;
    const integers = inferReference(network, pixels.subarray(784 * i, 784 * (i + 1)));
    row.forEach((value, j) => {
      expect(value).toBeCloseTo(integers[j] / unitValue(network), 3);
    });
  }
  expect(right).toBeGreaterThan(0.9 * SAMPLES);
});

test("the same seed gives the same losses to the last bit, another seed others", async () => {
  const short = { ...sparse, epochs: 2 };
  const losses = async (seed: number) => (await train(short, { seed })).reports.map(({ loss }) => loss);
  const first = await losses(1);
  expect(await losses(1)).toEqual(first);
  expect(await losses(2)).not.toEqual(first);
});

test("threads compute the same as one, to the last bit", async () => {
  const dense = { ...sparse, epochs: 2, counts: null, rate: 1e-3 };
  const losses = async (threads: number) =>
    (await train(dense, { threads, shards: 3 })).reports.map(({ loss }) => loss);
  expect(await losses(2)).toEqual(await losses(1));
});

test("shards add up to the whole batch, except for rounding", async () => {
  const dense = { ...sparse, epochs: 2, counts: null, rate: 1e-3 };
  const losses = async (shards: number) => (await train(dense, { shards })).reports.map(({ loss }) => loss);
  const whole = await losses(1);
  (await losses(5)).forEach((loss, i) => {
    expect(loss).toBeCloseTo(whole[i], 4);
  });
});

test("a thread that fails ends the training with its error", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tritrack-samples-"));
  const path = join(folder, "images");
  writeFileSync(path, new Uint8Array(15 * 784));
  // The image that is missing falls to the second of two shards with this seed.
  const trainer = await Trainer.create(architecture, { seed: 3, backend, threads: 2 });
  const objective = { kind: "cross-entropy", labels: new Uint8Array(16), temperature: 1 } as const;
  const indices = Array.from({ length: 16 }, (_, i) => i);
  const error = await trainer.run({ ...sparse, batch: 16 }, { path }, indices, objective).catch((e) => e);
  rmSync(folder, { recursive: true });
  expect(error).toBeInstanceOf(TritrackError);
  // The class of an error of this thread.
  expect(error).not.toBeInstanceOf(CorruptFile);
  expect(error.message).toBe(`${path} ends before input 15`);
});

test("nothing to learn from is refused", async () => {
  const trainer = await Trainer.create(architecture, { seed: 1, backend });
  const objective = { kind: "cross-entropy", labels: new Uint8Array(0), temperature: 1 } as const;
  await expect(trainer.run(sparse, new Uint8Array(0), [], objective)).rejects.toThrow(/no samples/);
  await expect(Trainer.create(architecture, { seed: 1, threads: 0 })).rejects.toThrow(
    "threads: expected a whole number from 1 up, got 0",
  );
});
