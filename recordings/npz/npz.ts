/**
 * numpy's archive of arrays, `.npz`: a zip file of `.npy` files. Names in it are keys of a record and nothing else;
 * sizes are looked at before anything is unpacked.
 */
import { unzipSync, zipSync } from "fflate";
import { CorruptFile } from "../../env/errors.ts";
import { type Npy, readNpy, writeNpy } from "./npy.ts";

/** Of all arrays unpacked: the frames of half an hour. Bytes. */
const MAX_BYTES = 3 * 2 ** 30;
const MAX_ARRAYS = 64;

/** The same arrays give the same bytes. */
export function writeNpz(arrays: Record<string, Npy>): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)]);
  return zipSync(Object.fromEntries(files), { level: 6, mtime: "1980-01-01T00:00:00" });
}

/** @throws CorruptFile on what is no such archive */
export function readNpz(bytes: Uint8Array, name: string): Map<string, Npy> {
  let left = MAX_BYTES;
  let count = 0;
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter: (file) => {
        left -= file.originalSize;
        if (left < 0 || ++count > MAX_ARRAYS)
          throw new CorruptFile(`${name}: more than an episode would have`);
        return file.name.endsWith(".npy");
      },
    });
  } catch (error) {
    if (error instanceof CorruptFile) throw error;
    throw new CorruptFile(`${name} is not an npz archive of numpy arrays (truncated or damaged?)`);
  }
  return new Map(
    Object.entries(files).map(([file, contents]) => [
      file.slice(0, -4),
      readNpy(contents, `${name}: ${file}`),
    ]),
  );
}
