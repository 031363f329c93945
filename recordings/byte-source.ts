/**
 * Bytes that are read where they lie: a file on disk (`files/file-source.ts`) or an array. Readers of large formats take
 * one, so that a file of gigabytes is never in memory as a whole.
 */
import { CorruptFile } from "../env/errors.ts";

/** Random access to bytes. */
export interface ByteSource {
  /** Bytes there are. */
  readonly size: number;
  /**
   * @param offset of the first byte, 0 to `size`
   * @param length how many bytes, 0 up
   * @returns the bytes, which are not to be written to
   * @throws CorruptFile where they pass the end
   */
  read(offset: number, length: number): Uint8Array;
}

/** An array as a source; it is not copied. */
export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(offset, length) {
      checkRange(offset, length, bytes.length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** @throws CorruptFile unless the range lies within `size` bytes */
export function checkRange(offset: number, length: number, size: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new CorruptFile(
    `expected ${length} bytes at ${offset}, the file has ${size} (truncated or damaged?)`,
  );
}

/** Takes bytes off a stream of pieces, in portions of any length. */
export class PieceReader {
  readonly #pieces: Iterator<Uint8Array>;
  #piece = new Uint8Array(0);
  #at = 0;

  constructor(pieces: Iterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.iterator]();
  }

  /**
   * The next bytes, in memory of their own.
   * @param length bytes
   * @throws CorruptFile where the stream ends before
   */
  take(length: number): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      if (this.#at === this.#piece.length && !this.#next())
        throw new CorruptFile(`expected ${length} bytes, got ${filled} (truncated or damaged?)`);
      const part = this.#piece.subarray(this.#at, this.#at + length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#at += part.length;
    }
    return taken;
  }

  /**
   * Reads to the end, so that checks of the whole stream are made.
   * @throws CorruptFile where bytes are left
   */
  finish(): void {
    if (this.#at < this.#piece.length || this.#next())
      throw new CorruptFile("expected the end of the data, got more bytes");
  }

  #next(): boolean {
    for (;;) {
      const { done, value } = this.#pieces.next();
      if (done) return false;
      if (value.length === 0) continue;
      this.#piece = value as Uint8Array<ArrayBuffer>;
      this.#at = 0;
      return true;
    }
  }
}
