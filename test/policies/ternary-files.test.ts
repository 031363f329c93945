import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CorruptFile } from "../../env/errors.ts";
import { CROP_BYTES, cropPanel } from "../../policies/ternary/crop.ts";
import { describe as describeNetwork } from "../../policies/ternary/describe.ts";
import { architectures, carArchitecture, mnistArchitecture } from "../../policies/ternary/network.ts";
import { TernaryPolicy, toAction } from "../../policies/ternary/policy.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";

test("a network reads back equal, metadata included", () => {
  for (const task of ["car", "mnist"] as const) {
    const network = randomNetwork(architectures[task], 90, 3);
    network.metadata.scores = '{"reward":919.5}';
    expect(readNetwork(writeNetwork(network))).toEqual(network);
  }
});

test("the bytes follow the safetensors layout", () => {
  const network = randomNetwork(mnistArchitecture, 95, 3);
  const bytes = writeNetwork(network);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  expect(header["2.0"]).toEqual({ dtype: "I8", shape: [32, 16, 5, 5], data_offsets: [400, 13200] });
  expect(header.__metadata__).toMatchObject({ task: "mnist", divisors: '{"1.0":1,"2.0":4,"fc":8}' });
  expect(JSON.parse(header.__metadata__.sparsity)).toMatchObject({ "1.0": 95, all: 95 });
  expect(bytes.length).toBe(8 + length + 400 + 12800 + 15680);
  expect(new Int8Array(bytes.buffer).subarray(8 + length, 8 + length + 400)).toEqual(network.weights["1.0"]);
});

test("damaged bytes are refused as corrupt or read as a network, never anything else", () => {
  const network = randomNetwork(mnistArchitecture, 90, 3);
  const bytes = writeNetwork(network);
  const headerEnd = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  fc.assert(
    fc.property(fc.nat(headerEnd + 40), fc.integer({ min: 0, max: 255 }), fc.boolean(), (at, value, cut) => {
      const damaged = cut ? bytes.slice(0, at) : bytes.slice();
      if (!cut) damaged[at] = value;
      try {
        expect(Object.keys(readNetwork(damaged).weights)).toEqual(["1.0", "2.0", "fc"]);
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptFile);
      }
    }),
    { numRuns: 1500, seed: 5 },
  );
});

test("each kind of damage is named", () => {
  const bytes = writeNetwork(randomNetwork(mnistArchitecture, 90, 3));
  const replaced = (from: string, to: string) => {
    const copy = bytes.slice();
    const at = new TextDecoder("latin1").decode(copy).indexOf(from);
    copy.set(new TextEncoder().encode(to), at);
    return copy;
  };
  const read = (b: Uint8Array) => () => readNetwork(b, "x.safetensors");
  expect(read(bytes.subarray(0, 5))).toThrow("x.safetensors: expected a safetensors header, got 5 bytes");
  expect(read(bytes.subarray(0, bytes.length - 1))).toThrow(
    "x.safetensors: expected 28880 bytes of tensors, got 28879",
  );
  expect(read(replaced("tritrack-ternary", "something-ternar"))).toThrow(
    'format: expected "tritrack-ternary", got "something-ternar"',
  );
  expect(read(replaced('"version":"1"', '"version":"7"'))).toThrow('version: expected "1", got "7"');
  expect(read(replaced("[16,1,5,5]", "[16,1,5,6]"))).toThrow(
    'tensor "1.0": expected I8 [16,1,5,5], got I8 [16, 1, 5, 6]',
  );
  expect(read(replaced("[0,400]", "[1,400]"))).toThrow(
    'tensor "1.0": expected bytes from 0 on, got 1 to 400: tensors overlap or leave a gap',
  );
  const bad = bytes.slice();
  bad[bytes.length - 1] = 5;
  expect(read(bad)).toThrow('layer "fc": expected weights -1, 0 or +1, got 5');
});

test("the panel crop is rows 0–70 and 84–95 with columns 6–88", () => {
  const frame = new Uint8Array(96 * 96 * 3);
  for (let i = 0; i < 96 * 96; i++) frame.set([Math.floor(i / 96), i % 96, 200], i * 3);
  const crop = cropPanel(frame);
  const pixel = (row: number, column: number) => [...crop.subarray((row * 83 + column) * 3).subarray(0, 3)];
  expect(crop.length).toBe(CROP_BYTES);
  expect(pixel(0, 0)).toEqual([0, 6, 200]);
  expect(pixel(70, 82)).toEqual([70, 88, 200]);
  expect(pixel(71, 0)).toEqual([84, 6, 200]);
  expect(pixel(82, 82)).toEqual([95, 88, 200]);
});

test("a policy clips the outputs to the action space and is refused for MNIST", async () => {
  const out = new Float32Array(3);
  expect([...toAction(Int32Array.of(-3000, -5, 250), 1000, out)]).toEqual([-1, 0, 0.25]);
  expect([...toAction(Int32Array.of(500, 1500, 2000), 1000, out)]).toEqual([0.5, 1, 1]);
  const policy = await TernaryPolicy.create(randomNetwork(carArchitecture, 90, 1), "n");
  const action = [...policy.act(new Uint8Array(96 * 96 * 3).fill(90))];
  expect(action).toEqual([...policy.act(new Uint8Array(96 * 96 * 3).fill(90))]);
  expect(action.length).toBe(3);
  await expect(TernaryPolicy.create(randomNetwork(mnistArchitecture, 90, 1))).rejects.toThrow(
    /^network: expected a car network, got an MNIST network$/,
  );
});

test("a description counts weights and additions", () => {
  const network = randomNetwork(mnistArchitecture, 90, 1);
  expect(describeNetwork(network)).toMatchObject([
    { name: "1.0", weights: 400, nonzeros: 40, plus: 20, minus: 20, sparsity: 90, additions: 40 * 784 },
    { name: "2.0", weights: 12800, nonzeros: 1280, additions: 1280 * 196 },
    { name: "fc", weights: 15680, nonzeros: 1568, additions: 1568 },
  ]);
});
