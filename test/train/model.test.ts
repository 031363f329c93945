/** Models and ternary networks convert into each other, and compute the same. */
import { beforeAll, expect, test } from "vitest";
import { Random } from "../../env/random.ts";
import {
  architectures,
  type TernaryNetwork,
  unitValue,
  weightCount,
} from "../../policies/ternary/network.ts";
import { inferReference } from "../../policies/ternary/reference.ts";
import { useBackend } from "../../src/train/backend.ts";
import {
  assignKernel,
  buildModel,
  fromTernaryNetwork,
  kernels,
  predict,
  toTernaryNetwork,
} from "../../src/train/model.ts";
import { backend } from "./backend-of-tests.ts";

beforeAll(async () => {
  await useBackend(backend);
});

/** A network with a third of its weights at -1, 0 and +1 each, at random. */
function randomNetwork(task: "mnist" | "car", seed: number): TernaryNetwork {
  const architecture = architectures[task];
  const random = new Random(seed);
  const network: TernaryNetwork = { architecture, weights: {}, divisors: {}, metadata: { made: "test" } };
  architecture.layers.forEach((layer, i) => {
    network.weights[layer.name] = Int8Array.from({ length: weightCount(layer) }, () =>
      random.integers(-1, 2),
    );
    network.divisors[layer.name] = [7, 13, 11, 5][i];
  });
  return network;
}

test.each(["mnist", "car"] as const)("%s: the float model equals the integer network", (task) => {
  const network = randomNetwork(task, 3);
  const { height, width, channels } = network.architecture;
  const size = height * width * channels;
  const random = new Random(4);
  const pixels = Uint8Array.from({ length: 5 * size }, () => random.integers(256));
  const model = fromTernaryNetwork(network);
  const outputs = predict(model, network.architecture, pixels, 2);
  for (let i = 0; i < 5; i++) {
    const integers = inferReference(network, pixels.subarray(i * size, (i + 1) * size));
    integers.forEach((integer, j) => {
      // Rounding only: float32 sums of a few hundred terms.
      expect(outputs[i * integers.length + j]).toBeCloseTo(integer / unitValue(network), 4);
    });
  }
  expect(toTernaryNetwork(model, network.architecture, network.metadata)).toEqual(network);
});

test("a model that is not ternary is refused by the layer's name", () => {
  const model = fromTernaryNetwork(randomNetwork("mnist", 5));
  const kernel = kernels(model)[1];
  const values = kernel.dataSync().slice() as Float32Array;
  values[7] = 0.01;
  assignKernel(kernel, values);
  expect(() => toTernaryNetwork(model, architectures.mnist)).toThrow(
    /^layer 2\.0: expected ternary weights, 0 or ±1\/C, got /,
  );
});

test("the models have the paper's numbers of weights", () => {
  expect(buildModel(architectures.mnist).countParams()).toBe(400 + 12800 + 15680);
  expect(buildModel(architectures.car).countParams()).toBe(4704 + 51200 + 57600 + 300);
});
