/** The contract of everything that writes moving pictures: MP4 (`mp4.ts`), GIF (`gif.ts`), a folder of PNG (`png.ts`). */
import type { Frame } from "../../env/api.ts";

/** Size and speed of a video. */
export interface VideoOptions {
  /** Width of every frame, pixels. */
  width: number;
  /** Height of every frame, pixels. */
  height: number;
  /** Frames a second, above 0; a GIF has at most 50. */
  fps: number;
}

/**
 * Takes frames in order. The file gets its name only in `finish`; until then, and after `abort`, what stood under the
 * name before is untouched.
 */
export interface VideoWriter {
  /** Adds a frame; its data is read before the promise resolves and not kept. */
  add(frame: Frame): Promise<void>;
  /** Ends the video and gives it its name. */
  finish(): Promise<void>;
  /** Gives up and removes what was written. Doing so after `finish` does nothing. */
  abort(): Promise<void>;
}
