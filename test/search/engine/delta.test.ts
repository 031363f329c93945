import { describe, expect, test } from "vitest";
import { Random } from "../../../env/random.ts";
import { Inference } from "../../../policies/ternary/forward.ts";
import {
  architectures,
  layerIndex,
  type TernaryNetwork,
  unitValue,
} from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { SwapDrawer } from "../../../policies/ternary/swap.ts";
import { type Examples, sliceExamples } from "../../../src/data/examples.ts";
import { DeltaEngine, measureNetwork } from "../../../src/search/engine/delta-engine.ts";
import { type Measure, measureOutputs } from "../../../src/search/engine/fitness.ts";
import { randomData } from "../search-data.ts";

/** Measures a network by full forward passes, after every change of a layer's weights. */
async function fullEvaluation(network: TernaryNetwork, data: Examples) {
  const { layers, height, width, channels } = network.architecture;
  const inference = await Inference.create(network);
  const bytes = height * width * channels;
  const last = layers[layers.length - 1];
  const outputs = new Int32Array((data.inputs.length / bytes) * last.out);
  return (changed: string) => {
    inference.setWeights(layerIndex(network.architecture, changed));
    for (let i = 0; i * bytes < data.inputs.length; i++)
      outputs.set(inference.run(data.inputs.subarray(i * bytes, (i + 1) * bytes)), i * last.out);
    const measure = (name: Measure) => measureOutputs(outputs, unitValue(network), data, name);
    return {
      accuracy: measure("accuracy"),
      loss: measure("loss"),
      margin: data.task === "mnist" ? measure("margin") : 0,
    };
  };
}

/** Cross-entropies are float32 in the kernel; all else is whole numbers. */
const digitsOf = (data: Examples) => (data.task === "car" ? 11 : 5);

async function expectEqual(
  network: TernaryNetwork,
  layer: string,
  seed: number,
  chains: number,
  sampled: number,
  lossDigits?: number,
) {
  const data = randomData(network.architecture, 9, seed);
  const engine = await DeltaEngine.create(network, data, [layer]);
  const fully = await fullEvaluation(network, data);
  const random = new Random(seed);
  for (let chain = 0; chain < chains; chain++) {
    const drawer = new SwapDrawer(network, layer);
    const swaps = Array.from({ length: sampled }, () => drawer.draw(random, chain % 2 ? "free" : "same"));
    const accuracies = engine.neighbours("accuracy", layer, swaps);
    const losses = engine.neighbours("loss", layer, swaps);
    const margins = data.task === "mnist" ? engine.neighbours("margin", layer, swaps) : undefined;
    for (let i = 0; i < sampled; i++) {
      drawer.apply(swaps[i]);
      const { accuracy, loss, margin } = fully(layer);
      drawer.undo(swaps[i]);
      expect(accuracies[i]).toBeCloseTo(accuracy, 12);
      expect(losses[i]).toBeCloseTo(loss, lossDigits ?? digitsOf(data));
      if (margins) expect(margins[i]).toBeCloseTo(margin, 12);
    }
    await engine.apply(swaps[0]);
    expect(engine.measure("accuracy")).toBe(accuracies[0]);
    expect(engine.measure("loss")).toBe(losses[0]);
  }
  // The next engine works in its memory.
  engine.close();
}

describe("delta evaluation equals a full evaluation over 2,520 random swaps in chains", () => {
  for (const task of ["mnist", "car"] as const)
    for (const layer of architectures[task].layers)
      test(`${task} ${layer.name}`, async () => {
        for (const [sparsity, seed] of [
          [90, 1],
          [98, 2],
          [60, 3],
        ])
          await expectEqual(randomNetwork(architectures[task], sparsity, seed), layer.name, seed, 6, 20);
      });
});

describe("outputs too large for e^x in float32 still have the right cross-entropy", () => {
  for (const { name } of architectures.mnist.layers)
    test(name, async () => {
      const network = randomNetwork(architectures.mnist, 20, 1);
      for (const layer of Object.keys(network.divisors)) network.divisors[layer] = 1;
      await expectEqual(network, name, 1, 3, 40, 3);
      // Some outputs are far beyond 40, whose e^(2x) is the largest that the kernel takes as it is.
      expect(await measureNetwork(network, randomData(architectures.mnist, 9, 1), "loss")).toBeLessThan(-60);
    });
});

for (const task of ["mnist", "car"] as const)
  test(`300 swaps one after another, in any layer of a ${task} network: what is kept stays a full evaluation`, async () => {
    const network = randomNetwork(architectures[task], 90, 8);
    const names = network.architecture.layers.map((layer) => layer.name);
    const data = randomData(network.architecture, 9, 8);
    const engine = await DeltaEngine.create(network, data, names);
    const fully = await fullEvaluation(network, data);
    const random = new Random(8);
    for (let i = 0; i < 300; i++) {
      const layer = names[random.integers(names.length)];
      const swap = new SwapDrawer(network, layer).draw(random, i % 2 ? "free" : "same");
      const [expected] = engine.neighbours("loss", layer, [swap]);
      await engine.apply(swap);
      expect(engine.measure("loss")).toBe(expected);
      const { accuracy, loss } = fully(layer);
      expect(engine.measure("accuracy")).toBeCloseTo(accuracy, 12);
      expect(expected).toBeCloseTo(loss, digitsOf(data));
    }
  });

test("a layer that outgrows int16 through swaps stays equal", async () => {
  const network = randomNetwork(architectures.mnist, 90, 4);
  // Unit 0 of 2.0 has 126 weights: (126 + 1) * 255 is the last that fits int16 sums.
  network.weights["2.0"].fill(0).fill(1, 0, 126).fill(-1, 4000, 4200);
  network.divisors["1.0"] = 1;
  const data = randomData(architectures.mnist, 16, 4);
  const engine = await DeltaEngine.create(network, data, ["2.0"]);
  for (const add of [126, 127, 128, 129]) {
    await engine.apply({ layer: "2.0", remove: 4000 + add, add, sign: 1, removedSign: -1 });
    expect(engine.measure("accuracy")).toBe(await measureNetwork(network, data, "accuracy"));
    expect(engine.measure("loss")).toBeCloseTo(await measureNetwork(network, data, "loss"), 5);
  }
});

test("parts of the data are measured as if they were alone, and single changes as half a swap", async () => {
  const network = randomNetwork(architectures.car, 90, 5);
  const data = randomData(architectures.car, 29, 5);
  const engine = await DeltaEngine.create(network, data, ["fc1"]);
  expect(engine.measure("loss", [16, 29])).toBeCloseTo(
    await measureNetwork(network, sliceExamples(data, 16, 29), "loss"),
    11,
  );
  const index = network.weights.fc1.indexOf(1);
  const [removed] = engine.edits("loss", "fc1", [[{ index, change: -1 }]], [8, 24]);
  network.weights.fc1[index] = 0;
  expect(removed).toBeCloseTo(await measureNetwork(network, sliceExamples(data, 8, 24), "loss"), 11);
});

test("an engine in the memory of one that was closed measures as one in fresh memory", async () => {
  const measures = async (task: "mnist" | "car", size: number) => {
    const network = randomNetwork(architectures[task], 90, 6);
    const layer = network.architecture.layers[0].name;
    const engine = await DeltaEngine.create(network, randomData(architectures[task], size, 6), [layer]);
    const random = new Random(6);
    const swaps = Array.from({ length: 20 }, () => new SwapDrawer(network, layer).draw(random, "same"));
    return { engine, found: [engine.measure("loss"), ...engine.neighbours("loss", layer, swaps)] };
  };
  const fresh = await measures("mnist", 13);
  const other = await measures("car", 17);
  fresh.engine.close();
  expect(() => fresh.engine.measure("loss")).toThrow();
  other.engine.close();
  const again = await measures("mnist", 13);
  expect(again.found).toEqual(fresh.found);
  again.engine.close();
  expect((await measures("car", 17)).found).toEqual(other.found);
});

test("an engine refuses data and layers that it was not made for", async () => {
  const network = randomNetwork(architectures.car, 90, 5);
  const data = randomData(architectures.car, 8, 5);
  await expect(DeltaEngine.create(network, randomData(architectures.mnist, 8, 5), ["fc1"])).rejects.toThrow(
    "data: expected examples of task car as the network is, got mnist",
  );
  await expect(DeltaEngine.create(network, data, ["fc"])).rejects.toThrow('no layer "fc"');
  await expect(DeltaEngine.create(network, sliceExamples(data, 0, 0), ["fc1"])).rejects.toThrow(
    "expected at least one input, got none",
  );
  const engine = await DeltaEngine.create(network, data, ["fc2"]);
  expect(() => engine.measure("margin")).toThrow(
    "fitness: expected accuracy or loss for a car network, got margin, which only classes have",
  );
  expect(() => engine.edits("loss", "fc1", [])).toThrow(
    'layer: expected one that this engine was made for, or a later one, got "fc1"',
  );
});
