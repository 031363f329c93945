/** Tests of the networks' ONNX files without a runtime; test/python runs them in onnxruntime. */
import { describe, expect, test } from "vitest";
import { architectures, InvalidNetwork, weightCount } from "../../policies/ternary/network.ts";
import { readOnnx, writeOnnx } from "../../policies/ternary/onnx.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";

interface Model {
  graph: {
    node: { opType: string; input: string[]; output: string[] }[];
    initializer: { name: string; dims?: number[]; dataType: number; rawData: Uint8Array }[];
    input: { name: string }[];
    output: { name: string }[];
  };
  metadataProps: { key: string; value: string }[];
}
const INT8 = 3;

function ops(model: Model): string[] {
  return model.graph.node.map((node) => node.opType);
}

for (const [task, architecture] of Object.entries(architectures)) {
  describe(task, () => {
    const network = randomNetwork(architecture, 90, 1);
    const bytes = writeOnnx(network);
    const model = readOnnx(bytes) as unknown as Model;

    test("weights are in it as they are, int8", () => {
      for (const layer of architecture.layers) {
        const tensor = model.graph.initializer.find(({ name }) => name === layer.name)!;
        expect(tensor.dataType).toBe(INT8);
        expect(new Int8Array(Uint8Array.from(tensor.rawData).buffer)).toEqual(network.weights[layer.name]);
      }
      const weights = architecture.layers.reduce((sum, layer) => sum + weightCount(layer), 0);
      expect(bytes.length).toBeLessThan(weights + 10_000);
    });

    test("every input of a node is the graph's, a constant's or an earlier node's", () => {
      const known = new Set([...model.graph.input, ...model.graph.initializer].map(({ name }) => name));
      for (const { input, output } of model.graph.node) {
        for (const name of input) expect(known).toContain(name);
        for (const name of output) known.add(name);
      }
      for (const { name } of model.graph.output) expect(known).toContain(name);
    });

    test("the same network gives the same bytes, with its metadata", () => {
      expect(writeOnnx(network)).toEqual(bytes);
      expect(model.metadataProps).toContainEqual({ key: "made", value: network.metadata.made });
    });

    test("sums beyond 2^24 split a convolution in two, and only they", () => {
      const count = (divisors: Record<string, number>) =>
        ops(readOnnx(writeOnnx({ ...network, divisors })) as unknown as Model).filter((op) => op === "Conv")
          .length;
      const small = Object.fromEntries(architecture.layers.map(({ name }) => [name, 2]));
      expect(count(small)).toBe(2);
      expect(count({ ...small, "1.0": 5000 })).toBe(3);
    });
  });
}

test("an invalid network is refused", () => {
  const network = randomNetwork(architectures.car, 90, 1);
  network.weights.fc2[0] = 5;
  expect(() => writeOnnx(network)).toThrow(InvalidNetwork);
});
