/**
 * Examples as bytes, for jobs that other threads and machines do: a JSON head of fixed size, then inputs, targets or labels,
 * and weights. The bytes may come from elsewhere, so reading checks every length and bound before memory is taken.
 */
import { CorruptFile } from "../../env/errors.ts";
import { type Examples, INPUT_BYTES } from "./examples.ts";

/** Bytes of the head: JSON text, filled up with spaces. */
const HEAD_BYTES = 256;

interface Head {
  task: "car" | "mnist";
  count: number;
  /** True if frames have weights. */
  weighted: boolean;
  outputWeights: readonly [number, number, number] | null;
}

/** The bytes of examples; equal examples give equal bytes. */
export function writeExamples(examples: Examples): Uint8Array {
  const isCar = examples.task === "car";
  const head: Head = {
    task: examples.task,
    count: isCar ? examples.targets.length / 3 : examples.labels.length,
    weighted: isCar && examples.weights !== undefined,
    outputWeights: (isCar && examples.outputWeights) || null,
  };
  const text = new TextEncoder().encode(JSON.stringify(head).padEnd(HEAD_BYTES));
  const { buffer, byteOffset, byteLength } = isCar ? examples.targets : examples.labels;
  const answers = new Uint8Array(buffer, byteOffset, byteLength);
  const parts = [text, examples.inputs, answers, (isCar && examples.weights) || new Uint8Array()];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Examples out of their bytes; inputs, labels and weights are views of these.
 * @throws {@link CorruptFile} on anything that `writeExamples` does not write
 */
export function readExamples(bytes: Uint8Array): Examples {
  const { task, count, weighted, outputWeights } = readHead(bytes.subarray(0, HEAD_BYTES));
  const sizes = [INPUT_BYTES[task], task === "car" ? 12 : 1, weighted ? 1 : 0];
  const expected = HEAD_BYTES + count * (sizes[0] + sizes[1] + sizes[2]);
  if (bytes.length !== expected)
    throw new CorruptFile(`data of ${count} inputs: expected ${expected} bytes, got ${bytes.length}`);
  let at = HEAD_BYTES;
  const [inputs, answers, weights] = sizes.map((size) => bytes.subarray(at, (at += count * size)));
  if (task === "mnist") {
    if (answers.some((label) => label > 9)) throw new CorruptFile("data: expected labels from 0 to 9");
    return { task, inputs, labels: answers };
  }
  // A copy, because float32 needs an offset that is a multiple of 4.
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
    // Refused below, like a head of another kind.
  }
  const isWeight = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < 1e6;
  const { task, outputWeights } = head ?? {};
  const fits =
    (task === "car" || task === "mnist") &&
    Number.isInteger(head?.count) &&
    head!.count! > 0 &&
    head!.count! < 2 ** 31 &&
    typeof head!.weighted === "boolean" &&
    (task === "car" || !head!.weighted) &&
    (outputWeights === null ||
      (Array.isArray(outputWeights) && outputWeights.length === 3 && outputWeights.every(isWeight)));
  if (!fits)
    throw new CorruptFile("data of a job: expected a head in JSON at their beginning, got something else");
  return head as Head;
}
