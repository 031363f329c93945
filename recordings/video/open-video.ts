/** Begins the video that a file name asks for. */
import { existsSync } from "node:fs";
import { dirname, extname } from "node:path";
import { describe } from "../../env/describe.ts";
import { InvalidOption, TritrackError } from "../../env/errors.ts";
import { sweepTemporaries } from "../files/atomic.ts";
import { openGif } from "./gif.ts";
import { openMp4 } from "./mp4.ts";
import { openPngFolder } from "./png.ts";
import type { VideoOptions, VideoWriter } from "./video-writer.ts";

/** Formats of video: H.264 in MP4, GIF, or a folder of PNG pictures. */
export type VideoFormat = "mp4" | "gif" | "png";

/** Suffixes that say what a file is, not how a folder is named: `.webm`, `.mkv`, but not the `.2` of "run-1.2". */
const FILE_SUFFIX = /^\.[a-z]\w{1,4}$/;

/**
 * Begins a video.
 * @param path of the file, or of the folder for pictures, which must be new or empty
 * @param format default: what the path says, `NAME.mp4`, `NAME.gif`, or another name for a folder of PNG pictures
 * @throws InvalidOption on the suffix of another kind of file, and on rates that the format does not have; TritrackError
 * where the folder above is missing
 */
export async function openVideo(
  path: string,
  options: VideoOptions,
  format: VideoFormat = formatOf(path),
): Promise<VideoWriter> {
  if (!(options.fps > 0 && options.fps < Number.POSITIVE_INFINITY))
    throw new InvalidOption(`fps: expected a number above 0, got ${describe(options.fps)}`);
  if (!existsSync(dirname(path))) throw new TritrackError(`there is no folder ${dirname(path)}`);
  sweepTemporaries(path);
  if (format === "mp4") return openMp4(path, options);
  return format === "gif" ? openGif(path, options) : openPngFolder(path);
}

function formatOf(path: string): VideoFormat {
  const suffix = extname(path).toLowerCase();
  if (suffix === ".mp4") return "mp4";
  if (suffix === ".gif") return "gif";
  if (FILE_SUFFIX.test(suffix))
    throw new InvalidOption(`${path}: expected NAME.mp4, NAME.gif or a folder for PNG pictures`);
  return "png";
}
