/**
 * The accuracy of every first neighbour of the last layer of a classifier, exactly.
 *
 * A swap takes a (a weight times an input) to the sum of one class and b to the sum of one, the same or another. What
 * an image is worth then follows from the margins of its own class over the others, and as |a| and |b| are at most the
 * value 1, most images keep their answer whatever the swap: of a good network's 10,000 some hundred remain for a pair
 * of classes. For these, once a is known, the answer is right on one side of a threshold of b, so that an image costs
 * a neighbour one comparison.
 */

import { instantiateKernel } from "../../../env/wasm.ts";
import kernelCode from "../../../policies/ternary/kernels/forward.wasm.ts";
import { mostNonzeros, type TernaryNetwork, unitValue } from "../../../policies/ternary/network.ts";
import { type ForwardKernel, Program } from "../../../policies/ternary/program.ts";
import type { Family } from "../../../policies/ternary/swap.ts";
import type { MnistExamples } from "../../data/examples.ts";

import { type Counter, kernelCounter, MOST_INT16, type Question, type Rows } from "./counter.ts";

/** Options of `tallyNeighbours`. */
export interface ExhaustiveOptions {
  /** Swaps that count as neighbours. */
  family: Family;
  /** Called after each class with how many of how many are done; a promise is awaited. Default: nothing. */
  onProgress?: ((done: number, total: number) => void | Promise<void>) | undefined;
  /** Makes the counter. Default: `kernelCounter`. */
  counter?: ((rows: Rows) => Counter) | undefined;
}

/** Neighbours by how many images they classify right. */
export interface Tally {
  /** Images that the network itself classifies right. */
  original: number;
  /** [images + 1]: neighbours that classify 0, 1, 2 … images right. */
  counts: Float64Array;
}

/** Tallies every first neighbour of the last layer, which must be dense. */
export async function tallyNeighbours(
  network: TernaryNetwork,
  data: MnistExamples,
  { family, onProgress, counter }: ExhaustiveOptions,
): Promise<Tally> {
  const last = network.architecture.layers[network.architecture.layers.length - 1];
  const weights = network.weights[last.name];
  const { images, right } = await turnableImages(network, data);
  const places = (output: number, keep: (weight: number) => boolean) => {
    const own = weights.subarray(output * last.in, (output + 1) * last.in);
    return Int32Array.from(own.keys()).filter((input) => keep(own[input]));
  };
  const zeros = Array.from({ length: last.out }, (_, output) => places(output, (weight) => weight === 0));
  const largest = unitValue(network, network.architecture.layers.length - 2);
  const classes = [...zeros.keys()];
  const conditions = classes.map((from) => classes.map((to) => conditionsOf(images, from, to, largest)));
  const rows = images.map((image) => image.inputs) as Rows;
  const count =
    counter?.(rows) ??
    (await kernelCounter(rows, {
      inputs: last.in,
      removals: mostNonzeros(last, weights),
      images: Math.max(...conditions.flat().map((own) => own.length)),
    }));

  const counts = new Float64Array(data.labels.length + 1);
  for (const from of classes) {
    for (const to of classes) {
      const own = conditions[from][to];
      const wrongBefore = own.filter(({ image }) => !images[image].right).length;
      for (const sign of [1, -1]) {
        const removed = places(from, (weight) => weight !== 0 && (family === "free" || weight === sign));
        const changes = (image: number) =>
          removed.map((input) => -weights[from * last.in + input] * images[image].inputs[input]);
        const question = ask(own, changes, sign, largest, removed.length, zeros[to]);
        count(question).forEach((swaps, wrong) => {
          if (swaps > 0) counts[right + wrongBefore - wrong] += swaps;
        });
      }
    }
    await onProgress?.(from + 1, last.out);
  }
  return { original: right, counts };
}

/** An image whose answer some swap may turn. */
interface Image {
  inputs: Int16Array | Int32Array;
  label: number;
  /** The label's sum less that of each class. The class wins if the label's sum falls by more; below 0 it wins already. */
  margins: Int32Array;
  /** True if the network itself is right. */
  right: boolean;
}

/** Larger than any margin, and far enough from the end of int32 to add one. */
const FAR = 2 ** 30;

async function turnableImages(
  network: TernaryNetwork,
  { inputs, labels }: MnistExamples,
): Promise<{ images: Image[]; right: number }> {
  const { architecture } = network;
  const largest = unitValue(network, architecture.layers.length - 2);
  const Inputs = largest <= MOST_INT16 ? Int16Array : Int32Array;
  const program = new Program(await instantiateKernel<ForwardKernel>(kernelCode), network, { lanes: 8 });
  const last = program.records[program.records.length - 1];
  const width = architecture.layers[architecture.layers.length - 1].in;
  const bytes = inputs.length / labels.length;
  const images: Image[] = [];
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    const lane = i % 8;
    if (lane === 0) {
      const end = Math.min(i + 8, labels.length);
      for (let j = i; j < end; j++) program.pack(inputs.subarray(j * bytes, (j + 1) * bytes), 0, j - i);
      program.forward(0);
    }
    const label = labels[i];
    const sums = program.results(0);
    const margins = new Int32Array(program.outputs).map((_, o) =>
      // The first of equal sums wins.
      o === label ? FAR : sums[label * 8 + lane] - sums[o * 8 + lane] - (o < label ? 1 : 0),
    );
    const least = Math.min(...margins);
    if (least >= 0) right++;
    // The difference of two sums changes by twice the largest input at most.
    if (least >= 2 * largest || least < -2 * largest) continue;
    const row = program.arena.ints(last.input, width * 8);
    const own = new Inputs(width);
    for (let input = 0; input < width; input++) own[input] = row[input * 8 + lane];
    images.push({ inputs: own, label, margins, right: least >= 0 });
  }
  return { images, right };
}

/**
 * When an image is right after `a` came to the sum of one class and `b` to that of another: a lies in [aLeast, aMost],
 * and b is at least max(bLeast, slope * a + offset), or at most slope * a + offset.
 */
interface Condition {
  image: number;
  aLeast: number;
  aMost: number;
  atLeast: boolean;
  bLeast: number;
  slope: -1 | 0 | 1;
  offset: number;
}

/** Conditions for the images that a removal from class `from` and an addition to class `to` of `largest` at most can turn. */
function conditionsOf(images: readonly Image[], from: number, to: number, largest: number): Condition[] {
  const conditions: Condition[] = [];
  images.forEach(({ label, margins }, image) => {
    let rest = FAR;
    margins.forEach((margin, o) => {
      if (o !== from && o !== to) rest = Math.min(rest, margin);
    });
    const any = { image, aLeast: -FAR, aMost: FAR, bLeast: -FAR };
    const reach = 2 * largest;
    if (from === to) {
      if (label === to) {
        if (rest < reach && rest >= -reach)
          conditions.push({ ...any, atLeast: true, slope: -1, offset: -rest });
      } else if (rest >= 0 && margins[to] < reach && margins[to] >= -reach)
        conditions.push({ ...any, atLeast: false, slope: -1, offset: margins[to] });
    } else if (label === from) {
      if (rest < -largest || margins[to] < -reach || (rest >= largest && margins[to] >= reach)) return;
      conditions.push({ ...any, aLeast: -rest, atLeast: false, slope: 1, offset: margins[to] });
    } else if (label === to) {
      if (rest < -largest || margins[from] < -reach || (rest >= largest && margins[from] >= reach)) return;
      conditions.push({ ...any, atLeast: true, bLeast: -rest, slope: 1, offset: -margins[from] });
    } else {
      if (rest < 0 || Math.min(margins[from], margins[to]) < -largest) return;
      if (margins[from] >= largest && margins[to] >= largest) return;
      conditions.push({ ...any, aMost: margins[from], atLeast: false, slope: 0, offset: margins[to] });
    }
  });
  return conditions;
}

/**
 * The conditions on b as thresholds of the added input, which is b or, for the sign -1, minus b.
 * @param changes what each removal adds to the sum of the class, for an image
 */
function ask(
  conditions: readonly Condition[],
  changes: (image: number) => Int32Array,
  sign: number,
  largest: number,
  removals: number,
  zeros: Int32Array,
): Question {
  // An image is wrong above its threshold where b has an upper limit, unless the sign turns that round.
  const isAbove = ({ atLeast }: Condition) => atLeast === sign < 0;
  const first = conditions.filter(isAbove);
  const ordered = [...first, ...conditions.filter((condition) => !isAbove(condition))];
  const thresholds = new Int32Array(removals * ordered.length);
  ordered.forEach((condition, m) => {
    const { image, aLeast, aMost, atLeast, bLeast, slope, offset } = condition;
    const above = m < first.length;
    changes(image).forEach((a, r) => {
      let threshold: number;
      if (a < aLeast || a > aMost) threshold = above ? -FAR : FAR;
      else {
        const limit = atLeast ? Math.max(bLeast, slope * a + offset) : slope * a + offset;
        // Wrong above is x > limit, or -x < limit; wrong at and below is x <= limit - 1, or -x >= limit + 1.
        threshold = above ? sign * limit : sign > 0 ? limit - 1 : -limit - 1;
      }
      // No input lies beyond these.
      thresholds[r * ordered.length + m] = Math.max(-largest - 1, Math.min(largest, threshold));
    });
  });
  return {
    images: Int32Array.from(ordered, ({ image }) => image),
    above: first.length,
    thresholds,
    removals,
    zeros,
  };
}
