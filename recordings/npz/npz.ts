/**
 * numpy's archive of arrays, `.npz`: a zip file of `.npy` files. Arrays are read one by one and only where they are
 * asked for, so that what else an archive holds, pickled or huge, costs nothing. Names in it are keys and nothing else.
 */
import { zipSync } from "fflate";
import { CorruptFile } from "../../env/errors.ts";
import { type ByteSource, PieceReader, sourceOfBytes } from "../byte-source.ts";
import { byteLength, type Npy, type NpyHeader, readNpyData, readNpyHeader, writeNpy } from "./npy.ts";
import { readZipDirectory, unzipPieces, type ZipEntry } from "./zip.ts";

/** An archive's bytes. The same arrays give the same bytes. */
export function writeNpz(arrays: Record<string, Npy>): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)]);
  return zipSync(Object.fromEntries(files), { level: 6, mtime: "1980-01-01T00:00:00" });
}

/** An archive whose arrays are read when they are wanted. */
export class NpzArchive {
  readonly #source: ByteSource;
  readonly #name: string;
  readonly #entries: Map<string, ZipEntry>;

  /**
   * Reads the directory only.
   * @param name what error messages call the archive
   * @throws CorruptFile on what is no zip archive
   */
  constructor(bytes: Uint8Array | ByteSource, name: string) {
    this.#source = bytes instanceof Uint8Array ? sourceOfBytes(bytes) : bytes;
    this.#name = name;
    const entries = naming(name, () => readZipDirectory(this.#source));
    this.#entries = new Map(
      entries.filter((entry) => entry.name.endsWith(".npy")).map((entry) => [entry.name.slice(0, -4), entry]),
    );
  }

  /** Keys of the arrays. */
  get keys(): string[] {
    return [...this.#entries.keys()];
  }

  /**
   * Shape and type of an array, or null where there is none of this key.
   * @throws CorruptFile on what is no numpy array
   */
  header(key: string): NpyHeader | null {
    return this.#open(key, (reader) => readNpyHeader(reader));
  }

  /**
   * A whole array, or null where there is none of this key.
   * @param maxBytes larger ones are refused before they are unpacked
   * @throws CorruptFile on damage, and on types other than numbers and text
   */
  read(key: string, maxBytes: number): Npy | null {
    return this.#open(key, (reader) => readNpyData(reader, readNpyHeader(reader), maxBytes));
  }

  /**
   * The array's bytes along its first axis, one by one, for arrays that are too large to be held.
   * @throws CorruptFile on damage, and on arrays in Fortran order, which have no such rows
   */
  *rows(key: string): Generator<Uint8Array, void, undefined> {
    const entry = this.#entries.get(key)!;
    const where = `${this.#name}: ${key}`;
    const reader = new PieceReader(unzipPieces(this.#source, entry));
    const header = naming(where, () => readNpyHeader(reader));
    if (header.isFortran && header.shape.length > 1) throw new CorruptFile(`${where}: expected C order`);
    const [count] = header.shape;
    for (let row = 0; row < count; row++) yield naming(where, () => reader.take(byteLength(header) / count));
    naming(where, () => reader.finish());
  }

  #open<T>(key: string, read: (reader: PieceReader) => T): T | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    return naming(`${this.#name}: ${key}`, () => read(new PieceReader(unzipPieces(this.#source, entry))));
  }
}

/** Puts the name of what was read before the message of an error. */
function naming<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof CorruptFile ? new CorruptFile(`${name}: ${error.message}`) : error;
  }
}
