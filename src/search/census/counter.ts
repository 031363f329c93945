/** Counts neighbours by how many images they get wrong: by `kernels/census.as.ts`, and in plain TypeScript, its definition. */
import { instantiateKernel } from "../../../env/wasm.ts";
import { Arena } from "../../../policies/ternary/program.ts";
import kernelCode from "./kernels/census.wasm.ts";

/** Inputs of the last layer, one array for each image. */
export type Rows = readonly Int16Array[] | readonly Int32Array[];

/** Swaps of all of some removals with all of some additions, and when each makes an image wrong. */
export interface Question {
  /** Numbers of the images; first those that go wrong where the added input is above their threshold. */
  images: Int32Array;
  /** Number of those images; the others go wrong where the added input is at or below their threshold. */
  above: number;
  /** [removals, images] */
  thresholds: Int32Array;
  /** Number of removals. */
  removals: number;
  /** Inputs that may be added, in ascending order. */
  zeros: Int32Array;
}

/** Counts the swaps that make 0, 1, 2 … of the question's images wrong: uint32 [images + 1]. */
export type Counter = (question: Question) => Uint32Array;

interface CensusKernel {
  memory: WebAssembly.Memory;
  heapBase(): number;
  countWrong16: CountWrong;
  countWrong32: CountWrong;
}

type CountWrong = (
  rows: number,
  above: number,
  images: number,
  thresholds: number,
  removals: number,
  zeros: number,
  zeroCount: number,
  histogram: number,
) => void;

/** Bytes of a row that the kernel takes at once. */
const STRIDE = 64;
/** Largest input and number of images that fit int16. */
export const MOST_INT16 = 32767;

/** Sizes of the largest question. */
export interface Most {
  /** Inputs of an image. */
  inputs: number;
  /** Removals. */
  removals: number;
  /** Images. */
  images: number;
}

/** A counter that uses the SIMD kernel. */
export async function kernelCounter(rows: Rows, most: Most): Promise<Counter> {
  const kernel = await instantiateKernel<CensusKernel>(kernelCode);
  const arena = new Arena(kernel);
  const width = most.inputs;
  const narrow = most.images <= MOST_INT16 && rows.every((row) => row instanceof Int16Array);
  const bytes = Math.ceil((width * (narrow ? 2 : 4)) / STRIDE) * STRIDE;
  const stored = arena.allocate(rows.length * bytes);
  const addresses = arena.allocate(most.images * 4);
  const thresholds = arena.allocate(most.removals * most.images * (narrow ? 2 : 4));
  const zeros = arena.allocate(width * 4);
  const histogram = arena.allocate((most.images + 1) * 4);
  const numbers = (address: number, length: number) =>
    narrow ? new Int16Array(kernel.memory.buffer, address, length) : arena.ints(address, length);
  rows.forEach((row, i) => {
    numbers(stored + i * bytes, width).set(row);
  });
  const count = narrow ? kernel.countWrong16 : kernel.countWrong32;
  return (question) => {
    const { images, above, removals } = question;
    arena.ints(addresses, images.length).set(images.map((image) => stored + image * bytes));
    numbers(thresholds, question.thresholds.length).set(question.thresholds);
    arena.ints(zeros, question.zeros.length).set(question.zeros);
    const counts = new Uint32Array(kernel.memory.buffer, histogram, images.length + 1).fill(0);
    count(addresses, above, images.length, thresholds, removals, zeros, question.zeros.length, histogram);
    return counts.slice();
  };
}

/** A counter in plain TypeScript, the oracle of the kernel in tests. */
export function plainCounter(rows: Rows): Counter {
  return ({ images, above, thresholds, removals, zeros }) => {
    const counts = new Uint32Array(images.length + 1);
    for (let r = 0; r < removals; r++)
      for (const zero of zeros) {
        let wrong = 0;
        images.forEach((image, m) => {
          const isAbove = rows[image][zero] > thresholds[r * images.length + m];
          if (isAbove === m < above) wrong++;
        });
        counts[wrong]++;
      }
    return counts;
  };
}
