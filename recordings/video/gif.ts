/**
 * GIF, written by gifenc: it plays everywhere, but has at most 256 colours a frame and durations in hundredths of a second.
 * Frames of CarRacing have few colours, so the loss is small; the files are several times an MP4's.
 */
import { createRequire } from "node:module";
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";
import { writeFileAtomic } from "../files/atomic.ts";
import type { VideoOptions, VideoWriter } from "./video-writer.ts";

// `require`, since how this CommonJS bundle is imported differs between loaders.
const { GIFEncoder, applyPalette, quantize } = createRequire(import.meta.url)(
  "gifenc",
) as typeof import("gifenc");

/** The shortest duration that browsers honour is 2 hundredths of a second. */
const MAX_GIF_FPS = 50;

/**
 * Begins the GIF file `path`, which is there once `finish` has ended.
 * @throws {@link InvalidOption} on more than 50 frames a second
 */
export function openGif(path: string, options: VideoOptions): VideoWriter {
  const { width, height, fps } = options;
  if (fps > MAX_GIF_FPS)
    throw new InvalidOption(`fps: expected at most ${MAX_GIF_FPS} in a GIF, got ${describe(fps)}`);
  const gif = GIFEncoder();
  const rgba = new Uint8Array(width * height * 4).fill(255);
  let count = 0;
  return {
    async add(frame) {
      for (let from = 0, to = 0; from < frame.data.length; from += 3, to += 4) {
        rgba[to] = frame.data[from];
        rgba[to + 1] = frame.data[from + 1];
        rgba[to + 2] = frame.data[from + 2];
      }
      const palette = quantize(rgba, 256);
      // Durations are rounded so that they add up: frame n ends at the whole hundredth nearest to (n + 1) / fps.
      const hundredths = Math.round(((count + 1) * 100) / fps) - Math.round((count * 100) / fps);
      count++;
      gif.writeFrame(applyPalette(rgba, palette), width, height, { palette, delay: hundredths * 10 });
    },
    async finish() {
      gif.finish();
      writeFileAtomic(path, gif.bytesView());
    },
    async abort() {
      gif.reset();
    },
  };
}
