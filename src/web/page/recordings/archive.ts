/** Many recordings as one zip file, and out of one. */
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { CorruptFile } from "../../../../env/errors.ts";
import { EPISODE_SUFFIX } from "../../../../recordings/episode.ts";
import { recordingNameOf } from "./describe.ts";

/** Unpacked, one recording is at most this big: bytes. Over five hours of driving are less. */
const MOST_BYTES = 32 << 20;

/** @param texts contents of `.episode.json` files by the recording's name */
export function pack(texts: ReadonlyMap<string, string>): Uint8Array<ArrayBuffer> {
  const files = [...texts].map(([name, text]) => [name + EPISODE_SUFFIX, strToU8(text)] as const);
  // No date but the oldest that zip knows: the same recordings, the same bytes.
  return Uint8Array.from(zipSync(Object.fromEntries(files), { mtime: "1980-01-01" }));
}

/**
 * The recordings in a zip file, by name, in whatever folders they lie; other files are passed over.
 * @throws CorruptFile when it is no zip file, or has none
 */
export function unpack(bytes: Uint8Array, what: string): Map<string, string> {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => recordingNameOf(name) !== null && originalSize <= MOST_BYTES,
    });
  } catch {
    throw new CorruptFile(`${what} is not a zip file, or damaged`);
  }
  const texts = Object.entries(files).map(
    ([path, data]) => [recordingNameOf(path)!, strFromU8(data)] as const,
  );
  if (texts.length === 0) throw new CorruptFile(`${what} holds no recording (NAME${EPISODE_SUFFIX})`);
  return new Map(texts);
}
