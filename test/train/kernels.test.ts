/**
 * Gradient checks: every kernel that this package adds to the wasm backend against the tfjs `cpu` backend, on random maps of
 * random shapes with the zeros that pooling and HardTanh leave.
 */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { useBackend } from "../../src/train/backend.ts";
import { hardTanh } from "../../src/train/hard-tanh.ts";
import type { WasmBackend } from "../../src/train/kernels/register.ts";

beforeAll(async () => {
  await useBackend("cpu");
  await useBackend("wasm");
});

/** Standard normal values, the given share of them replaced by zeros. */
function randomTensor(shape: number[], seed: number, zeros = 0): tf.Tensor {
  return tf.tidy(() =>
    tf.mul(
      tf.randomNormal(shape, 0, 1, "float32", seed),
      tf.cast(tf.greaterEqual(tf.randomUniform(shape, 0, 1, "float32", seed + 1), zeros), "float32"),
    ),
  );
}

/** Runs `compute` on both backends from the same values; returns the values of each result. */
function onBoth(
  inputs: tf.Tensor[],
  compute: (...inputs: tf.Tensor[]) => tf.Tensor[],
): [number[][], number[][]] {
  const values = inputs.map((tensor) => ({ data: tensor.dataSync().slice(), shape: tensor.shape }));
  const results = ["cpu", "wasm"].map((backend) => {
    tf.setBackend(backend);
    return tf.tidy(() =>
      compute(...values.map(({ data, shape }) => tf.tensor(data, shape))).map((tensor) => [
        ...tensor.dataSync(),
      ]),
    );
  });
  return results as [number[][], number[][]];
}

function expectClose([expected, actual]: [number[][], number[][]]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((values, i) => {
    expect(actual[i].length).toBe(values.length);
    const scale = Math.max(1, ...values.map(Math.abs));
    const worst = Math.max(...values.map((value, j) => Math.abs(value - actual[i][j])));
    expect(worst / scale).toBeLessThan(1e-5);
  });
}

const convolution = fc.record({
  batch: fc.integer({ min: 1, max: 5 }),
  size: fc.integer({ min: 7, max: 13 }),
  ci: fc.constantFrom(1, 2, 3, 4, 8, 10, 16),
  co: fc.integer({ min: 1, max: 9 }),
  kernel: fc.integer({ min: 1, max: 7 }),
  stride: fc.integer({ min: 1, max: 4 }),
  pad: fc.integer({ min: 0, max: 3 }),
  zeros: fc.constantFrom(0, 0.8, 1),
  seed: fc.nat(1e6),
});

test("Conv2DBackpropFilter and Conv2DBackpropInput agree with the cpu backend", () => {
  fc.assert(
    fc.property(convolution, ({ batch, size, ci, co, kernel, stride, pad, zeros, seed }) => {
      const out = Math.floor((size + 2 * pad - kernel) / stride) + 1;
      const inputs = [
        randomTensor([batch, size, size, ci], seed),
        randomTensor([batch, out, out, co], seed + 2, zeros),
        randomTensor([kernel, kernel, ci, co], seed + 4, zeros),
      ];
      expectClose(
        onBoth(inputs, (x, dy, filter) => {
          const attributes = { strides: stride, pad, dataFormat: "NHWC", dimRoundingMode: "floor" };
          const kernelOf = (name: string, tensors: object, shape: object) =>
            tf
              .engine()
              .runKernel(name, tensors as tf.NamedTensorMap, { ...attributes, ...shape }) as tf.Tensor;
          return [
            kernelOf("Conv2DBackpropFilter", { x, dy }, { filterShape: filter.shape }),
            kernelOf("Conv2DBackpropInput", { dy, filter }, { inputShape: x.shape }),
          ];
        }),
      );
      tf.dispose(inputs);
    }),
    { numRuns: 60 },
  );
});

test("the sparse Conv2D agrees with the cpu backend, and a dense filter still takes the backend's own", () => {
  fc.assert(
    fc.property(convolution, ({ batch, size, ci, co, kernel, stride, pad, zeros, seed }) => {
      const inputs = [
        randomTensor([batch, size, size, ci], seed),
        randomTensor([kernel, kernel, ci, co], seed, zeros),
      ];
      expectClose(
        onBoth(inputs, (x, filter) => [
          tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad, "NHWC", 1, "floor"),
        ]),
      );
      tf.dispose(inputs);
    }),
    { numRuns: 60 },
  );
});

test("BatchMatMul agrees with the cpu backend, transposed or not", () => {
  const side = fc.integer({ min: 1, max: 21 });
  fc.assert(
    fc.property(
      fc.record({
        m: side,
        n: side,
        k: side,
        batch: fc.integer({ min: 1, max: 3 }),
        ta: fc.boolean(),
        tb: fc.boolean(),
        shared: fc.boolean(),
      }),
      ({ m, n, k, batch, ta, tb, shared }) => {
        const inputs = [
          randomTensor([batch, ...(ta ? [k, m] : [m, k])], m),
          randomTensor([shared ? 1 : batch, ...(tb ? [n, k] : [k, n])], n),
        ];
        expectClose(onBoth(inputs, (a, b) => [tf.matMul(a, b, ta, tb)]));
        tf.dispose(inputs);
      },
    ),
    { numRuns: 60 },
  );
});

test("MaxPoolGrad agrees with the cpu backend where maxima are negative, windows overlap or leave a border", () => {
  fc.assert(
    fc.property(
      fc.record({
        size: fc.integer({ min: 4, max: 9 }),
        channels: fc.integer({ min: 1, max: 9 }),
        window: fc.integer({ min: 2, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        seed: fc.nat(1e6),
      }),
      ({ size, channels, window, stride, seed }) => {
        const x = tf.tidy(() => tf.sub(randomTensor([2, size, size, channels], seed), 2));
        const out = Math.floor((size - window) / stride) + 1;
        const dy = randomTensor([2, out, out, channels], seed + 2);
        expectClose(
          onBoth([x, dy], (input, gradient) => {
            const pool = (map: tf.Tensor) => tf.maxPool(map as tf.Tensor4D, window, stride, "valid");
            return [pool(input), tf.grad(pool)(input, gradient)];
          }),
        );
        tf.dispose([x, dy]);
      },
    ),
    { numRuns: 60 },
  );
});

test("HardTanh and its gradient agree with their composition", () => {
  const x = randomTensor([3, 7], 1);
  const dy = randomTensor([3, 7], 2);
  const results = onBoth([x, dy], (input, gradient) => [hardTanh(input), tf.grad(hardTanh)(input, gradient)]);
  expectClose(results);
  const [y, dx] = results[1];
  x.dataSync().forEach((value, i) => {
    expect(y[i]).toBe(Math.min(1, Math.max(-1, value)));
    expect(dx[i]).toBe(Math.abs(value) < 1 ? dy.dataSync()[i] : 0);
  });
});

test("a clone shares its values and outlives the original", () => {
  tf.setBackend("wasm");
  const bytes = tf.memory().numBytes;
  const x = tf.tensor1d([1, 2, 3]);
  const y = tf.clone(x);
  expect(y.dataId).toBe(x.dataId);
  x.dispose();
  expect([...y.dataSync()]).toEqual([1, 2, 3]);
  y.dispose();
  expect(tf.memory().numBytes).toBe(bytes);
});

test("inputs that the kernels cannot handle are refused", () => {
  tf.setBackend("wasm");
  const zeros = (...shape: number[]) => tf.zeros(shape);
  expect(() => tf.matMul(zeros(2, 1, 3, 3), zeros(1, 2, 3, 3))).toThrow(/expected equal batches/);
  expect(() => tf.matMul(tf.ones([2, 2], "int32"), tf.ones([2, 2], "int32"))).toThrow(/expected float32/);
});

test("more than the backend's memory can hold is refused, and the backend lives on", () => {
  tf.setBackend("wasm");
  const backend = tf.backend() as WasmBackend;
  for (const floats of [2 ** 30 - 1, 2 ** 30, 2 ** 32]) {
    expect(() => backend.makeOutput([floats], "float32")).toThrow(
      /^out of WebAssembly memory \(\d+ MB more\)/,
    );
  }
  expect([...tf.add(tf.tensor1d([1, 2]), 1).dataSync()]).toEqual([2, 3]);
});

test("an unknown backend is refused in one line, and the one in use stays", async () => {
  await expect(useBackend("gpu" as "cpu")).rejects.toThrow(
    "backend: expected auto, tensorflow, wasm, cpu; got gpu",
  );
  expect(tf.getBackend()).toBe("wasm");
});
