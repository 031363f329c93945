/** Files of checkpoints: looked at before they are read, written whole or not at all. Node only. */
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { CorruptFile } from "../../env/errors.ts";
import { writeFileAtomic } from "../../recordings/files/atomic.ts";
import {
  type CheckpointKind,
  checkHead,
  decodeCheckpoint,
  encodeCheckpoint,
  HEAD_BYTES,
  type Identity,
  MOST_CHECKPOINT_BYTES,
} from "./checkpoint.ts";

/**
 * The bytes of a checkpoint's file, for `decodeCheckpoint`.
 * @returns null if there is no such file
 * @throws {@link CorruptFile} on a file that is no checkpoint, or larger than 256 MB, before it is read
 */
export function readCheckpointFile(kind: CheckpointKind, path: string): Uint8Array | null {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status) return null;
  if (!status.isFile()) throw new CorruptFile(`${path}: expected the checkpoint of a ${kind}, got no file`);
  const head = new Uint8Array(HEAD_BYTES);
  const file = openSync(path, "r");
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  checkHead(kind, head, path);
  if (status.size > MOST_CHECKPOINT_BYTES)
    throw new CorruptFile(
      `${path}: expected a checkpoint of at most ${MOST_CHECKPOINT_BYTES} bytes, got ${status.size}`,
    );
  return readFileSync(path);
}

/** The checkpoint of one training or search: its file and its identity. */
export class CheckpointFile<State> {
  readonly #kind: CheckpointKind;
  readonly #path: string | undefined;
  readonly #identity: Identity;

  /** @param path of the file. Default: none; then nothing is written and `load` finds nothing. */
  constructor(kind: CheckpointKind, identity: Identity, path?: string) {
    this.#kind = kind;
    this.#identity = identity;
    this.#path = path;
  }

  /**
   * The state in the file, null if there is none.
   * @throws as `readCheckpointFile` and `decodeCheckpoint` do
   */
  load(): State | null {
    if (this.#path === undefined) return null;
    const bytes = readCheckpointFile(this.#kind, this.#path);
    return bytes && decodeCheckpoint<State>(this.#kind, this.#identity, bytes, this.#path);
  }

  /** Writes a state in place of the last one. */
  save(state: () => State): void {
    if (this.#path !== undefined)
      writeFileAtomic(this.#path, encodeCheckpoint(this.#kind, this.#identity, state()));
  }
}
