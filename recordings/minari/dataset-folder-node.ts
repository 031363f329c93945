/**
 * Minari's datasets on disk: `ROOT/NAMESPACE/NAME-v0/data/`. Minari lists a dataset only where its place below the root
 * is the name in its metadata, and knows the root from the variable MINARI_DATASETS_PATH, or takes `~/.minari/datasets`.
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { InvalidOption } from "../../env/errors.ts";
import { makeFolder, writeFileAtomic } from "../files/atomic.ts";
import { type FileSource, openFileSource, readBoundedFile } from "../files/file-source.ts";
import { MAX_METADATA_BYTES, type MinariDataset } from "./minari.ts";

const DATA = "main_data.hdf5";
const METADATA = "metadata.json";
/** What Minari keeps in the folder of a namespace. */
const NAMESPACE = "namespace_metadata.json";

/** A dataset on disk, its data not yet read. */
export interface MinariFolder {
  /** Name of its folder. */
  name: string;
  /** `main_data.hdf5`, open. */
  data: FileSource;
  /** Text of metadata.json. */
  metadata: string;
  /** Closes the data. */
  close(): void;
}

/**
 * Opens a dataset.
 * @param path its folder, the folder `data` in it, or `main_data.hdf5`
 * @returns null where there is none; one in another format than HDF5 comes with no data, for its metadata to say so
 * @throws TritrackError where its files cannot be read
 */
export function openMinariFolder(path: string): MinariFolder | null {
  const folders = [join(path, "data"), path, dirname(path)];
  const folder = [DATA, METADATA]
    .flatMap((file) => folders.map((at) => ({ at, file })))
    .find(({ at, file }) => existsSync(join(at, file)))?.at;
  if (!folder) return null;
  const at = resolve(folder);
  const name = basename(basename(at) === "data" ? dirname(at) : at);
  const metadata = readBoundedFile(join(at, METADATA), MAX_METADATA_BYTES).toString("utf8");
  if (!existsSync(join(at, DATA))) {
    const data = { size: 0, read: () => new Uint8Array(0), close() {} };
    return { name, data, metadata, close() {} };
  }
  const data = openFileSource(join(at, DATA));
  return { name, data, metadata, close: () => data.close() };
}

/** Place of a dataset among Minari's. */
export interface MinariPlace {
  /** Minari's folder, absolute. */
  root: string;
  /** Place below it, with slashes: "me/laps-v0". */
  id: string;
}

/**
 * The place of a dataset to be. Its root is, in this order: the one given; MINARI_DATASETS_PATH or `~/.minari/datasets`
 * where the folder lies below; the folder above those that are Minari's namespaces; the nearest existing folder above
 * if that holds nothing but datasets, or nothing at all and there is one new folder; else, of new folders on the way the
 * first, and without any the folder above the dataset.
 * @param out the dataset's folder
 * @param root Minari's folder, where it is known
 * @returns the place, and the command that lists it
 * @throws InvalidOption where the dataset does not lie below the given root
 */
export function minariPlace(out: string, root?: string): MinariPlace & { command: string } {
  const at = resolve(out);
  const usual = join(homedir(), ".minari", "datasets");
  if (root !== undefined && !isBelow(at, resolve(root)))
    throw new InvalidOption(`--root ${root}: expected a folder above ${out}`);
  const set = process.env.MINARI_DATASETS_PATH;
  const known = [root, set, usual].find((path) => path !== undefined && isBelow(at, resolve(path)));
  const found = known === undefined ? guessRoot(at) : resolve(known);
  const isFound = found === resolve(set ?? usual);
  return {
    root: found,
    id: relative(found, at).replaceAll("\\", "/"),
    command: `${isFound ? "" : `MINARI_DATASETS_PATH=${found} `}minari list local`,
  };
}

function isBelow(path: string, folder: string): boolean {
  const place = relative(folder, path);
  return place !== "" && !place.startsWith("..") && resolve(folder, place) === path;
}

function guessRoot(at: string): string {
  let folder = dirname(at);
  const fresh: string[] = [];
  for (; !existsSync(folder); folder = dirname(folder)) fresh.unshift(folder);
  if (existsSync(join(folder, NAMESPACE))) {
    while (existsSync(join(folder, NAMESPACE))) folder = dirname(folder);
    return folder;
  }
  if (fresh.length === 0) return folder;
  const names = readdirSync(folder);
  const isMinaris = names.every((name) =>
    ["data", NAMESPACE].some((file) => existsSync(join(folder, name, file))),
  );
  // An empty folder is the root of a dataset with one namespace; of two new folders the first is more likely made for it.
  const isRoot = names.length > 0 ? isMinaris : fresh.length === 1;
  return isRoot ? folder : fresh[0];
}

/**
 * Writes a dataset to its place. Folders on the way become Minari's namespaces.
 * @throws the system's error, which names the file
 */
export function writeMinariFolder({ root, id }: MinariPlace, { data, metadata }: MinariDataset): void {
  const folder = join(root, id, "data");
  makeFolder(folder);
  for (let at = dirname(join(root, id)); at !== root; at = dirname(at)) {
    const file = join(at, NAMESPACE);
    if (!existsSync(file)) writeFileSync(file, "{}");
  }
  writeFileAtomic(join(folder, DATA), data);
  writeFileAtomic(join(folder, METADATA), metadata);
}
