/** Zip files of recordings. */
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { CorruptFile } from "../../../../env/errors.ts";
import { EPISODE_SUFFIX } from "../../../../recordings/episode.ts";
import { MAX_RECORDING_BYTES } from "../../shared/recordings.ts";
import { recordingNameOf } from "./describe.ts";

/** Largest total size of the recordings in a zip file, unpacked: bytes. */
const MAX_UNPACKED_BYTES = 512 << 20;

/**
 * Packs recordings.
 * @param texts contents of `.episode.json` files by the recordings' names
 */
export function pack(texts: ReadonlyMap<string, string>): Uint8Array<ArrayBuffer> {
  const files = [...texts].map(([name, text]) => [name + EPISODE_SUFFIX, strToU8(text)] as const);
  // The earliest date of the format: the same recordings give the same bytes.
  return Uint8Array.from(zipSync(Object.fromEntries(files), { mtime: "1980-01-01" }));
}

/**
 * The recordings of a zip file by name, from all of its folders. Other files are skipped.
 * @param what name of the zip file, for errors
 * @throws CorruptFile if it is not a zip file, holds no recording, or unpacks to more than 512 MB
 */
export function unpack(bytes: Uint8Array, what: string): Map<string, string> {
  let files: Record<string, Uint8Array>;
  let total = 0;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (recordingNameOf(name) === null || originalSize > MAX_RECORDING_BYTES) return false;
        total += originalSize;
        return total <= MAX_UNPACKED_BYTES;
      },
    });
  } catch {
    throw new CorruptFile(`${what}: expected a zip file, got something else or a damaged one`);
  }
  if (total > MAX_UNPACKED_BYTES)
    throw new CorruptFile(`${what}: expected up to ${MAX_UNPACKED_BYTES >> 20} MB of recordings, got more`);
  const texts = Object.entries(files).map(
    ([path, data]) => [recordingNameOf(path)!, strFromU8(data)] as const,
  );
  if (texts.length === 0)
    throw new CorruptFile(`${what}: expected recordings (NAME${EPISODE_SUFFIX}) of up to 32 MB, got none`);
  return new Map(texts);
}
