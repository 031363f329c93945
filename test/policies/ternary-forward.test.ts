import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "../../env/random.ts";
import { CROP_BYTES } from "../../policies/ternary/crop.ts";
import { Inference, inferBatch } from "../../policies/ternary/forward.ts";
import {
  architectures,
  carArchitecture,
  checkNetwork,
  mnistArchitecture,
  type TernaryNetwork,
  unitValue,
  weightCount,
} from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { activations, inferReference } from "../../policies/ternary/reference.ts";

function randomInput({ architecture }: TernaryNetwork, random: Random): Uint8Array {
  const { height, width, channels } = architecture;
  return Uint8Array.from({ length: height * width * channels }, () => random.integers(256));
}

const cases = fc.record({
  task: fc.constantFrom("car" as const, "mnist" as const),
  sparsity: fc.constantFrom(0, 30, 50, 70, 80, 90, 95, 99, 100),
  divisors: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 4, maxLength: 4 }),
  seed: fc.nat(),
});

test("the SIMD kernel equals its plain twin bit for bit, alone and in batches, at every sparsity", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ task, sparsity, divisors, seed }) => {
      const network = randomNetwork(architectures[task], sparsity, seed);
      network.architecture.layers.forEach((layer, k) => {
        network.divisors[layer.name] = divisors[k];
      });
      const random = new Random(seed);
      const inputs = Array.from({ length: 9 }, () => randomInput(network, random));
      const expected = [0, 8].map((i) => [...inferReference(network, inputs[i])]);
      const inference = await Inference.create(network);
      expect([0, 8].map((i) => [...inference.run(inputs[i])])).toEqual(expected);
      const batch = await inferBatch(network, Uint8Array.from(inputs.flatMap((input) => [...input])));
      const outputs = batch.length / 9;
      expect([0, 8].map((i) => [...batch.subarray(i * outputs, (i + 1) * outputs)])).toEqual(expected);
    }),
    { numRuns: 40, seed: 1 },
  );
});

test("a saturated network equals its twin where int16 sums come closest to overflow", async () => {
  // 127 weights of one unit times 255 is 32,385; 128 would pass to int32 with the neighbour's one more.
  for (const nonzeros of [126, 127, 128, 147]) {
    const network = randomNetwork(carArchitecture, 90, nonzeros);
    network.weights["1.0"]
      .fill(0)
      .fill(1, 0, nonzeros)
      .fill(-1, 147, 147 + nonzeros);
    network.divisors["1.0"] = 147;
    for (const byte of [0, 255]) {
      const input = new Uint8Array(CROP_BYTES).fill(byte);
      const inference = await Inference.create(network);
      expect([...inference.run(input)]).toEqual([...inferReference(network, input)]);
    }
  }
});

test("the sums of every layer, pooled and clipped, are the input of the next one", async () => {
  for (const task of ["car", "mnist"] as const) {
    const network = randomNetwork(architectures[task], 80, 3);
    const input = randomInput(network, new Random(3));
    const inference = await Inference.create(network);
    inference.run(input);
    const expected = activations(network, input);
    network.architecture.layers.forEach((layer, k) => {
      const sums = inference.sums(k);
      const pool = layer.kind === "conv" ? layer.pool : 1;
      const side = Math.sqrt(sums.length / layer.out);
      const limit = k === expected.length - 1 ? Number.POSITIVE_INFINITY : 1;
      const pooled: number[] = [];
      const half = Math.floor(side / pool);
      for (let out = 0; out < layer.out; out++)
        for (let y = 0; y < half; y++)
          for (let x = 0; x < half; x++) {
            let best = Number.NEGATIVE_INFINITY;
            for (let at = 0; at < pool ** 2; at++)
              best = Math.max(
                best,
                sums[(out * side + y * pool + Math.floor(at / pool)) * side + x * pool + (at % pool)],
              );
            pooled.push(Math.max(-limit, Math.min(limit, best)));
          }
      const values = [...expected[k]].map((sum) => sum / unitValue(network, k));
      expect(pooled).toEqual([...Float32Array.from(values)]);
    });
  }
});

test("a network outside the integer bounds is refused with its layer's name", async () => {
  const network = randomNetwork(mnistArchitecture, 50, 1);
  network.divisors["2.0"] = 9_000_000;
  await expect(Inference.create(network)).rejects.toThrow(
    'layer "2.0": its sums overflow int32: use smaller divisors or more zeros',
  );
  network.divisors["2.0"] = 0.5;
  expect(() => checkNetwork(network)).toThrow(
    'layer "2.0": expected a whole number from 1 up as divisor, got 0.5',
  );
  network.divisors["2.0"] = 4;
  network.weights.fc[3] = 2;
  expect(() => checkNetwork(network)).toThrow('layer "fc": expected weights -1, 0 or +1, got 2');
});

test("an input of another size is refused", async () => {
  const network = randomNetwork(carArchitecture, 90, 1);
  const inference = await Inference.create(network);
  expect(() => inference.run(new Uint8Array(10))).toThrow("input: expected 20667 bytes, got 10");
  await expect(inferBatch(network, new Uint8Array(10))).rejects.toThrow(
    "inputs: expected a multiple of 20667 bytes, got 10",
  );
});

test("a random network has the requested counts and is the same for the same seed", () => {
  const network = randomNetwork(mnistArchitecture, { "1.0": 90, "2.0": 50, fc: 99 }, 7);
  const counts = network.architecture.layers.map((layer) => [
    network.weights[layer.name].filter((w) => w === 1).length,
    network.weights[layer.name].filter((w) => w === -1).length,
    weightCount(layer),
  ]);
  expect(counts).toEqual([
    [20, 20, 400],
    [3200, 3200, 12800],
    [79, 78, 15680],
  ]);
  const again = randomNetwork(mnistArchitecture, { "1.0": 90, "2.0": 50, fc: 99 }, 7);
  expect(again).toEqual(network);
  expect(randomNetwork(mnistArchitecture, { "1.0": 90, "2.0": 50, fc: 99 }, 8)).not.toEqual(network);
});
