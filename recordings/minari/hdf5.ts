/**
 * HDF5 files. The library is the HDF5 Group's own, compiled to WebAssembly; its files lie in a file system of its own in
 * which there is nothing else, so that a file whose links, external data or virtual datasets name other files finds
 * none. A file to read is not copied there: the library's reads are answered from a `ByteSource`, piece by piece.
 *
 * Every error of the library becomes `CorruptFile`, and every array's declared size is checked before memory is taken.
 */
import type { Dataset, File, Group } from "h5wasm";
import { shorten } from "../../env/describe.ts";
import { CorruptFile, TritrackError } from "../../env/errors.ts";
import { type ByteSource, sourceOfBytes } from "../byte-source.ts";
import { type ArrayForm, countOf, type ForeignData, halfToNumber } from "../foreign-arrays.ts";

/** Bytes of one compressed piece of an array that are unpacked at most, and of rows that are read at once. */
const MAX_CHUNK_BYTES = 32 * 2 ** 20;
const BLOCK_BYTES = 4 * 2 ** 20;
/** errno of a failed read (`EIO`). */
const EIO = 29;

let files = 0;

/** Loads the library, which is large, with the first file. */
async function start() {
  const { default: h5wasm } = await import("h5wasm");
  const { FS, activate_throwing_error_handler } = await h5wasm.ready;
  activate_throwing_error_handler(); // instead of reports on stderr
  return { h5wasm, FS, path: `/${files++}.hdf5` };
}

/**
 * Builds a file.
 * @returns its bytes
 */
export async function buildHdf5(build: (file: File) => Promise<void>): Promise<Uint8Array> {
  const { h5wasm, FS, path } = await start();
  const file = new h5wasm.File(path, "w");
  try {
    await build(file);
    file.flush();
    file.close();
    return FS.readFile(path);
  } finally {
    FS.unlink(path);
  }
}

/**
 * Lets `read` look into a file, and takes it away again.
 * @param bytes the file, or where its bytes are
 * @param name what error messages call it
 * @throws CorruptFile where the library cannot open it; whatever `read` throws
 */
export async function readHdf5<T>(
  bytes: Uint8Array | ByteSource,
  name: string,
  read: (file: File) => Promise<T>,
): Promise<T> {
  const source = bytes instanceof Uint8Array ? sourceOfBytes(bytes) : bytes;
  const { h5wasm, FS, path } = await start();
  FS.writeFile(path, new Uint8Array(0));
  serve(FS, path, source);
  let file: File | undefined;
  try {
    file = fromLibrary(name, () => new h5wasm.File(path, "r"));
    return await read(file);
  } finally {
    try {
      file?.close();
    } catch {
      // The file was damaged; what there is to say of it has been thrown.
    }
    FS.unlink(path);
  }
}

/** Lets reads of an empty file in the library's file system (Emscripten's MEMFS) be answered from a source. */
function serve(FS: Awaited<ReturnType<typeof start>>["FS"], path: string, source: ByteSource): void {
  const { node } = FS.lookupPath(path, {}) as unknown as {
    node: { usedBytes: number; stream_ops: Record<string, unknown> };
  };
  node.usedBytes = source.size;
  const read = (
    _stream: unknown,
    buffer: Uint8Array,
    at: number,
    length: number,
    position: number,
  ): number => {
    const count = Math.max(0, Math.min(length, source.size - position));
    try {
      buffer.set(source.read(position, count), at);
    } catch {
      throw new (FS as unknown as { ErrnoError: new (errno: number) => Error }).ErrnoError(EIO);
    }
    return count;
  };
  node.stream_ops = { ...node.stream_ops, read };
}

/**
 * Calls the library.
 * @param where what an error calls what was read
 * @throws CorruptFile in place of whatever the library throws: texts, numbers, errors of several kinds
 */
export function fromLibrary<T>(where: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof TritrackError) throw error;
    const report = error instanceof Error ? error.message : String(error);
    // The library reports a stack of calls, "#003: file.c line 9 in H5Z_open(): what went wrong"; the last is the cause.
    const reason = [...report.slice(0, 10_000).matchAll(/\(\): ([^\n]+)/g)].at(-1)?.[1] ?? report;
    throw new CorruptFile(
      `${where}: expected HDF5 that can be read (truncated or damaged?), got: ${shorten(reason.trim())}`,
    );
  }
}

/** An array of a file, not yet read. */
export interface StoredArray {
  /** Its type and shape. */
  readonly form: ArrayForm;
  /**
   * All of it.
   * @throws CorruptFile where that is more than `maxBytes`, or cannot be read
   */
  read(maxBytes: number): ForeignData;
  /** Its bytes along the first axis, one by one; throws CorruptFile where they cannot be read. */
  rows(): Generator<Uint8Array, void, undefined>;
}

/**
 * An array below a group, or null when there is none.
 * @throws CorruptFile where there is a group or something else instead, or pieces of over 32 MiB
 */
export function arrayAt(group: Group, key: string, where: string): StoredArray | null {
  const at = `${where}: ${key}`;
  const entity = fromLibrary(at, () => (group.keys().includes(key) ? group.get(key) : null));
  if (entity === null) return null;
  const kind = kindOf(entity);
  if (kind !== "Dataset")
    throw new CorruptFile(`${at}: expected an array, got ${kind === "Group" ? "a group" : "a link"}`);
  const dataset = entity as Dataset;
  const metadata = fromLibrary(at, () => dataset.metadata);
  const form = formOf(metadata);
  const chunkBytes = metadata.size * countOf(metadata.chunks ?? []);
  if (chunkBytes > MAX_CHUNK_BYTES)
    throw new CorruptFile(`${at}: expected pieces of at most ${MAX_CHUNK_BYTES} bytes, got ${chunkBytes}`);
  return {
    form,
    read(maxBytes) {
      const bytes = metadata.size * countOf(form.shape);
      if (!(bytes <= maxBytes))
        throw new CorruptFile(`${at}: expected at most ${maxBytes} bytes, got ${bytes}`);
      return fromLibrary(at, () => valuesOf(dataset, form));
    },
    *rows() {
      const [count, ...row] = form.shape;
      const size = metadata.size * countOf(row);
      // Whole pieces at a time, so that none is unpacked for every row anew.
      const atOnce = Math.max(1, Math.min(Math.floor(BLOCK_BYTES / size), metadata.chunks?.[0] ?? 16));
      for (let first = 0; first < count; first += atOnce) {
        const end = Math.min(count, first + atOnce);
        const block = fromLibrary(at, () => dataset.slice([[first, end], ...row.map(() => [] as [])]));
        for (let i = first; i < end; i++)
          yield (block as Uint8Array).subarray((i - first) * size, (i - first + 1) * size);
      }
    },
  };
}

/** "Dataset", "Group" or another kind of the library; an external link has its own. */
function kindOf(entity: unknown): string | undefined {
  return (entity as { type?: string } | null)?.type;
}

function formOf({ type, size, signed, shape, enum_type }: Dataset["metadata"]): ArrayForm {
  // The library's numbers for the kinds of HDF5: integers, floats, enumerations; h5py stores booleans as the last.
  const isBool = type === 8 && enum_type?.members?.TRUE === 1 && size === 1;
  const kind = isBool ? "b" : type === 0 ? (signed ? "i" : "u") : type === 1 ? "f" : "V";
  return { type: `${kind}${size}`, shape: shape?.map(Number) ?? [] };
}

function valuesOf(dataset: Dataset, { type }: ArrayForm): ForeignData {
  if (type !== "f2") return dataset.value as ForeignData;
  // The library does not know float16: it reads them as integers of the same size.
  const metadata = { ...dataset.metadata, type: 0, signed: false };
  Object.defineProperty(dataset, "metadata", { value: metadata });
  return Float32Array.from(dataset.value as Uint16Array, halfToNumber);
}

/**
 * The value of an attribute that is one number or text, or undefined when there is none.
 * @throws CorruptFile on other attributes, which could be of any size
 */
export function attributeOf(group: Group, key: string, where: string): number | bigint | string | undefined {
  const at = `${where}: ${key}`;
  return fromLibrary(at, () => {
    const { attrs } = group;
    if (!Object.hasOwn(attrs, key)) return undefined;
    const attribute = attrs[key];
    const { type, size, total_size } = attribute.metadata;
    if (![0, 1, 3, 8].includes(type) || total_size !== 1 || size > 4096)
      throw new CorruptFile(`${at}: expected one number or text`);
    const { value } = attribute;
    if (typeof value === "boolean") return Number(value);
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "string") return value;
    if (ArrayBuffer.isView(value)) return (value as unknown as ArrayLike<number | bigint>)[0];
    throw new CorruptFile(`${at}: expected one number or text`);
  });
}

/**
 * A group below a file's root.
 * @throws CorruptFile where there is none, or something else instead
 */
export function groupAt(file: File, key: string, where: string): Group {
  const entity = fromLibrary(where, () => file.get(key));
  if (kindOf(entity) !== "Group") throw new CorruptFile(`${where}: expected a group`);
  return entity as Group;
}

export type { File, Group };
