/**
 * HDF5 files in memory. The library is the HDF5 Group's own, compiled to WebAssembly; its files lie in a file system of
 * its own in which there is nothing else, so that a file whose links, external data or virtual datasets name other
 * files finds none.
 */
import h5wasm, { type Dataset, type File, Group } from "h5wasm";

let files = 0;

async function start() {
  const { FS, activate_throwing_error_handler } = await h5wasm.ready;
  activate_throwing_error_handler(); // instead of reports on stderr
  return { FS, path: `/${files++}.hdf5` };
}

/** Builds a file. @returns its bytes */
export async function buildHdf5(build: (file: File) => Promise<void>): Promise<Uint8Array> {
  const { FS, path } = await start();
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

/** Lets `read` look into a file's bytes, and takes the file away again. */
export async function readHdf5<T>(bytes: Uint8Array, read: (file: File) => Promise<T>): Promise<T> {
  const { FS, path } = await start();
  FS.writeFile(path, bytes);
  let file: File | undefined;
  try {
    file = new h5wasm.File(path, "r");
    return await read(file);
  } finally {
    file?.close();
    FS.unlink(path);
  }
}

/** A dataset below a group, or null when there is none. */
export function datasetAt(group: Group, name: string): Dataset | null {
  const entity = group.keys().includes(name) ? group.get(name) : null;
  return entity instanceof h5wasm.Dataset ? entity : null;
}

export { type File, Group };
