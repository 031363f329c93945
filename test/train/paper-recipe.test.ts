/** Tests steps 1 to 4 of the paper's Section 4.1, which hold at the ends of epochs and only there. */
import { expect, test } from "vitest";
import { architectures, weightCount } from "../../policies/ternary/network.ts";
import { layerCounts } from "../../src/data/layer-counts.ts";
import { toTernaryNetwork } from "../../src/train/model.ts";
import { paperPhases } from "../../src/train/paper-recipe.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { backend } from "./backend-of-tests.ts";
import { bands } from "./synthetic-digits.ts";

const architecture = architectures.mnist;
const sizes = Object.fromEntries(architecture.layers.map((layer) => [layer.name, weightCount(layer)]));

test("dense, pruned at the ends of epochs, at fixed sparsity, binary", async () => {
  const { pixels, labels } = bands(64);
  const trainer = await Trainer.create(architecture, { seed: 1, backend });
  const phases = paperPhases(architecture, 90, { n1: 2, n2: 3, n3: 1, n4: 2 }, 32);
  const indices = Int32Array.from(labels.keys());
  const objective = { kind: "cross-entropy", labels, temperature: 1 } as const;
  const nonzeros = () =>
    Object.fromEntries(
      trainer.layers.map(({ name, latent }) => [name, latent.filter((weight) => weight !== 0).length]),
    );
  const latents = () => trainer.layers.flatMap(({ latent }) => [...latent]);
  const log: { phase: string; step: number; nonzeros: Record<string, number>; reported: number }[] = [];
  for (const phase of phases) {
    await trainer.run(phase, pixels, indices, objective, ({ step, nonzeros: reported }) => {
      log.push({ phase: phase.name, step, nonzeros: nonzeros(), reported });
      const binary = latents().every((weight) => [-1, 0, 1].includes(weight));
      expect(binary).toBe(phase.name === "binary" && step % 2 === 0);
    });
  }
  const atEnds = log.filter(({ step }) => step % 2 === 0).map(({ phase, nonzeros }) => ({ phase, nonzeros }));
  expect(atEnds).toEqual([
    { phase: "dense", nonzeros: sizes },
    { phase: "dense", nonzeros: sizes },
    { phase: "pruning", nonzeros: layerCounts(architecture, 30) },
    { phase: "pruning", nonzeros: layerCounts(architecture, 60) },
    { phase: "pruning", nonzeros: layerCounts(architecture, 90) },
    { phase: "fixed sparsity", nonzeros: layerCounts(architecture, 90) },
    { phase: "binary", nonzeros: layerCounts(architecture, 90) },
    { phase: "binary", nonzeros: layerCounts(architecture, 90) },
  ]);
  // Within an epoch weights that were pruned take part again.
  const within = log.find(({ phase, step }) => phase === "fixed sparsity" && step === 1)!;
  expect(within.nonzeros["2.0"]).toBeGreaterThan(1280);
  expect(within.reported).toBe(40 + 1280 + 1568);
  const network = toTernaryNetwork(trainer.model, architecture);
  expect(network.divisors).toEqual({ "1.0": 1, "2.0": 1, fc: 1 });
});

test("2 to 3 % of the weights are pruned at the end of an epoch", () => {
  for (const task of ["mnist", "car"] as const) {
    for (let sparsity = 2; sparsity <= 99; sparsity++) {
      const pruning = paperPhases(architectures[task], sparsity).find(({ name }) => name === "pruning")!;
      const share = sparsity / pruning.epochs;
      expect(share).toBeGreaterThanOrEqual(2);
      expect(share).toBeLessThanOrEqual(3);
      expect(pruning.atEpochEnds?.counts(pruning.epochs)).toEqual(layerCounts(architectures[task], sparsity));
    }
  }
  expect(paperPhases(architecture, 0).map(({ name }) => name)).toEqual(["dense", "fixed sparsity", "binary"]);
  expect(() => paperPhases(architecture, 90, { n3: -1 })).toThrow(/n3: expected a whole number of epochs/);
});
