/** The losses' gradients against differences of the losses themselves. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { crossEntropy, drivingLoss, type Loss } from "../../src/train/losses.ts";

function expectGradient(loss: Loss, outputs: Float32Array, indices: Int32Array): void {
  const gradient = new Float32Array(outputs.length);
  loss(outputs, indices, gradient);
  const step = 2 ** -8;
  outputs.forEach((output, i) => {
    const at = (value: number) =>
      loss(replaced(outputs, i, value), indices, new Float32Array(outputs.length));
    expect(gradient[i]).toBeCloseTo((at(output + step) - at(output - step)) / (2 * step), 2);
  });
}

test("driving loss", () => {
  const control = fc.double({ min: -1.5, max: 1.5, noNaN: true });
  fc.assert(
    fc.property(fc.array(control, { minLength: 6, maxLength: 6 }), (outputs) => {
      const targets = Float32Array.of(0, 0, 0, -1, 1, 0.25, 0.5, 0, 1);
      expectGradient(drivingLoss(targets), Float32Array.from(outputs), Int32Array.of(1, 2));
    }),
  );
});

test("nothing is lost past a saturated target", () => {
  const targets = Float32Array.of(1, 1, 0);
  const gradient = new Float32Array(3);
  expect(drivingLoss(targets)(Float32Array.of(3, 2, -4), Int32Array.of(0), gradient)).toBe(0);
  expect(gradient).toEqual(new Float32Array(3));
});

test("to steer beyond the wheels' stop is to steer to it", () => {
  const at = (wanted: number) =>
    [0.3, 0.46, 0.6].map((steer) =>
      drivingLoss(Float32Array.of(wanted, 0, 0))(
        Float32Array.of(steer, 0, 0),
        Int32Array.of(0),
        new Float32Array(3),
      ),
    );
  expect(at(1)).toEqual(at(0.5));
  expect(at(1)[0]).toBeGreaterThan(0);
  expect(at(1).slice(1)).toEqual([0, 0]);
});

test("cross-entropy", () => {
  const output = fc.double({ min: -9, max: 9, noNaN: true });
  fc.assert(
    fc.property(fc.array(output, { minLength: 20, maxLength: 20 }), (outputs) => {
      expectGradient(
        crossEntropy(Uint8Array.of(3, 9, 0), 0.3),
        Float32Array.from(outputs),
        Int32Array.of(2, 0),
      );
    }),
  );
});

function replaced(values: Float32Array, index: number, value: number): Float32Array {
  const copy = values.slice();
  copy[index] = value;
  return copy;
}
