/** The writer that a file name asks for. */
import { existsSync } from "node:fs";
import { dirname, extname } from "node:path";
import { InvalidOption, TritrackError } from "../../env/errors.ts";
import { openGif } from "./gif.ts";
import { openMp4 } from "./mp4.ts";
import { openPngFolder } from "./png.ts";
import type { VideoOptions, VideoWriter } from "./video-writer.ts";

/** @param path `NAME.mp4`, `NAME.gif`, or a name without extension for a folder of PNG pictures */
export async function openVideo(path: string, options: VideoOptions): Promise<VideoWriter> {
  const extension = extname(path).toLowerCase();
  if (![".mp4", ".gif", ""].includes(extension))
    throw new InvalidOption(`cannot write ${path}: expected NAME.mp4, NAME.gif or a folder for PNG pictures`);
  if (!(options.fps > 0)) throw new InvalidOption(`fps must be above 0, not ${options.fps}`);
  if (!existsSync(dirname(path))) throw new TritrackError(`there is no folder ${dirname(path)}`);
  if (extension === ".mp4") return openMp4(path, options);
  return extension === ".gif" ? openGif(path, options) : openPngFolder(path);
}
