/** What writes moving pictures: MP4 (`mp4.ts`), GIF (`gif.ts`) or a folder of PNG (`png.ts`). */
import type { Frame } from "../../env/api.ts";

export interface VideoOptions {
  /** Pixels; every frame must have this size. */
  width: number;
  height: number;
  /** Frames a second. */
  fps: number;
}

/**
 * Takes frames in order. The file gets its name only in `finish`; until then, and after `abort`, what stood under the
 * name before is untouched.
 */
export interface VideoWriter {
  /** Adds a frame; its data is read before the promise resolves and not kept. */
  add(frame: Frame): Promise<void>;
  finish(): Promise<void>;
  /** Gives up and removes what was written. Doing so after `finish` does nothing. */
  abort(): Promise<void>;
}
