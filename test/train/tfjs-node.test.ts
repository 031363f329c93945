/**
 * tfjs-node, where it is installed, trains as our kernels do (`npm run test:tfjs-node`; `npm run build:tfjs-node`
 * builds it where its library cannot be downloaded).
 */
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { Random } from "../../env/random.ts";
import { type Architecture, architectures } from "../../policies/ternary/network.ts";
import { type BackendName, useBackend } from "../../src/train/backend.ts";
import type { Objective } from "../../src/train/losses.ts";
import { inputSize } from "../../src/train/model.ts";
import { Trainer } from "../../src/train/trainer.ts";

const installed = await useBackend("tensorflow").then(
  () => true,
  () => false,
);

const STEPS = 20;
const BATCH = 16;

/** Losses and weights of twenty steps on noise. */
async function train(backend: BackendName, architecture: Architecture) {
  const random = new Random(3);
  const samples = 4 * BATCH;
  const pixels = Uint8Array.from({ length: samples * inputSize(architecture) }, () => random.integers(256));
  const objective: Objective =
    architecture.task === "mnist"
      ? {
          kind: "cross-entropy",
          labels: Uint8Array.from({ length: samples }, () => random.integers(10)),
          temperature: 0.3,
        }
      : { kind: "driving", targets: Float32Array.from({ length: 3 * samples }, () => random.random()) };
  const trainer = await Trainer.create(architecture, { seed: 1, backend });
  const phase = { batch: BATCH, epochs: STEPS / 4, rate: 1e-3, counts: null, pruneUntil: 0, fixScalesAt: 1 };
  const losses: number[] = [];
  const indices = Int32Array.from({ length: samples }, (_, i) => i);
  await trainer.run(phase, pixels, indices, objective, ({ loss }) => {
    losses.push(loss);
  });
  return { losses, weights: trainer.layers.map((layer) => layer.latent) };
}

test.skipIf(installed)("where it does not load, it is refused by name and auto takes wasm", async () => {
  await expect(useBackend("tensorflow")).rejects.toThrow(/^no tfjs backend to train on \(tensorflow: /);
  expect(await useBackend()).toBe("wasm");
});

describe.skipIf(!installed)("tfjs-node", () => {
  test("is the choice of auto", async () => {
    expect(createRequire(import.meta.url).resolve("@tensorflow/tfjs-node")).toBeTruthy();
    expect(await useBackend()).toBe("tensorflow");
  });

  test.each(["mnist", "car"] as const)(
    "%s: twenty steps of training agree within 1e-4 with ours",
    async (task) => {
      const native = await train("tensorflow", architectures[task]);
      const ours = await train("wasm", architectures[task]);
      expect(native.losses.length).toBe(STEPS);
      const worst = { loss: 0, weight: 0 };
      ours.losses.forEach((loss, i) => {
        worst.loss = Math.max(worst.loss, Math.abs(loss - native.losses[i]));
      });
      ours.weights.forEach((weights, layer) => {
        weights.forEach((weight, i) => {
          worst.weight = Math.max(worst.weight, Math.abs(weight - native.weights[layer][i]));
        });
      });
      expect(worst.loss).toBeLessThan(1e-4);
      expect(worst.weight).toBeLessThan(1e-4);
    },
  );
});
