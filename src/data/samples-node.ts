/**
 * Inputs to train on, all of one size, one after the other: in memory, or in a file for sets that may be larger. A
 * batch is read from the file when it is needed; the system caches as much as fits. Node only.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { CorruptFile } from "../../env/errors.ts";

/** A file of the inputs' bytes and nothing else. A plain record, which can be sent to threads. */
export interface SampleFile {
  /** Path of the file. */
  path: string;
}

/** Inputs in memory or in a file. */
export type Samples = Uint8Array | SampleFile;

/**
 * Reads some of the inputs, one after the other.
 * @param size bytes of an input
 * @param indices numbers of the inputs, from 0 up
 * @throws {@link CorruptFile} when the file ends before one of them
 */
export function readSamples({ path }: SampleFile, size: number, indices: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(indices.length * size);
  const file = openSync(path, "r");
  try {
    for (let i = 0; i < indices.length; i++) {
      const read = readSync(file, bytes, i * size, size, indices[i] * size);
      if (read !== size) throw new CorruptFile(`${path} ends before input ${indices[i]}`);
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
