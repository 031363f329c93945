/**
 * Where a training stands, in a file, so that one that was killed goes on to the same result. The file is Node's
 * structured-clone format, written whole or not at all.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { describe } from "../../env/describe.ts";
import { CorruptFile, InvalidOption, TritrackError } from "../../env/errors.ts";
import { writeFileAtomic } from "../../recordings/files/atomic.ts";
import { readBoundedFile } from "../../recordings/files/file-source.ts";

const FORMAT = "tritrack training 1";
/** Largest checkpoint that is read, bytes: those of the car's dense network are 2 MB. */
const MAX_FILE_BYTES = 128 * 2 ** 20;
/** Steps from one checkpoint to the next: some ten seconds. */
export const CHECKPOINT_STEPS = 250;

/** Writes a checkpoint of the training that `what` describes: its options and data. */
export function saveCheckpoint(path: string, what: string, state: unknown): void {
  writeFileAtomic(path, serialize({ format: FORMAT, what, state }));
}

/**
 * @returns the state, or null if there is no such file
 * @throws CorruptFile on any other file, InvalidOption on the checkpoint of another training
 */
export function loadCheckpoint<State>(path: string, what: string): State | null {
  if (!existsSync(path)) return null;
  let file: { format?: unknown; what?: unknown; state?: unknown } | undefined;
  try {
    file = deserialize(readBoundedFile(path, MAX_FILE_BYTES));
  } catch (error) {
    if (error instanceof TritrackError) throw error;
    // Told below, like a file of another kind.
  }
  if (file?.format !== FORMAT) throw new CorruptFile(`${path} is not a training checkpoint`);
  if (file.what !== what) {
    throw new InvalidOption(
      `${path} is the checkpoint of another training (${describe(file.what)}; now ${describe(what)})`,
    );
  }
  return file.state as State;
}

/** A short name for data: the same bytes, the same name. */
export function fingerprint(bytes: Uint8Array | Float32Array): string {
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return createHash("sha256").update(view).digest("hex").slice(0, 16);
}
