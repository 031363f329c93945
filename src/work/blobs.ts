/**
 * What jobs work on, as bytes with a name: their sha256. Equal bytes have equal names, so a machine fetches each once.
 * Bytes may come from elsewhere: reading them checks every length and bound.
 */

import { createHash } from "node:crypto";
import { CorruptFile } from "../../env/errors.ts";
import { CROP_BYTES } from "../../policies/ternary/crop.ts";
import type { Examples } from "../data/examples.ts";

import type { Candidate } from "../search/engine/fitness-engine.ts";
import { CANDIDATE_WORDS } from "../search/engine/thread-protocol.ts";

/** sha256 of the bytes, 64 hexadecimal digits. */
export type BlobName = string;

export function blobName(bytes: Uint8Array): BlobName {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes of a digit's image. */
const IMAGE_BYTES = 28 * 28;
/** Bytes before the arrays: a JSON head, filled up with spaces. */
const HEAD_BYTES = 256;

interface Head {
  task: "car" | "mnist";
  count: number;
  /** Whether frames have weights. */
  weighted: boolean;
  outputWeights: readonly [number, number, number] | null;
}

/** A head, then inputs, targets or labels, and weights. */
export function writeData(data: Examples): Uint8Array {
  const isCar = data.task === "car";
  const head: Head = {
    task: data.task,
    count: isCar ? data.targets.length / 3 : data.labels.length,
    weighted: isCar && data.weights !== undefined,
    outputWeights: (isCar && data.outputWeights) || null,
  };
  const text = new TextEncoder().encode(JSON.stringify(head).padEnd(HEAD_BYTES));
  const parts = isCar
    ? [text, data.inputs, bytesOf(data.targets), data.weights ?? new Uint8Array()]
    : [text, data.inputs, data.labels];
  return Buffer.concat(parts);
}

/** @throws CorruptFile on anything that `writeData` does not write */
export function readData(bytes: Uint8Array): Examples {
  const { task, count, weighted, outputWeights } = readHead(bytes.subarray(0, HEAD_BYTES));
  const sizes = task === "car" ? [CROP_BYTES, 12, weighted ? 1 : 0] : [IMAGE_BYTES, 1, 0];
  const expected = HEAD_BYTES + count * (sizes[0] + sizes[1] + sizes[2]);
  if (bytes.length !== expected)
    throw new CorruptFile(`data of ${count} inputs: expected ${expected} bytes, got ${bytes.length}`);
  let at = HEAD_BYTES;
  const [inputs, answers, weights] = sizes.map((size) => bytes.subarray(at, (at += count * size)));
  if (task === "mnist") {
    if (answers.some((label) => label > 9)) throw new CorruptFile("data: expected labels from 0 to 9");
    return { task, inputs, labels: answers };
  }
  // Float32 needs an offset that is a multiple of 4: a copy.
  const targets = new Float32Array(new Uint8Array(answers).buffer);
  if (!targets.every((value) => Math.abs(value) <= 1))
    throw new CorruptFile("data: expected targets in [-1, 1]");
  return { task, inputs, targets, ...(weighted && { weights }), ...(outputWeights && { outputWeights }) };
}

function readHead(bytes: Uint8Array): Head {
  let head: Partial<Head> | null = null;
  try {
    head = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Told below, like a head of another kind.
  }
  const isWeight = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < 1e6;
  const { outputWeights } = head ?? {};
  const fits =
    (head?.task === "car" || head?.task === "mnist") &&
    Number.isInteger(head.count) &&
    head.count! > 0 &&
    head.count! < 2 ** 31 &&
    typeof head.weighted === "boolean" &&
    (outputWeights === null ||
      (Array.isArray(outputWeights) && outputWeights.length === 3 && outputWeights.every(isWeight)));
  if (!fits) throw new CorruptFile("data of a job begin with something else than their head");
  return head as Head;
}

/** int32 [n, 4]: index, change, index, change; zeros where there is no second edit. */
export function writeCandidates(candidates: readonly Candidate[]): Uint8Array {
  const words = new Int32Array(candidates.length * CANDIDATE_WORDS);
  candidates.forEach(([a, b], i) => {
    words.set([a.index, a.change, b?.index ?? 0, b?.change ?? 0], i * CANDIDATE_WORDS);
  });
  return bytesOf(words);
}

/** @param weights of the layer that the candidates change: indices stay below. @throws CorruptFile on other bytes */
export function readCandidates(bytes: Uint8Array, weights: number): Candidate[] {
  if (bytes.length % (CANDIDATE_WORDS * 4) !== 0)
    throw new CorruptFile(`candidates of ${bytes.length} bytes, expected a multiple of 16`);
  const words = new Int32Array(new Uint8Array(bytes).buffer);
  const edit = (at: number) => {
    const [index, change] = [words[at], words[at + 1]];
    if (index < 0 || index >= weights || Math.abs(change) > 2)
      throw new CorruptFile(`a candidate changes weight ${index} by ${change}: there are ${weights} weights`);
    return { index, change };
  };
  return Array.from({ length: words.length / CANDIDATE_WORDS }, (_, i) => {
    const at = i * CANDIDATE_WORDS;
    return words[at + 3] === 0 ? [edit(at)] : [edit(at), edit(at + 2)];
  });
}

export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
