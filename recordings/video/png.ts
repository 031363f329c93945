/** PNG pictures, and a folder of them as a video that any tool can take apart. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import type { Frame } from "../../env/api.ts";
import { TritrackError } from "../../env/errors.ts";
import { temporaryName } from "../files/atomic.ts";
import type { VideoWriter } from "./video-writer.ts";

/** The bytes of a PNG file: RGB, 8 bits, lossless. */
export function encodePng(frame: Frame): Uint8Array {
  const { width, height, data } = frame;
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  // No row filter: flat colours deflate best as they are, and it is the fastest.
  return PNG.sync.write(png, { colorType: 2, inputColorType: 2, inputHasAlpha: false, filterType: 0 });
}

/**
 * Begins a folder of pictures `000000.png`, `000001.png`, …, which is there once `finish` has ended.
 * @throws TritrackError where the folder holds anything
 */
export function openPngFolder(path: string): VideoWriter {
  if (existsSync(path) && readdirSync(path).length > 0)
    throw new TritrackError(`${path}: expected a new or empty folder for the pictures`);
  const temporary = temporaryName(path);
  mkdirSync(temporary, { recursive: true });
  let count = 0;
  return {
    async add(frame) {
      writeFileSync(join(temporary, `${String(count++).padStart(6, "0")}.png`), encodePng(frame));
    },
    async finish() {
      rmSync(path, { recursive: true, force: true });
      renameSync(temporary, path);
    },
    async abort() {
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}
